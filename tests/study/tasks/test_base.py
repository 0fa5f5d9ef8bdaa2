"""What tasks are made of."""

import numpy as np
import pytest

from rnnbench.study.tasks.base import Metric


@pytest.mark.parametrize(("higher_is_better", "met"), [(True, [False, True, True, False]), (False, [True, True, False, False])])
def test_a_target_is_met_from_the_better_side_and_by_what_is_equal(higher_is_better, met):
    metric = Metric("m", "m", higher_is_better, 0.0, 1.0)
    assert metric.meets(np.array([0.1, 0.5, 0.9, np.nan]), 0.5).tolist() == met

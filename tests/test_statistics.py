import numpy as np
import pytest
from scipy import stats

from rnnbench.statistics import interquartile_mean, summarise

HOW = {"confidence": 0.95, "resamples": 500, "seed": 1}


def test_interquartile_mean_leaves_out_the_outer_quarters():
    assert interquartile_mean(np.array([-1e9, 1, 2, 3, 4, 5, 6, 1e9])) == 3.5


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = [s.low <= 0 <= s.high for s in (summarise(rng.normal(size=30), 1, **HOW) for _ in range(200))]
    assert 0.88 <= np.mean(hits) <= 0.99


def test_a_diverged_replicate_counts_as_the_worst():
    values = np.array([0.1, 0.2, 0.1, np.nan])
    assert summarise(values, 1.0, **HOW).iqm == pytest.approx(stats.trim_mean([0.1, 0.2, 0.1, 1.0], 0.25))
    assert summarise(np.full(4, np.nan), 1.0, **HOW).iqm == 1.0


def test_curves_are_summarised_point_by_point():
    values = np.random.default_rng(0).normal(size=(8, 3))
    whole = summarise(values, 1, **HOW)
    assert whole.iqm.shape == whole.low.shape == (3,)
    assert (whole.low < whole.iqm).all() and (whole.iqm < whole.high).all()


def test_one_replicate_has_no_interval():
    summary = summarise(np.array([0.3]), 1, **HOW)
    assert summary.iqm == 0.3 and np.isnan(summary.low) and np.isnan(summary.high)


def test_equal_replicates_have_an_interval_of_no_width():
    summary = summarise(np.full(5, 0.25), 1, **HOW)
    assert summary.low == summary.iqm == summary.high == 0.25

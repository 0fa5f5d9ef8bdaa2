"""How the report writes numbers."""

import pytest

from rnnbench.study.report.phrases import supported


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (0.0645, 0.0583, 0.0713, "0.065"),
        (0.5, 0.3, 0.9, "0.5"),
        (0.9476, 0.9475, 0.9477, "0.948"),
        (2.2e-4, 1.8e-4, 3.3e-4, "0.0002"),
        (0.0, -0.1, 0.1, "0.0"),
        (0.25, 0.25, 0.25, "0.25"),
        (0.25, float("nan"), float("nan"), "0.25"),
    ],
)
def test_a_value_has_the_digits_that_its_interval_supports_and_is_not_0_unless_it_is(value, low, high, words):
    assert supported(value, low, high) == words

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rnnbench.study.analysis.statistics import (
    interquartile_mean,
    interquartile_mean_over_tasks,
    probability_of_improvement,
    summarise,
)

HOW = {"confidence": 0.95, "resamples": 500, "seed": 1}


def test_interquartile_mean_leaves_out_the_outer_quarters():
    assert interquartile_mean(np.array([-1e9, 1, 2, 3, 4, 5, 6, 1e9])) == 3.5


@given(st.integers(1, 40), st.integers(0, 1), st.integers(0, 99))
def test_interquartile_mean_is_scipys_trimmed_mean(replicates, axis, seed):
    values = np.random.default_rng(seed).normal(size=(replicates, 3) if axis == 0 else (3, replicates))
    np.testing.assert_allclose(interquartile_mean(values, axis), stats.trim_mean(values, 0.25, axis=axis), rtol=1e-12, atol=1e-15)


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


def test_a_task_counts_the_same_however_many_replicates_it_has():
    few, many = np.array([0.0, 0.1, 0.2, 0.3]), np.linspace(0.8, 1, 40)
    found = interquartile_mean_over_tasks([few, many], **HOW)
    assert found.value == pytest.approx((0.15 + 0.9) / 2) and found.low < found.value < found.high


def test_the_interval_over_tasks_is_of_replicates_within_each():
    tasks = [np.full(5, 0.2), np.full(5, 0.8)]
    assert interquartile_mean_over_tasks(tasks, **HOW) == pytest.approx((0.5, 0.5, 0.5))


VALUES = st.lists(st.integers(-5, 5), min_size=2, max_size=6).map(np.array)


@given(VALUES, VALUES)
def test_improvement_is_the_mann_whitney_statistic_over_its_largest(x, y):
    found = probability_of_improvement([x], [y], **{**HOW, "resamples": 20})
    assert found.value == pytest.approx(stats.mannwhitneyu(x, y).statistic / (len(x) * len(y)))
    assert 0 <= found.low <= found.high <= 1


@given(VALUES, VALUES)
def test_improvement_turned_around_is_the_rest(x, y):
    one, other = (probability_of_improvement([a], [b], **{**HOW, "resamples": 20}).value for a, b in ((x, y), (y, x)))
    assert one + other == pytest.approx(1)


def test_improvement_is_averaged_over_tasks():
    low, high = np.array([0.0, 0.1]), np.array([1.0, 1.1, 1.2])
    assert probability_of_improvement([high], [low], **HOW) == (1, 1, 1)
    assert probability_of_improvement([high, low], [low, high], **HOW).value == 0.5
    assert probability_of_improvement([low, high], [low, low], **HOW).value == 0.75


def test_one_replicate_in_any_task_has_no_interval():
    found = probability_of_improvement([np.array([1.0]), np.ones(3)], [np.array([0.0]), np.zeros(3)], **HOW)
    assert found.value == 1 and np.isnan(found.low) and np.isnan(found.high)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from rnnbench.study.analysis.paired import POWER, detectable, difference, equivalence, equivalence_power, holm

REFERENCE = np.random.default_rng(0).normal(size=12)
VALUES = st.lists(st.integers(-20, 20), min_size=5, max_size=5).map(lambda values: np.array(values) / 8)


def shifted(by, noise=0.1, seed=1):
    return REFERENCE + by + noise * np.random.default_rng(seed).normal(size=len(REFERENCE))


def test_a_paired_difference_is_that_of_the_t_test():
    found, known = difference(shifted(0.2), REFERENCE, 0.95), stats.ttest_rel(shifted(0.2), REFERENCE)
    assert found.p == pytest.approx(known.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval(0.95)))


@given(VALUES, VALUES)
def test_a_difference_turned_around_is_its_negative(x, y):
    one, other = difference(x, y, 0.95), difference(y, x, 0.95)
    np.testing.assert_allclose([one.mean, one.low, one.high, one.p], [-other.mean, -other.high, -other.low, other.p], atol=1e-12)


@given(VALUES, VALUES)
def test_interval_and_p_value_never_disagree(x, y):
    found = difference(x, y, 0.95)
    assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


@pytest.mark.parametrize(
    ("values", "margin", "verdict"),
    [
        (shifted(0), 0.2, "equivalent"),
        (shifted(0.1), 0.2, "equivalent"),  # a difference there is, within the margin
        (shifted(0.2), 0.2, "not shown"),
        (shifted(0, noise=2), 0.2, "not shown"),
        (shifted(0.5), 0.2, "different"),
        (shifted(-0.5), 0.2, "different"),
    ],
)
def test_equivalence_is_decided_only_where_the_data_decide(values, margin, verdict):
    found = equivalence(values, REFERENCE, margin, 0.95)
    assert found.verdict == verdict
    paired = values - REFERENCE
    one_sided = [stats.ttest_1samp(paired, m, alternative=a).pvalue for m, a in ((-margin, "greater"), (margin, "less"))]
    assert found.p == pytest.approx(max(one_sided))
    assert (found.low, found.high) == pytest.approx(tuple(stats.ttest_1samp(paired, 0).confidence_interval(0.9)))


@given(VALUES, VALUES, st.floats(0.01, 3))
def test_equivalent_is_an_interval_within_the_margin(x, y, margin):
    found = equivalence(x, y, margin, 0.95)
    assert (found.verdict == "equivalent") == (-margin < found.low and found.high < margin)


def test_a_difference_as_large_as_the_margin_is_seldom_called_equivalent():
    rng = np.random.default_rng(0)
    called = [equivalence(rng.normal(0.5, 1, 20), np.zeros(20), 0.5, 0.95).verdict for _ in range(500)]
    assert called.count("equivalent") / 500 < 0.08 and called.count("different") / 500 < 0.08


def test_identical_replicates_are_equivalent_and_not_different():
    assert difference(REFERENCE, REFERENCE, 0.95) == (0, 0, 0, 1)
    assert difference(REFERENCE + 1e-15, REFERENCE, 0.95) == (0, 0, 0, 1)
    assert equivalence(REFERENCE, REFERENCE, 0.01, 0.95) == (0, 0, 0, 0, "equivalent")


@pytest.mark.parametrize(("values", "reference"), [(REFERENCE[:1] + 1, REFERENCE[:1]), (REFERENCE + 1, REFERENCE)])
def test_nothing_is_shown_without_any_spread(values, reference):
    found = difference(values, reference, 0.95)
    assert found.mean == pytest.approx(1) and np.isnan([found.low, found.high, found.p]).all()
    for margin in (0.5, 2):
        assert equivalence(values, reference, margin, 0.95).verdict == "not shown"


def test_holm_against_known_values():
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(holm(np.array([0.01, np.nan, 0.02])), [0.02, np.nan, 0.02])
    assert np.isnan(holm(np.array([np.nan]))).all() and len(holm(np.array([]))) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_a_correction_never_lowers_a_p_value_nor_changes_their_order(p):
    corrected = holm(np.array(p))
    assert (corrected >= np.array(p)).all() and (np.diff(corrected[np.argsort(p)]) >= 0).all()
    assert (corrected <= np.minimum(1, len(p) * np.array(p))).all()


def test_holm_is_that_of_statsmodels():
    rng = np.random.default_rng(0)
    for count in (1, 2, 5, 30):
        p = rng.random(count).round(1) ** 3  # with ties
        np.testing.assert_array_equal(holm(p), multipletests(p, method="holm")[1])


def of_spread_one(count, seed=3):
    values = np.random.default_rng(seed).normal(size=count)
    return (values - values.mean()) / values.std(ddof=1)


@pytest.mark.parametrize(("count", "tests"), [(8, 1), (32, 6)])
def test_a_detectable_difference_is_shown_in_nine_of_ten_studies(count, tests):
    least = detectable(of_spread_one(count), np.zeros(count), 0.95, tests)
    studies = least + np.random.default_rng(4).normal(size=(4000, count))
    shown = stats.ttest_1samp(studies, 0, axis=1).pvalue <= 0.05 / tests
    assert shown.mean() == pytest.approx(POWER, abs=0.02)


@pytest.mark.parametrize("margin", [0.6, 0.9])
def test_the_power_of_equivalence_is_that_of_simulated_studies(margin):
    told = equivalence_power(of_spread_one(20), np.zeros(20), margin, 0.95)
    studies = np.random.default_rng(5).normal(size=(1500, 20))
    shown = np.mean([equivalence(values, np.zeros(20), margin, 0.95).verdict == "equivalent" for values in studies])
    assert told <= shown + 0.03 and shown == pytest.approx(told, abs=0.05)


def test_power_where_nothing_varies_or_nothing_is_known():
    same, one = np.ones(5), np.ones(1)
    assert detectable(same, same, 0.95) == 0 and equivalence_power(same, same, 0.1, 0.95) == 1
    assert np.isnan(detectable(one, one, 0.95)) and np.isnan(equivalence_power(one, one, 0.1, 0.95))


def test_variants_of_different_numbers_of_replicates_are_paired_where_both_have_them():
    longer = np.r_[shifted(0.2), 100.0, -100.0]
    assert difference(longer, REFERENCE, 0.95) == difference(shifted(0.2), REFERENCE, 0.95)
    assert equivalence(longer, REFERENCE, 0.5, 0.95) == equivalence(shifted(0.2), REFERENCE, 0.5, 0.95)

"""Two variants on the same data: what is shown of their difference, replicate by replicate.

Intervals of a mean difference are Student's t, so that interval and test never disagree. At 3, 5 and 8 replicates of normal
data without a difference, 25 %, 17 % and 12 % of the percentile bootstrap's 95 % intervals leave out zero (simulated).

Sources: D. J. Schuirmann, A comparison of the two one-sided tests procedure and the power approach for assessing the
equivalence of average bioavailability, J. Pharmacokinetics and Biopharmaceutics 15 (1987); S. Holm, A simple sequentially
rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
"""

from typing import NamedTuple

import numpy as np
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import DescrStatsW, ttost_paired

from rnnbench.arrays import Array
from rnnbench.study.analysis.outcomes import Closeness

POWER = 0.9
"""The chance with which a difference is to be shown that counts as within reach of a design."""
ROUNDING = 1e-12
"""Differences that vary by no more do not vary: a t test has nothing to measure them by."""


class Difference(NamedTuple):
    """A mean difference, its interval, and the p-value of the paired t test that there is none."""

    mean: float
    low: float
    high: float
    p: float


class Equivalence(NamedTuple):
    """A mean difference, the interval of level 1 - 2 alpha, the p-value of the two one-sided tests, and what they decide."""

    mean: float
    low: float
    high: float
    p: float
    verdict: Closeness


def common(values: Array, reference: Array) -> tuple[Array, Array]:
    """Both at the replicates that both have, which are the first ones."""
    count = min(len(values), len(reference))
    return values[:count], reference[:count]


def difference(values: Array, reference: Array, confidence: float) -> Difference:
    """The mean of values - reference over the replicates that both have, (replicate,) each, with nothing missing.

    Values equal to rounding have a difference of 0, an interval of no width and p = 1. With fewer than two replicates, or where
    all differ by the same amount (which happens by chance where few values are possible), interval and p are NaN: nothing is
    shown.
    """
    values, reference = common(values, reference)
    paired = values - reference
    if len(paired) < 2:
        return Difference(float(paired.mean()) if len(paired) else np.nan, np.nan, np.nan, np.nan)
    if np.abs(paired).max() <= ROUNDING:
        return Difference(0.0, 0.0, 0.0, 1.0)
    mean = float(paired.mean())
    if np.ptp(paired) <= ROUNDING:
        return Difference(mean, np.nan, np.nan, np.nan)
    described = DescrStatsW(paired)
    low, high = described.tconfint_mean(1 - confidence)
    return Difference(mean, float(low), float(high), float(described.ttest_mean(0)[1]))


def interval_level(confidence: float) -> float:
    """1 - 2 alpha, the level of the interval that two one-sided tests at alpha = 1 - confidence go with."""
    return round(2 * confidence - 1, 12)


def equivalence(values: Array, reference: Array, margin: float, confidence: float) -> Equivalence:
    """Two one-sided paired t tests at alpha = 1 - confidence of a mean difference within +-margin.

    Equivalent: the interval of level 1 - 2 alpha lies within the margin. Different: it lies outside. Not shown: neither.
    """
    alpha = 1 - confidence
    values, reference = common(values, reference)
    mean, low, high, p = difference(values, reference, 1 - 2 * alpha)
    if not np.isnan(p):
        p = 0.0 if low == high else float(ttost_paired(values, reference, -margin, margin)[0])
    if p <= alpha:
        verdict = Closeness.EQUIVALENT
    elif low > margin or high < -margin:
        verdict = Closeness.DIFFERENT
    else:
        verdict = Closeness.NOT_SHOWN
    return Equivalence(mean, low, high, p, verdict)


def _paired(values: Array, reference: Array) -> tuple[int, float]:
    """How many replicates both have, and the standard deviation of their differences; 0 to rounding, NaN with fewer than two."""
    values, reference = common(values, reference)
    if len(values) < 2:
        return len(values), np.nan
    spread = float((values - reference).std(ddof=1))
    return len(values), 0.0 if spread <= ROUNDING else spread


def detectable(values: Array, reference: Array, confidence: float, tests: int = 1) -> float:
    """The mean difference that a paired t test of as many replicates, of this spread, shows with a chance of POWER.

    tests: of the family; the level is that of the smallest of their p-values. NaN with fewer than two replicates, 0 where nothing
    varies.
    """
    count, spread = _paired(values, reference)
    if not spread > 0:
        return spread
    return spread * float(TTestPower().solve_power(None, nobs=count, alpha=(1 - confidence) / tests, power=POWER))


def equivalence_power(values: Array, reference: Array, margin: float, confidence: float) -> float:
    """The chance that two one-sided tests show equivalence where there is no difference, at this spread and so many replicates.

    By the noncentral t distribution of either test, as if they were independent (K. F. Phillips, J. Pharmacokinetics and
    Biopharmaceutics 18 (1990)), which is a lower bound. NaN with fewer than two replicates.
    """
    count, spread = _paired(values, reference)
    if not spread > 0:
        return 1.0 if spread == 0 else np.nan
    one_sided = TTestPower().power(margin / spread, count, 1 - confidence, alternative="larger")
    return max(0.0, 2 * float(one_sided) - 1)


def holm(p: Array) -> Array:
    """p-values of several tests, corrected so that all of them together err with the chance of one. NaN stays, uncounted."""
    known = np.flatnonzero(~np.isnan(p))
    ascending = known[np.argsort(p[known])]
    corrected = np.full(len(p), np.nan)
    corrected[ascending] = np.minimum(1, np.maximum.accumulate(p[ascending] * np.arange(len(known), 0, -1)))
    return corrected

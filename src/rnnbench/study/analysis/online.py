"""The rules of online learning held against each other: those of one recipe, what they cost, and what alignment is good for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rnnbench.arrays import Array
from rnnbench.study.analysis.comparisons import Endings
from rnnbench.study.analysis.outcomes import Closeness
from rnnbench.study.analysis.paired import equivalence
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.probes.quantities import Quantity
from rnnbench.study.settings import ONLINE, TaskSettings

EXPONENTS = {"time": "Int64", "memory": "Int64"}


def standing(table: pd.DataFrame, tasks: Mapping[str, TaskSettings]) -> pd.DataFrame:
    """How far the rules of the table `online` get: a row a rule, the best on average first, a column a task, from 0 to 1."""
    scores = {
        name: tasks[str(name)].kind.normalised(of.set_index("rule")["iqm"]).clip(0, 1)
        for name, of in table.groupby("task", sort=False)
    }
    found = pd.DataFrame(scores)
    return found.loc[found.mean(axis=1).sort_values(ascending=False, kind="stable").index]


def summary(
    final: pd.DataFrame,
    cost: pd.DataFrame,
    rules: pd.DataFrame,
    gradient_cost: pd.DataFrame,
    along: pd.DataFrame,
    ends: Endings,
    tasks: Mapping[str, TaskSettings],
    margins: Mapping[str, float],
    confidence: float,
) -> pd.DataFrame:
    """A row for each task and rule trained in NumPy in the recipe ONLINE, by the first of its variants, if its trial has
    finished: the table `online`.

    rules: the table of that name. along: as `probes.beside_exact` gives it. iqm, low, high: the task's first metric on test
    data. cosine, squared_bias, variance: of one draw, the mean over the later three quarters of the exact run, of
    which the median over replicates, for the squared bias their mean with its standard error; missing where the rule is exact
    or its network another. microseconds: of an update and replicate. bytes: peak memory of one gradient of one sequence,
    measured at the size of the sweep nearest to the task's. as_good: whether it ends within the task's margin of the exact
    rule, paired by replicate, as `paired.equivalence` says; untested where there is no margin or no exact rule.
    """
    rows = []
    known = rules.set_index("rule")
    trained = cost[(cost["library"] == "numpy") & cost["gradient"].isin(known.index)].set_index(["task", "variant"])
    for _, end in final[final["recipe"] == ONLINE].sort_values("variant").iterrows():
        task = tasks[end["task"]]
        if end["metric"] != task.kind.metrics[0].name or (task.name, end["variant"]) not in trained.index:
            continue
        run = trained.loc[(task.name, end["variant"])]
        rule = known.loc[run["gradient"]]
        told = [end[column] for column in ("metric", "iqm", "low", "high", "replicates")]
        beside = along[(along["task"] == task.name) & (along["rule"] == run["gradient"])]
        spent = run["microseconds_per_update"], _bytes(gradient_cost, run["gradient"], max(task.network.hidden))
        rows.append(
            (
                task.name,
                run["gradient"],
                end["variant"],
                *rule[["claim", "time", "memory"]],
                *told,
                *_late(beside),
                *spent,
                Closeness.UNTESTED,
            )
        )
    table = pd.DataFrame(rows, columns=columns("online")).drop_duplicates(["task", "rule"]).astype(EXPONENTS)
    for name, of in table.groupby("task"):
        exact = of.loc[of["rule"] == "bptt", "variant"]
        for row in of.index if len(exact) and name in margins else ():
            own, reference = (ends[str(name)][variant] for variant in (of.loc[row, "variant"], exact.iloc[0]))
            table.loc[row, "as_good"] = equivalence(own, reference, margins[str(name)], confidence).verdict
    return table


def _late(beside: pd.DataFrame) -> tuple[float, float, float, float]:
    """Cosine, squared bias with its standard error, and variance of one rule on one task."""
    late = beside[beside["updates"] >= beside["updates"].max() / 4]
    means = late.groupby(["quantity", "replicate"])["value"].mean()
    of = {
        quantity: means.get(quantity, pd.Series(dtype=float))
        for quantity in (Quantity.COSINE, Quantity.SQUARED_BIAS, Quantity.VARIANCE)
    }
    bias = of[Quantity.SQUARED_BIAS]
    return (of[Quantity.COSINE].median(), bias.mean(), bias.std() / np.sqrt(max(1, len(bias))), of[Quantity.VARIANCE].median())


def _bytes(gradient_cost: pd.DataFrame, rule: str, units: int) -> float:
    """Measured at the nearest number of units, NaN where it was not measured."""
    own = gradient_cost[(gradient_cost["sweep"] == "hidden") & (gradient_cost["rule"] == rule)]
    return np.nan if own.empty else float(own["memory_bytes"].iloc[(own["hidden"] - units).abs().argmin()])


def _rank(x: Array, y: Array) -> float:
    """Spearman's correlation, NaN where all of one are alike."""
    return float(stats.spearmanr(x, y).statistic) if np.ptp(x) > 0 and np.ptp(y) > 0 else np.nan


def correlation(table: pd.DataFrame, tasks: Mapping[str, TaskSettings], statistics: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """The table `correlation`, whether alignment predicts performance: Spearman's rank correlation over the rules of a task.

    Of the cosine with the final metric, so oriented that more is better. The interval is a percentile bootstrap over rules;
    resamples of which all have the same cosine are left out (missing, if these are all). Fewer than four rules have no
    correlation worth the name.
    """
    rows = []
    for name, of in table.dropna(subset=["cosine", "iqm"]).groupby("task", sort=False):
        metric = tasks[str(name)].kind.metrics[0]
        if len(of) < 4:
            continue
        pairs = of["cosine"].to_numpy(), of["iqm"].to_numpy() * (1 if metric.higher_is_better else -1)
        rng = np.random.default_rng(seed)
        found = []
        for _ in range(statistics["resamples"]):
            chosen = rng.integers(0, len(of), len(of))
            x, y = (values[chosen] for values in pairs)
            found.append(_rank(x, y))
        found = [rho for rho in found if np.isfinite(rho)]
        tail = (1 - statistics["confidence"]) / 2
        low, high = np.quantile(found, [tail, 1 - tail]) if found else (np.nan, np.nan)
        rows.append((name, metric.name, len(of), _rank(*pairs), low, high))
    return pd.DataFrame(rows, columns=columns("correlation"))

"""The rules of online learning held against each other: those of one recipe, what they cost, and what alignment is good for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rnnbench.gradients import RULES
from rnnbench.settings import TaskSettings

RECIPE = "rules"
"""The recipe that the compared variants follow."""

SUMMARY = ["task", "rule", "variant", "claim", "time", "memory", "metric", "iqm", "low", "high", "replicates"]
SUMMARY += ["cosine", "squared_bias", "variance", "microseconds", "bytes"]
CORRELATION = ["task", "metric", "rules", "rho", "low", "high"]


def summary(
    final: pd.DataFrame,
    cost: pd.DataFrame,
    gradient_cost: pd.DataFrame,
    along: pd.DataFrame,
    tasks: Mapping[str, TaskSettings],
) -> pd.DataFrame:
    """A row a task and rule trained in NumPy in the recipe RECIPE: SUMMARY.

    time, memory: exponents of n by theory. iqm, low, high: the task's first metric on test data. cosine, bias, variance:
    medians over replicates, the middle of the points of the exact run after its start, of one draw; missing where the rule is
    exact or its network another. microseconds: of an update and replicate. bytes: peak memory of one gradient of one sequence,
    measured at the size of the sweep nearest to the task's.
    """
    rows = []
    trained = cost[cost["library"] == "numpy"].set_index(["task", "variant"])
    for _, end in final[final["recipe"] == RECIPE].iterrows():
        task = tasks[end["task"]]
        if end["metric"] != task.kind.metrics[0].name or (task.name, end["variant"]) not in trained.index:
            continue
        run = trained.loc[(task.name, end["variant"])]
        rule = RULES[run["gradient"]]
        beside = along[(along["task"] == task.name) & (along["rule"] == run["gradient"]) & (along["updates"] > 0)]
        middle = beside.groupby("quantity")["median"].median()
        exponents = (np.nan, np.nan) if rule.cost is None else rule.cost
        told = [end[column] for column in ("metric", "iqm", "low", "high", "replicates")]
        aligned = [middle.get(quantity, np.nan) for quantity in ("cosine", "squared bias", "variance")]
        spent = run["microseconds_per_update"], _bytes(gradient_cost, run["gradient"], max(task.network.hidden))
        rows.append((task.name, run["gradient"], end["variant"], rule.claim, *exponents, *told, *aligned, *spent))
    return pd.DataFrame(rows, columns=SUMMARY)


def _bytes(gradient_cost: pd.DataFrame, rule: str, units: int) -> float:
    """Measured at the nearest number of units, NaN where it was not measured."""
    own = gradient_cost[(gradient_cost["sweep"] == "hidden") & (gradient_cost["rule"] == rule)]
    return np.nan if own.empty else float(own["memory_bytes"].iloc[(own["hidden"] - units).abs().argmin()])


def correlation(table: pd.DataFrame, tasks: Mapping[str, TaskSettings], statistics: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """Whether alignment predicts performance: Spearman's rank correlation over the rules of `summary`, by task: CORRELATION.

    Of the cosine with the final metric, so oriented that more is better. The interval is a percentile bootstrap over rules;
    resamples of which all have the same cosine are left out. Fewer than four rules have no correlation worth the name.
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
            if np.ptp(x) > 0 and np.ptp(y) > 0:
                found.append(float(stats.spearmanr(x, y).statistic))
        tail = (1 - statistics["confidence"]) / 2
        low, high = np.quantile(found, [tail, 1 - tail])
        rows.append((name, metric.name, len(of), float(stats.spearmanr(*pairs).statistic), low, high))
    return pd.DataFrame(rows, columns=CORRELATION)

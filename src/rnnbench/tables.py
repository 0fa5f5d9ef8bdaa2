"""From runs to the tables of the report: long or tidy frames, one row a thing, written as CSV under results/tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rnnbench import comparisons, rules
from rnnbench.settings import TaskSettings
from rnnbench.statistics import summarise
from rnnbench.training.run import Run, RunError, check_same_ground


class Tables(NamedTuple):
    """All tables of a study. The first five are made here, the next five by `rnnbench.trial`, the next five by `comparisons`,
    then two by `rnnbench.cost`, one here, one by `rnnbench.trial.along` and the last two by `rules`.
    """

    curves: pd.DataFrame
    final: pd.DataFrame
    replicates: pd.DataFrame
    cost: pd.DataFrame
    gradient_statistics: pd.DataFrame
    verdicts: pd.DataFrame
    paths: pd.DataFrame
    yardstick: pd.DataFrame
    lockstep: pd.DataFrame
    staleness: pd.DataFrame
    comparisons: pd.DataFrame
    equivalence: pd.DataFrame
    scores: pd.DataFrame
    to_target: pd.DataFrame
    ladder: pd.DataFrame
    gradient_cost: pd.DataFrame
    update_cost: pd.DataFrame
    times: pd.DataFrame
    along: pd.DataFrame
    rules: pd.DataFrame
    correlation: pd.DataFrame

    @property
    def oracle_error(self) -> float:
        """The largest relative error of the trial's exact gradient against automatic differentiation; NaN where any is."""
        return float(self.yardstick["relative_error"].max(skipna=False))

    @property
    def double_lockstep(self) -> pd.DataFrame:
        """The rows of NumPy beside Keras in float64, where all that differs is rounding."""
        return self.lockstep[self.lockstep["dtype"] == "float64"]

    def write(self, folder: Path) -> None:
        """One CSV a table, under its name."""
        for name, table in self._asdict().items():
            table.to_csv(folder / f"{name}.csv", index=False)

    @classmethod
    def read(cls, folder: Path) -> "Tables":
        """Read what `write` wrote."""
        tables = {name: pd.read_csv(folder / f"{name}.csv") for name in cls._fields}
        tables["final"] = tables["final"].astype({"solved": "Int64"})
        tables["ladder"] = tables["ladder"].astype({"solved": "Int64", "reached": "Int64"})
        return cls(**tables)


def aggregate(
    runs: Sequence[Run],
    diagnostics: pd.DataFrame,
    verdicts: pd.DataFrame,
    paths: pd.DataFrame,
    yardstick: pd.DataFrame,
    lockstep: pd.DataFrame,
    staleness: pd.DataFrame,
    tasks: Mapping[str, TaskSettings],
    targets: Mapping[str, float],
    margins: Mapping[str, float],
    ladders: Mapping[str, Sequence[Mapping[str, Any]]],
    statistics: Mapping[str, Any],
    seed: int,
    gradient_cost: pd.DataFrame,
    update_cost: pd.DataFrame,
    along: pd.DataFrame,
) -> Tables:
    """All tables of a study. statistics: "confidence" and "resamples".

    Raises RunError where runs of a task were not made on the same ground.
    """
    check_same_ground([run.provenance for run in runs])
    for run in runs:
        task, variant = run.provenance["task"], run.provenance["variant"]
        for metric in tasks[task].kind.metrics:
            if metric.name not in set(run.curves["metric"]):
                raise RunError(f"run {task}/{variant}: curves.csv has no metric {metric.name!r}")
    confidence, ends = statistics["confidence"], comparisons.endings(runs, tasks)
    ended, reached = final(runs, tasks, targets, statistics, seed), comparisons.to_target(runs, tasks, targets)
    spent, beside = cost(runs), quartiles(along, ["task", "rule", "updates", "examples", "quantity"])
    compared = rules.summary(ended, spent, gradient_cost, along, ends, tasks, margins, confidence)
    return Tables(
        curves(runs, tasks, statistics, seed),
        ended,
        replicates(runs),
        spent,
        gradient_statistics(diagnostics),
        verdicts,
        paths,
        yardstick,
        lockstep,
        quartiles(staleness, ["task", "learning_rate", "quantity"]),
        comparisons=comparisons.comparisons(ends, tasks, ladders, statistics, seed),
        equivalence=comparisons.equivalences(ends, tasks, margins, confidence),
        scores=comparisons.scores(ends, tasks, statistics, seed),
        to_target=reached,
        ladder=comparisons.ladder(ended, reached, ends, tasks, ladders, confidence),
        gradient_cost=gradient_cost,
        update_cost=update_cost,
        times=times(runs),
        along=beside,
        rules=compared,
        correlation=rules.correlation(compared, tasks, statistics, seed),
    )


def curves(runs: Sequence[Run], tasks: Mapping[str, TaskSettings], statistics: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """Learning curves over replicates: task, variant, metric, updates, examples, iqm, low, high (validation data)."""
    parts = []
    for run in runs:
        validation = run.curves[run.curves["split"] == "validation"]
        for metric in tasks[run.provenance["task"]].kind.metrics:
            wide = validation[validation["metric"] == metric.name].pivot(
                index="replicate", columns=["updates", "examples"], values="value"
            )
            summary = summarise(wide.to_numpy(), metric.worst, **statistics, seed=seed)
            part = wide.columns.to_frame(index=False).assign(iqm=summary.iqm, low=summary.low, high=summary.high)
            parts.append(_named(part, run, metric.name))
    return pd.concat(parts, ignore_index=True)


def final(
    runs: Sequence[Run],
    tasks: Mapping[str, TaskSettings],
    targets: Mapping[str, float],
    statistics: Mapping[str, Any],
    seed: int,
) -> pd.DataFrame:
    """Test metrics at the end: task, variant, recipe, learning_rate, metric, iqm, low, high, replicates, diverged, solved.

    diverged: replicates whose weights were no longer finite; they count as the worst value. solved: replicates that meet the
    task's target, in its first metric; missing for other metrics, and where there is no target.
    """
    rows = []
    for run in runs:
        task = run.provenance["task"]
        test = run.curves[run.curves["split"] == "test"]
        for number, metric in enumerate(tasks[task].kind.metrics):
            values = test.loc[test["metric"] == metric.name].sort_values("replicate")["value"].to_numpy()
            summary = summarise(values, metric.worst, **statistics, seed=seed)
            solved = None
            if number == 0 and task in targets:
                solved = int(metric.meets(values, targets[task]).sum())
            rows.append(
                {
                    "task": task,
                    "variant": run.provenance["variant"],
                    "recipe": run.provenance["recipe"]["name"],
                    "learning_rate": run.provenance["recipe"]["learning_rate"],
                    "metric": metric.name,
                    "iqm": float(summary.iqm),
                    "low": float(summary.low),
                    "high": float(summary.high),
                    "replicates": len(values),
                    "diverged": sum(at is not None for at in run.provenance["diverged"]),
                    "solved": solved,
                }
            )
    return pd.DataFrame(rows).astype({"solved": "Int64"})


def replicates(runs: Sequence[Run]) -> pd.DataFrame:
    """Test metrics of every replicate: task, variant, replicate, metric, value."""
    table = pd.concat([run.curves[run.curves["split"] == "test"] for run in runs], ignore_index=True)
    return table[["task", "variant", "replicate", "metric", "value"]]


def cost(runs: Sequence[Run]) -> pd.DataFrame:
    """What a run took, in seconds of CPU time, so that jobs beside it do not count."""
    rows = []
    for run in runs:
        p, timing = run.provenance, run.provenance["timing"]
        rows.append(
            {
                "task": p["task"],
                "variant": p["variant"],
                "library": p.get("library", ""),
                "gradient": p["gradient"],
                "replicates": p["replicates"],
                "updates": p["updates"],
                "examples": p["examples"],
                "startup_seconds": timing.get("startup_seconds", np.nan),
                "training_seconds": timing["training_seconds"],
                "microseconds_per_update": 1e6 * timing["training_seconds"] / max(1, p["updates"]) / p["replicates"],
                "peak_memory_mb": timing.get("peak_memory_bytes", np.nan) / 1e6,
            }
        )
    return pd.DataFrame(rows)


def times(runs: Sequence[Run]) -> pd.DataFrame:
    """When a run was looked at: task, variant, updates, seconds of CPU time (a replicate's share where all train together)."""
    parts = []
    for run in runs:
        p = run.provenance
        seconds = np.array(p["timing"]["seconds"]) / p["replicates"]
        parts.append(
            pd.DataFrame({"task": p["task"], "variant": p["variant"], "updates": p["timing"]["updates"], "seconds": seconds})
        )
    return pd.concat(parts, ignore_index=True)


def gradient_statistics(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Median and quartiles of every quantity of `trial.diagnostics`, over the replicates where it is finite, and how many."""
    return quartiles(diagnostics, ["task", "variant", "updates", "examples", "quantity", "of", "lag"])


def quartiles(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Of "value" over the replicates where it is finite: the keys, low, median, high, and how many are finite; may be empty."""
    grouped = table.astype({"value": float}).groupby(keys, sort=False)["value"]
    columns = {
        "low": grouped.quantile(0.25),
        "median": grouped.median(),
        "high": grouped.quantile(0.75),
        "finite": grouped.count(),
    }
    return pd.DataFrame(columns).reset_index()


def _named(part: pd.DataFrame, run: Run, metric: str) -> pd.DataFrame:
    part.insert(0, "task", run.provenance["task"])
    part.insert(1, "variant", run.provenance["variant"])
    part.insert(2, "metric", metric)
    return part

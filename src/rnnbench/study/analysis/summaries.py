"""Runs in a row each: how replicates did along the run and at its end, and what it took."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.study.analysis.specifications import columns
from rnnbench.study.analysis.statistics import summarise
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.run import Run


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


def learning_rates(
    tried: pd.DataFrame,
    runs: Sequence[Run],
    tasks: Mapping[str, TaskSettings],
    statistics: Mapping[str, Any],
    seed: int,
) -> pd.DataFrame:
    """The table `learning_rates`. tried: as `training.rates` keeps them, of all runs."""
    of_run = {(run.provenance["task"], run.provenance["variant"]): run.provenance["recipe"]["learning_rate"] for run in runs}
    rows = []
    for (task, variant), own in tried.groupby(["task", "variant"], sort=False):
        metric, grid = tasks[str(task)].kind.metrics[0], sorted(own["learning_rate"].unique())
        for rate, of in own.sort_values("replicate").groupby("learning_rate"):
            summary = summarise(of["value"].to_numpy(), metric.worst, **statistics, seed=seed)
            middle = float(summary.iqm), float(summary.low), float(summary.high)
            chosen, edge = rate == of_run[task, variant], rate in (grid[0], grid[-1])
            told = len(of), of["passes"].iloc[0], int(chosen), int(edge), of["seconds"].iloc[0]
            rows.append((task, variant, rate, metric.name, *middle, *told))
    return pd.DataFrame(rows, columns=columns("learning_rates"))


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


def variants(runs: Sequence[Run]) -> pd.DataFrame:
    """What every run was of: the table `variants`."""
    rows = [
        (
            *(run.provenance[key] for key in ("task", "variant")),
            run.provenance.get("role"),
            run.provenance.get("library", ""),
            run.provenance["gradient"],
            run.provenance["recipe"]["name"],
            json.dumps(run.provenance.get("change", {})),
            run.provenance["recipe"]["batch"],
            *_backward(run.provenance.get("execution", {}).get("backward")),
        )
        for run in runs
    ]
    return pd.DataFrame(rows, columns=columns("variants")).astype({"backward_updates": "Int64"})


def _backward(equal: Mapping[str, Any] | None) -> tuple[str | None, int | None, float]:
    if equal is None:
        return None, None, np.nan
    return equal["by"], equal["updates"], equal["error"]


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

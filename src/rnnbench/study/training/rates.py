"""The learning rate of a variant: the best of a grid, on validation data, by replicates that are not reported.

All rates and replicates train side by side in one process: a learning rate is one more kind of replicate.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rnnbench.arrays import Array, Integers
from rnnbench.study.middle import complete, interquartile_mean
from rnnbench.study.settings import Recipe, TaskSettings
from rnnbench.study.tasks import Metric
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.run import RunError
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory, evaluate

COLUMNS = ["task", "variant", "learning_rate", "replicate", "passes", "updates", "metric", "value", "seconds"]
"""What is kept: the first metric on validation data at the end, by rate and replicate; seconds: CPU time of all together."""


class Axis(NamedTuple):
    """rate, replicate: of each training of the grid, (rates times replicates,)."""

    rate: Array
    replicate: Integers


def axis(task: TaskSettings) -> Axis:
    """Every rate of the task's grid on every replicate of the grid."""
    grid = task.grid
    assert grid is not None
    numbers = np.arange(task.replicates, task.drawn)
    return Axis(np.repeat(np.array(grid.rates), len(numbers)), np.tile(numbers, len(grid.rates)))


def schedule(task: TaskSettings, recipe: Recipe) -> Schedule:
    """The recipe as the grid tries it: as many passes as the grid has, at most; looked at at the end."""
    assert task.grid is not None
    passes = min(recipe.passes, task.grid.passes or recipe.passes)
    return Schedule(replace(task, points=2), replace(recipe, passes=passes, replicates=None))


def ended(prepared: Prepared, schedule: Schedule, variant: str, grid: Axis, trajectory: Trajectory) -> pd.DataFrame:
    """How every training of the grid ends: COLUMNS."""
    task, metric = prepared.task, prepared.task.kind.metrics[0]
    values = evaluate(task.network, trajectory.vector[-1], prepared.splits["validation"], task.kind)[metric.name]
    own = pd.DataFrame({"learning_rate": grid.rate, "replicate": grid.replicate, "value": values})
    made = {"passes": schedule.recipe.passes, "updates": schedule.updates, "seconds": trajectory.seconds[-1]}
    return own.assign(task=task.name, variant=variant, metric=metric.name, **made)[COLUMNS]


def read(path: Path) -> pd.DataFrame:
    """What `ended` gave. Raises RunError, naming the file and what to do, where it is damaged."""
    try:
        tried = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: not readable as CSV ({error}); delete it and run again") from error
    if list(tried.columns) != COLUMNS or tried.empty or tried.drop(columns="value").isna().any(axis=None):
        raise RunError(f"{path}: not a whole table of the learning rates that were tried; delete it and run again")
    return tried


def by_rate(tried: pd.DataFrame, metric: Metric) -> pd.Series:
    """The interquartile mean over replicates at every rate, in increasing order; what diverged counts as the worst value."""
    values = tried.sort_values(["learning_rate", "replicate"]).groupby("learning_rate")["value"]
    return values.agg(lambda own: float(interquartile_mean(complete(own.to_numpy(), metric.worst))))


def chosen(tried: pd.DataFrame, metric: Metric) -> dict[str, Any]:
    """The best rate, the smallest of equal ones, and what it was chosen by.

    edge: whether it is the smallest or the largest rate of the grid, so that a better one may lie beyond.
    """
    middle = by_rate(tried, metric)
    place = int(np.argmax(middle) if metric.higher_is_better else np.argmin(middle))
    return {
        "learning_rate": float(middle.index[place]),
        "of": [float(rate) for rate in middle.index],
        "edge": place in (0, len(middle) - 1),
        "replicates": int(tried["replicate"].nunique()),
        "passes": float(tried["passes"].iloc[0]),
    }

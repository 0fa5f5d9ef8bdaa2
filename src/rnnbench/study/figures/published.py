"""What others have published, and the same here."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnbench.study.analysis.outcomes import Agreement
from rnnbench.study.analysis.prequential import AGREES
from rnnbench.study.figures.style import COLOURS, PINS

THERE, HERE = COLOURS[7], PINS[0][0]
SHAPE = {Agreement.AGREES: "o", Agreement.DIFFERS: "s"}


def published(table: pd.DataFrame, narrow: bool = False) -> Figure:
    """A panel for each task, a row for each variant: what was published as a ring, what is from here filled, two errors each.

    narrow: the panels one below the other.
    """
    tasks, names = (list(dict.fromkeys(table[column])) for column in ("task", "variant"))
    down, across = (len(tasks), 1) if narrow else (1, len(tasks))
    width, height = (3.65, 0.75 + 0.22 * len(names)) if narrow else (1.8 + 2.2 * across, 1.1 + 0.36 * len(names))
    figure = Figure(figsize=(width, height * down), layout="constrained")
    for ax, task in zip(np.atleast_1d(figure.subplots(down, across, sharey=True)), tasks, strict=True):
        for row in table[table["task"] == task].to_dict("records"):
            y = len(names) - 1 - names.index(row["variant"])
            theirs = row["published"], row["published_deviation"], row["seeds"]
            interval(ax, *theirs, y + 0.14, color=THERE, marker="o", markerfacecolor="none")
            interval(ax, row["mean"], row["deviation"], row["replicates"], y - 0.14, color=HERE, marker=SHAPE.get(row["verdict"]))
        ax.set(xscale="log", xlabel="loss in training", title=task, yticks=range(len(names)), yticklabels=names[::-1])
    return figure


def interval(ax: Axes, mean: float, deviation: float, count: int, y: float, **style: Any) -> None:
    """A mean with two standard errors to either side, in two parts beside the mark; nothing where it is not finite."""
    if np.isfinite(mean):
        error = AGREES * deviation / np.sqrt(max(1, count - 1))
        # Below zero there is nothing on a logarithmic axis: what would reach it ends far to the left of what is drawn.
        ax.errorbar(mean, y, xerr=[[min(error, 0.9 * mean)], [error]], markersize=6, linewidth=1.4, **style)

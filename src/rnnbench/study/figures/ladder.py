"""The ladder: variants one above the other, each one change from the one below it, and what each change does."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnbench.study.analysis.outcomes import Change
from rnnbench.study.figures.style import COLOURS, INK, dots, spread
from rnnbench.study.tasks import Metric

ARROWS = {
    Change.BETTER: ("▲", COLOURS[2]),
    Change.WORSE: ("▼", COLOURS[6]),
    Change.SAME: ("=", COLOURS[7]),
    Change.NOT_SHOWN: ("?", COLOURS[7]),
}


UPDATES, RATE = 1.24, 1.4
"""Where these stand, in widths of the axes."""


def ladder(rungs: pd.DataFrame, replicates: pd.DataFrame, metric: Metric) -> Figure:
    """One ladder, the first rung at the bottom: means with intervals, every replicate, and between rungs the paired difference.

    At the right: how many replicates learn the task, updates, learning rate, and whether a change is shown to help.
    """
    figure = Figure(figsize=(6.4, 0.8 * len(rungs) + 0.6))
    ax = figure.subplots()
    y = rungs["rung"].to_numpy()
    for here, variant in zip(y, rungs["variant"], strict=True):
        values = replicates.loc[(replicates["variant"] == variant) & (replicates["metric"] == metric.name)]
        dots(ax, values["value"], here + spread(values["replicate"], 0.24), COLOURS[0], 4, 0.5)
    ax.errorbar(
        rungs["iqm"],
        y,
        xerr=np.abs(rungs[["low", "high"]].to_numpy(dtype=float).T - rungs["iqm"].to_numpy()),
        fmt="o",
        color=INK,
        markersize=5,
        capsize=3,
        linewidth=1.4,
    )
    ax.set_yticks(y, [f"{v}\n{change}" for v, change in zip(rungs["variant"], rungs["change"], strict=True)], parse_math=False)
    ax.set_ylim(0.5, len(rungs) + 0.5)
    ax.set(xlabel=f"{metric.label} (test)", ylabel="")
    _beside(ax, UPDATES, len(rungs) + 0.55, "updates")
    _beside(ax, RATE, len(rungs) + 0.55, "rate")
    if rungs["solved"].notna().any():
        _beside(ax, 1.03, len(rungs) + 0.55, "learnt by")
    for _, row in rungs.iterrows():
        here = row["rung"]
        if not row["replicates"]:
            _beside(ax, 1.03, here, "not run")
            continue
        if pd.notna(row["solved"]):
            _beside(ax, 1.03, here, f"{row['solved']} of {row['replicates']}")
        _beside(ax, UPDATES, here, f"{row['updates']:,}")
        _beside(ax, RATE, here, f"{row['learning_rate']:g}")
        if pd.notna(row["better"]):
            arrow, colour = ARROWS[row["better"]]
            _beside(ax, 1.03, here - 0.5, arrow, colour, "large")
            measured = _measured(row["difference"], row["difference_low"], row["difference_high"])
            _beside(ax, 1.075, here - 0.5, row["better"] + measured)
    return figure


def _measured(difference: float, low: float, high: float) -> str:
    """A difference with its interval, where it has them."""
    if low == high:
        return " in every run"
    return f": {difference:+.2g}" + ("" if np.isnan(low) else f" [{low:+.2g}, {high:+.2g}]")


def _beside(ax: Axes, x: float, y: float, text: str, colour: str = INK, size: str = "small") -> None:
    """A text at the right of the axes, at a height of theirs."""
    ax.annotate(text, (x, y), xycoords=("axes fraction", "data"), va="center", color=colour, fontsize=size, annotation_clip=False)

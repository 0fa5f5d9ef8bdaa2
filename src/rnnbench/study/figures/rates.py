"""How the end of training depends on the learning rate, for every variant."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from rnnbench.study.figures.style import INK, Look
from rnnbench.study.tasks import Metric, Task

COLUMNS = 5


def rates(tried: pd.DataFrame, kind: Task, metric: Metric, look: Look) -> Figure:
    """A panel for each variant: the interquartile mean and its interval by learning rate, a large dot at the chosen one."""
    variants = [str(name) for name in tried["variant"].unique()]
    rows = -(-len(variants) // COLUMNS)
    figure = Figure(figsize=(10, 1.7 * rows + 0.5))
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    chance = {name: values[metric.name] for name, values in kind.references.items() if metric.name in values}
    for ax in panels.flat[len(variants) :]:
        ax.remove()
    for number, (ax, variant) in enumerate(zip(panels.flat, variants, strict=False)):
        own = tried[tried["variant"] == variant].sort_values("learning_rate")
        colour = look.colour(variant)
        ax.plot(own["learning_rate"], own["iqm"], color=colour, marker="o", markersize=3)
        ax.fill_between(own["learning_rate"], own["low"], own["high"], color=colour, alpha=0.2, linewidth=0)
        best = own[own["chosen"] == 1]
        ax.plot(best["learning_rate"], best["iqm"], "o", markersize=7, markerfacecolor=colour, markeredgecolor=INK)
        for value in chance.values():
            ax.axhline(value, color=INK, linewidth=0.8, linestyle=":")
        ax.set_title(variant, fontsize="small")
        ax.set(xscale="log")
        if number >= len(variants) - COLUMNS:
            ax.set_xlabel("learning rate")
            ax.tick_params(labelbottom=True)
    low, high = np.nanmin(tried["iqm"]), np.nanmax(tried["iqm"])
    room = 0.06 * max(high - low, 1e-12)
    panels[0, 0].set_ylim(low - room, high + room)
    figure.supylabel(f"{metric.label} (validation)", fontsize="small")
    figure.tight_layout()
    return figure

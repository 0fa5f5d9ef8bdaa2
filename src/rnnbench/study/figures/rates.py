"""How the end of training depends on the learning rate."""

import pandas as pd
from matplotlib.figure import Figure

from rnnbench.study.figures.names import at_the_edge
from rnnbench.study.figures.style import Look, reference_lines
from rnnbench.study.tasks import Metric, Task


def rates(tried: pd.DataFrame, kind: Task, metric: Metric, look: Look) -> Figure:
    """The interquartile mean by learning rate: who has a role in colour with its interval, all others grey; dots where chosen."""
    figure = Figure(figsize=(8, 4))
    ax = figure.subplots()
    ends = {}
    for variant, own in tried.sort_values("learning_rate").groupby("variant", sort=False):
        name, best = str(variant), own[own["chosen"] == 1]
        role, colour = name in look.roles, look.colour(name)
        ax.plot(
            own["learning_rate"], own["iqm"], color=colour, linewidth=2 if role else 0.8, dashes=look.dash(name), zorder=2 + role
        )
        ax.plot(best["learning_rate"], best["iqm"], "o", color=colour, markersize=7 if role else 3.5, zorder=3 + role)
        if role:
            ax.fill_between(own["learning_rate"], own["low"], own["high"], color=colour, alpha=0.15, linewidth=0)
            ends[name] = (float(own["learning_rate"].iloc[-1]), float(own["iqm"].iloc[-1]), colour)
    ax.set(xscale="log", xlabel="learning rate", ylabel=f"{metric.label} (validation)")
    reference_lines(ax, kind.lines(metric), left=True)
    at_the_edge(ax, ends, coloured=True)
    return figure

"""Where each variant ended, and what it still gets wrong."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from rnnbench.study.figures.style import INK, Look, dots, spread
from rnnbench.study.probes.quantities import Quantity
from rnnbench.study.tasks import ByPosition, Cycle, Metric, Task


def endings(replicates: pd.DataFrame, final: pd.DataFrame, kind: Task, metric: Metric, look: Look) -> Figure:
    """Every replicate at the end of training as a dot, the interquartile mean and its interval as a bar across."""
    ends = replicates[replicates["metric"] == metric.name]
    means = final[final["metric"] == metric.name].sort_values("iqm", ascending=not metric.higher_is_better)
    order = means["variant"].tolist()
    figure = Figure(figsize=(8, 0.36 * len(order) + 1))
    ax = figure.subplots()
    y = np.arange(len(order))
    ends = ends.assign(row=ends["variant"].map(order.index) + spread(ends["replicate"], 0.44))
    for variant, own in ends.groupby("variant"):
        dots(ax, own["value"], own["row"], look.colour(str(variant)))
    ax.errorbar(
        means["iqm"],
        y,
        xerr=np.abs(means[["low", "high"]].to_numpy().T - means["iqm"].to_numpy()),
        fmt="|",
        color=INK,
        markersize=14,
        capsize=3,
        linewidth=1.4,
    )
    for value in kind.lines(metric).values():
        ax.axvline(value, color=INK, linewidth=0.8, linestyle=":")
    ax.set(xlabel=f"{metric.label} (test)", ylabel="")
    ax.set_yticks(y, order)
    ax.set_ylim(len(order) - 0.5, -0.5)
    return figure


SHAPES = "<>^vsDPX"
"""Of the positions that are not the first metric's, which is a filled circle."""


def by_position(final: pd.DataFrame, of: ByPosition, first: Metric, look: Look) -> Figure:
    """The error at some positions of a sequence, variants as rows and positions as shapes; sorted by the task's first metric."""
    shapes = iter(SHAPES)
    marks = {metric: (name, "o" if metric == first.name else next(shapes)) for metric, name in of.marks.items()}
    means = final[final["metric"] == first.name].sort_values("iqm", ascending=not first.higher_is_better)
    order = means["variant"].tolist()
    figure = Figure(figsize=(8, 0.3 * len(order) + 1.2))
    ax = figure.subplots()
    for metric, (name, shape) in marks.items():
        own = final[final["metric"] == metric].set_index("variant").loc[order]
        filled = [look.colour(v) for v in order] if shape == "o" else "none"
        ax.scatter(own["iqm"], np.arange(len(order)), s=44, marker=shape, c=filled, edgecolors=INK, linewidth=0.8, label=name)
    at, what = of.line
    ax.axvline(at, color=INK, linewidth=0.8, linestyle=":")
    ax.set(xlabel=f"{of.xlabel} (test); dotted: {what}", ylabel="")
    ax.set_yticks(np.arange(len(order)), order)
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.9 / figure.get_figheight()), ncol=3, fontsize="small")
    return figure


def cycle(statistics: pd.DataFrame, of: Cycle, look: Look) -> Figure:
    """The error by place in the task's cycle after training: who has a role in colour, ideal predictors dotted."""
    data = statistics[statistics["quantity"] == Quantity.RMS_ERROR]
    data = data[data["updates"] == data.groupby("variant")["updates"].transform("max")]
    figure = Figure(figsize=(8, 3.8))
    ax = figure.subplots()
    for variant, own in data.groupby("variant"):
        role = str(variant) in look.roles
        colour, dashes = look.colour(str(variant)), look.dash(str(variant))
        named = str(variant) if role else None
        ax.plot(
            own["lag"], own["median"], color=colour, dashes=dashes, linewidth=2 if role else 0.8, zorder=2 + role, label=named
        )
    places = np.arange(1, int(data["lag"].max()) + 1)
    for name, line in of.references.items():
        ax.plot(places, line, color=INK, linewidth=0.8, linestyle=":")
        ax.annotate(name, (places[-1], line[-1]), xytext=(3, 0), textcoords="offset points", va="center", fontsize="small")
    ax.set(xlabel=of.xlabel, ylabel=of.ylabel, xticks=places, ylim=(0, None))
    if look.roles:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncol=3, fontsize="small")
    return figure

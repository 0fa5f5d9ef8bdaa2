"""How far back a loss reaches and how nudges of the state fare on the way: lags and singular values of Jacobians."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnbench.study.figures.style import INK, Look
from rnnbench.study.probes.quantities import Quantity


def moments(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each variant's first and last point."""
    updates = data.groupby("variant")["updates"]
    return {
        "before training": data[data["updates"] == updates.transform("min")],
        "after training": data[data["updates"] == updates.transform("max")],
    }


def lags(statistics: pd.DataFrame, look: Look) -> Figure:
    """Norm of dL_T/dx_{T-k} by lag k, before and after training, with the exponential that fits; beside them its rate."""
    norms = {when: part[part["median"] > 0] for when, part in moments(_of(statistics, Quantity.LAG_NORM)).items()}
    rates = {when: part.dropna(subset="median") for when, part in moments(_of(statistics, Quantity.LAG_RATE)).items()}
    figure = Figure(figsize=(12, max(3.8, 1 + 0.2 * norms["after training"]["variant"].nunique())))
    panels = figure.subplots(1, 3, width_ratios=[3, 3, 2])
    for ax, (title, part) in zip(panels, norms.items(), strict=False):
        sns.lineplot(part, x="lag", y="median", ax=ax, errorbar=None, legend=False, **look.lines())
        for variant, rate in rates[title].set_index("variant")["median"].items():
            _exponential(ax, part[(part["variant"] == variant) & (part["lag"] >= 1)], rate, look.palette[str(variant)])
        ax.set(yscale="log", title=title, xlabel="lag k", ylabel="norm of dL$_T$/dx$_{T-k}$")
    bottom = min(ax.get_ylim()[0] for ax in panels[:2])
    for ax in panels[:2]:
        ax.set_ylim(max(bottom, 1e-16), max(ax.get_ylim()[1] for ax in panels[:2]))
    _rates(panels[2], rates, look)
    figure.tight_layout()
    return figure


def _exponential(ax: Axes, part: pd.DataFrame, rate: float, colour: str) -> None:
    """The exponential with this factor per lag through the middle of the (log) norms: least squares' line goes through it."""
    if len(part):
        middle = np.exp(np.log(part["median"]).mean())
        ax.plot(part["lag"], middle * rate ** (part["lag"] - part["lag"].mean()), color=colour, linewidth=0.9, linestyle=":")


def _rates(ax: Axes, rates: dict[str, pd.DataFrame], look: Look) -> None:
    """The fitted factor a step of each variant: a hollow dot before training, a full one with quartiles after."""
    shown = {variant for part in rates.values() for variant in part["variant"]}
    order = [v for v in look.variants if v in shown]
    for part, full in zip(rates.values(), (False, True), strict=True):
        y, colours = [order.index(v) for v in part["variant"]], [look.palette[v] for v in part["variant"]]
        ax.scatter(part["median"], y, edgecolors=colours, facecolors=colours if full else "none")
        if full:
            ax.hlines(y, part["low"], part["high"], colors=colours)
    ax.axvline(1, color=INK, linewidth=0.8, linestyle=":")
    ax.set_yticks(range(len(order)), order, parse_math=False)
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.set(title="factor a step", xlabel="hollow before, full after training")


def singular_values(statistics: pd.DataFrame, look: Look) -> Figure:
    """Largest, median and smallest singular value of dx^T/dx^{T-k} by k after training; dotted: before, the middle variant."""
    data = _of(statistics, Quantity.SINGULAR_VALUE)
    before, after = (part[part["median"] > 0] for part in moments(data).values())
    figure = Figure(figsize=(12, 3.8))
    panels = figure.subplots(1, 3, sharex=True)
    for ax, name in zip(panels, ("largest", "median", "smallest"), strict=True):
        part, start = after[after["of"] == name], before[before["of"] == name].groupby("lag")["median"].median()
        ax.set(xscale="log", title=name, xlabel="steps k", ylabel="singular value")
        if len(part) + len(start):  # with relu the smallest may all be 0
            ax.set_yscale("log")
        if len(part):
            sns.lineplot(part, x="lag", y="median", ax=ax, errorbar=None, legend=name == "largest", **look.lines())
            ax.set_ylabel("singular value")
        ax.plot(start.index, start, color=INK, linewidth=1, linestyle=":")
    handles, labels = panels[0].get_legend_handles_labels()
    if legend := panels[0].get_legend():
        legend.remove()
    figure.legend(handles, labels, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    return figure


def _of(statistics: pd.DataFrame, quantity: Quantity) -> pd.DataFrame:
    return statistics[statistics["quantity"] == quantity]

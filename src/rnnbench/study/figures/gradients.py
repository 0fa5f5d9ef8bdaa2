"""Gradients: how wrong each rule is, how far NumPy and Keras drift apart, and what gradients look like along the runs."""

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator

from rnnbench.study.figures.style import INK, Look, legend_below, panels, reference_lines
from rnnbench.study.probes.quantities import AS_TRAINED, Quantity


def lockstep(table: pd.DataFrame) -> Figure:
    """Largest difference between NumPy's and Keras's weights, update by update."""
    data = table[table["update"] > 0].assign(difference=lambda t: t["difference"].clip(lower=1e-18))
    figure = Figure(figsize=(8, 3.4))
    ax = figure.subplots()
    sns.lineplot(
        data, x="update", y="difference", hue="dtype", style="optimizer", size="task", sizes=(1, 2), ax=ax, errorbar=None
    )
    ax.axhline(1e-10, color=INK, linewidth=0.8, linestyle=":")
    ax.set(yscale="log", xlabel="updates", ylabel="largest difference of a weight")
    sns.move_legend(ax, "center left", bbox_to_anchor=(1, 0.5))
    return figure


def from_zero_in_decades(ax: Axes, data: pd.DataFrame, ticks: int = 15) -> None:
    """A log axis of examples that begins at none, with so many ticks at most."""
    first = max(1.0, float(data.loc[data["examples"] > 0, "examples"].min()))
    ax.set_xscale("symlog", linthresh=first)
    locator = SymmetricalLogLocator(base=10, linthresh=first)
    locator.set_params(numticks=ticks)
    ax.xaxis.set_major_locator(locator)
    ax.set_xlim(0, 1.3 * float(data["examples"].max()))


def along_training(
    statistics: pd.DataFrame,
    quantity: str,
    of: str,
    look: Look,
    label: str,
    unit: str,
    scale: str = "linear",
    lines: Mapping[str, float] | None = None,
    decades: bool = True,
) -> Figure:
    """The median of one quantity over training, a line per variant, quartiles as a band; horizontal lines by name.

    A panel a group of variants. decades: over a logarithmic axis.
    """
    data = statistics[(statistics["quantity"] == quantity) & (statistics["of"] == of)]
    figure, drawn = panels(look, data)
    for ax, part in drawn:
        sns.lineplot(part, x="examples", y="median", ax=ax, errorbar=None, **look.lines())
        for variant, own in part.groupby("variant"):
            ax.fill_between(own["examples"], own["low"], own["high"], color=look.palette[str(variant)], alpha=0.12, linewidth=0)
        ax.set(xlabel=unit, ylabel=label, yscale=scale)
        if decades:
            from_zero_in_decades(ax, data)
        reference_lines(ax, dict(lines or {}))
        legend_below(ax)
    return figure


def by_part(statistics: pd.DataFrame, quantity: str, look: Look, unit: str, scale: str) -> Figure:
    """The median of a quantity of each parameter block or layer over training: a row per group of variants, a column per part."""
    return _grid(statistics[statistics["quantity"] == quantity], look, unit, scale)


def rules(statistics: pd.DataFrame, look: Look, unit: str) -> Figure:
    """Cosine of each rule's gradient to the exact one along every run: a row per group of variants, a column per rule."""
    data = statistics[(statistics["quantity"] == Quantity.COSINE) & (statistics["of"] != AS_TRAINED)]
    return _grid(data, look, unit, "linear")


def _grid(data: pd.DataFrame, look: Look, unit: str, scale: str) -> Figure:
    columns, rows = data["of"].unique(), look.grouped(data)
    height = max(2.2, *(0.19 * part["variant"].nunique() for _, part in rows))  # of a legend
    figure = Figure(figsize=(2.4 * len(columns) + 2, height * len(rows) + 0.4))
    grid = figure.subplots(len(rows), len(columns), sharex=True, sharey="col" if scale == "log" else True, squeeze=False)
    for axes, (group, part) in zip(grid, rows, strict=True):
        for ax, column in zip(axes, columns, strict=True):
            own = part[part["of"] == column]
            sns.lineplot(own, x="examples", y="median", ax=ax, errorbar=None, legend=ax is axes[-1], **look.lines())
            ax.set(yscale=scale, xlabel=unit, ylabel="")
            from_zero_in_decades(ax, data, ticks=4)
        axes[0].set_ylabel(group)
        sns.move_legend(axes[-1], "center left", bbox_to_anchor=(1, 0.5), title=None, fontsize="small")
    for ax, column in zip(grid[0], columns, strict=True):
        ax.set_title(column)
    figure.tight_layout()
    return figure

"""Gradients: how wrong each rule is, how far NumPy and Keras drift apart, and what gradients look like along the runs."""

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnbench.figures.style import INK, Look, reference_lines


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


def from_zero_in_decades(ax: Axes, data: pd.DataFrame) -> None:
    """A log axis of examples that begins at none."""
    ax.set_xscale("symlog", linthresh=max(1.0, float(data.loc[data["examples"] > 0, "examples"].min())))
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
) -> Figure:
    """The median of one quantity over training, a line a variant, quartiles as a band; horizontal lines by name."""
    data = statistics[(statistics["quantity"] == quantity) & (statistics["of"] == of)]
    figure = Figure(figsize=(8, 3.6))
    ax = figure.subplots()
    sns.lineplot(data, x="examples", y="median", ax=ax, errorbar=None, **look.lines())
    for variant, part in data.groupby("variant"):
        ax.fill_between(part["examples"], part["low"], part["high"], color=look.palette[str(variant)], alpha=0.12, linewidth=0)
    ax.set(xlabel=unit, ylabel=label, yscale=scale)
    from_zero_in_decades(ax, data)
    reference_lines(ax, dict(lines or {}))
    sns.move_legend(ax, "center left", bbox_to_anchor=(1, 0.5), title=None)
    return figure


def by_part(statistics: pd.DataFrame, quantity: str, look: Look, unit: str, scale: str) -> Figure:
    """The median of one quantity of each parameter block or layer over training, a panel each."""
    data = statistics[statistics["quantity"] == quantity]
    blocks = data["of"].unique()
    columns = min(3, len(blocks))
    figure = Figure(figsize=(10, 2.4 * -(-len(blocks) // columns)))
    panels = figure.subplots(-(-len(blocks) // columns), columns, sharex=True, squeeze=False).ravel()
    for ax, block in zip(panels, blocks, strict=False):
        sns.lineplot(
            data[data["of"] == block], x="examples", y="median", ax=ax, errorbar=None, legend=ax is panels[0], **look.lines()
        )
        ax.set(yscale=scale, title=block, xlabel=unit, ylabel="")
        from_zero_in_decades(ax, data)
    for ax in panels[len(blocks) :]:
        ax.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    panels[0].get_legend().remove()
    figure.legend(handles, labels, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    return figure


def rules(statistics: pd.DataFrame, look: Look, unit: str) -> Figure:
    """Cosine of each rule's gradient to the exact one along every run, a panel a rule."""
    data = statistics[(statistics["quantity"] == "cosine") & (statistics["of"] != "as trained")]
    names = data["of"].unique()
    figure = Figure(figsize=(10, 3.2))
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for ax, name in zip(panels, names, strict=True):
        part = data[data["of"] == name]
        sns.lineplot(part, x="examples", y="median", ax=ax, errorbar=None, legend=ax is panels[-1], **look.lines())
        ax.set(title=name, xlabel=unit, ylabel="cosine to the exact gradient")
        from_zero_in_decades(ax, data)
    sns.move_legend(panels[-1], "center left", bbox_to_anchor=(1, 0.5), title=None)
    return figure

"""Gradients: how wrong each rule is, how far NumPy and Keras drift apart, and what gradients look like along the runs."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnbench.figures.style import INK, Look
from rnnbench.trial.exactness import EXACT, layers


def exactness(table: pd.DataFrame) -> Figure:
    """Relative error to the exact gradient, rule by parameter, one panel a depth; the worst over losses and networks."""
    worst = table.groupby(["depth", "rule", "parameter"], sort=False)["relative_error"].max().reset_index()
    depths = worst["depth"].unique()
    figure = Figure(figsize=(11, 2.6))
    panels = figure.subplots(1, len(depths), width_ratios=[3 * d + 2 for d in depths], squeeze=False)[0]
    for ax, depth in zip(panels, depths, strict=True):
        part = worst[worst["depth"] == depth]
        grid = part.pivot(index="rule", columns="parameter", values="relative_error")
        grid = grid.loc[part["rule"].unique(), part["parameter"].unique()]
        shown = grid.map(lambda e: "exact" if e <= EXACT else f"{e:.2f}")
        level = np.log10(grid.clip(lower=1e-16))
        sns.heatmap(
            level, annot=shown, fmt="", cmap="rocket_r", vmin=-16, vmax=1, cbar=False, ax=ax, annot_kws={"size": 7}, linewidths=1
        )
        ax.set(title=layers(depth), xlabel="", ylabel="")
        ax.tick_params(axis="y", labelrotation=0)
        if ax is not panels[0]:
            ax.set_yticklabels([])
    figure.tight_layout()
    return figure


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


def along_training(statistics: pd.DataFrame, quantity: str, of: str, look: Look, label: str, unit: str) -> Figure:
    """The median of one quantity over training, a line a variant, quartiles as a band."""
    data = statistics[(statistics["quantity"] == quantity) & (statistics["of"] == of)]
    figure = Figure(figsize=(8, 3.6))
    ax = figure.subplots()
    sns.lineplot(data, x="examples", y="median", ax=ax, errorbar=None, **look.lines())
    for variant, part in data.groupby("variant"):
        ax.fill_between(part["examples"], part["low"], part["high"], color=look.palette[str(variant)], alpha=0.12, linewidth=0)
    ax.set(xlabel=unit, ylabel=label)
    from_zero_in_decades(ax, data)
    sns.move_legend(ax, "center left", bbox_to_anchor=(1, 0.5), title=None)
    return figure


def norms(statistics: pd.DataFrame, look: Look, unit: str) -> Figure:
    """The norm of the exact gradient of each parameter block over training, a panel a block."""
    data = statistics[statistics["quantity"] == "gradient norm"]
    blocks = data["of"].unique()
    columns = min(3, len(blocks))
    figure = Figure(figsize=(10, 2.4 * -(-len(blocks) // columns)))
    panels = figure.subplots(-(-len(blocks) // columns), columns, sharex=True, squeeze=False).ravel()
    for ax, block in zip(panels, blocks, strict=False):
        sns.lineplot(
            data[data["of"] == block], x="examples", y="median", ax=ax, errorbar=None, legend=ax is panels[0], **look.lines()
        )
        ax.set(yscale="log", title=block, xlabel=unit, ylabel="")
        from_zero_in_decades(ax, data)
    for ax in panels[len(blocks) :]:
        ax.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    panels[0].get_legend().remove()
    figure.legend(handles, labels, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    return figure


def lags(statistics: pd.DataFrame, look: Look) -> Figure:
    """Norm of dL_T/dx_{T-k} by lag k, before and after training."""
    data = statistics[statistics["quantity"] == "lag norm"]
    figure = Figure(figsize=(10, 3.6))
    panels = figure.subplots(1, 2, sharey=True)
    updates = data.groupby("variant")["updates"]
    moments = {"before training": updates.transform("min"), "after training": updates.transform("max")}
    for ax, (title, moment) in zip(panels, moments.items(), strict=True):
        part = data[data["updates"] == moment].assign(median=lambda t: t["median"].clip(lower=1e-16))
        sns.lineplot(part, x="lag", y="median", ax=ax, errorbar=None, legend=ax is panels[1], **look.lines())
        ax.set(yscale="log", title=title, xlabel="lag k", ylabel="norm of dL$_T$/dx$_{T-k}$")
    sns.move_legend(panels[1], "center left", bbox_to_anchor=(1, 0.5), title=None)
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

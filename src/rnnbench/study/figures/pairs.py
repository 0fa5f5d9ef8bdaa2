"""Gradients beside each other: all pairs of rules on one trajectory, and RTRL's online sum beside that of weights at rest."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from rnnbench.study.figures.style import COLOURS, INK
from rnnbench.study.probes.quantities import Quantity


def shown_run(statistics: pd.DataFrame, posted: str | None) -> str:
    """The variant whose trajectory the matrices are of: the posted derivation's, or the first."""
    found = statistics.loc[statistics["quantity"] == Quantity.PAIR_COSINE, "variant"].unique()
    return posted if posted is not None and posted in found else str(found[0])


def told(value: float) -> str:
    """Two decimals, where they tell anything; 1 without them is 1 to rounding."""
    return "1" if abs(value - 1) <= 1e-14 else f"{value:.2f}" if abs(value) < 10 else f"{value:.2g}"


# Quantity: what stands above it, the colour of a value (0 is white), and the value in words.
PANELS: dict[str, tuple[str, Callable[..., pd.DataFrame], Callable[[float], str]]] = {
    Quantity.PAIR_COSINE: (Quantity.COSINE, lambda v: v, told),
    Quantity.PAIR_NORM_RATIO: ("norm, row / column", lambda v: v.map(np.log10), told),
    Quantity.PAIR_SIGN_AGREEMENT: ("share of equal signs", lambda v: 2 * v - 1, told),
}


def matrices(statistics: pd.DataFrame, variant: str) -> Figure:
    """Cosine, norm ratio and sign agreement of every pair of gradients along one run, before and after training."""
    data = statistics[(statistics["variant"] == variant) & statistics["quantity"].isin(PANELS)]
    data = data.assign(**data["of"].str.split(" | ", regex=False, expand=True).set_axis(["row", "column"], axis=1))
    columns, rows = list(data["column"].unique()), list(data["row"].unique())
    moments = {"before training": data["updates"].min(), "after training": data["updates"].max()}
    figure = Figure(figsize=(2 * (0.65 * len(columns) + 1.6), 3 * (0.4 * len(rows) + 0.9)))
    panels = figure.subplots(3, 2, sharex=True, sharey=True)
    for line, (quantity, (title, level, word)) in zip(panels, PANELS.items(), strict=True):
        for ax, (moment, updates) in zip(line, moments.items(), strict=True):
            part = data[(data["quantity"] == quantity) & (data["updates"] == updates)]
            grid = part.pivot(index="row", columns="column", values="median").reindex(index=rows, columns=columns)
            shown = grid.map(lambda v, word=word: "" if np.isnan(v) else word(v))
            sns.heatmap(
                level(grid), annot=shown, fmt="", cmap="vlag_r", vmin=-1, vmax=1, cbar=False, ax=ax, linewidths=1,
                annot_kws={"size": 8},
            )  # fmt: skip
            ax.set(title=f"{title}, {moment}", xlabel="", ylabel="")
            ax.title.set_fontsize("small")
            ax.grid(False)
            ax.tick_params(axis="y", labelrotation=0)
            ax.tick_params(axis="x", labelrotation=90 if len(columns) > 6 else 0)
    figure.tight_layout()
    return figure


def staleness(table: pd.DataFrame, rates: Mapping[float, str]) -> Figure:
    """What online RTRL applies beside the gradient at rest, by learning rate, with the rates of the recipes as dotted lines."""
    figure = Figure(figsize=(7, 3.6))
    ax = figure.subplots()
    for colour, (quantity, part) in zip(COLOURS, table.groupby("quantity", sort=False), strict=False):
        ax.plot(part["learning_rate"], part["median"], marker="o", markersize=4, color=colour, label=quantity)
        ax.fill_between(part["learning_rate"], part["low"], part["high"], color=colour, alpha=0.15, linewidth=0)
    for rate, name in rates.items():
        ax.axvline(rate, color=INK, linewidth=0.8, linestyle=":")
        ax.annotate(
            name, (rate, 0.02), xycoords=("data", "axes fraction"), xytext=(3, 0), textcoords="offset points", fontsize="x-small"
        )
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="relative distance")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure

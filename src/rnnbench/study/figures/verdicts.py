"""Gradients on trial: how wrong each rule is in each parameter, and which paths through time it has."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from rnnbench.trial.cases import layers
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.paths import FIRST_LAG


def errors(verdicts: pd.DataFrame) -> Figure:
    """Median relative error to the exact gradient over random networks, rule by parameter, a panel per depth."""
    depths, rules = verdicts["depth"].unique(), verdicts["rule"].unique()
    figure = Figure(figsize=(11, 0.4 * len(rules) + 1))
    panels = figure.subplots(1, len(depths), width_ratios=[3 * d + 2 for d in depths], squeeze=False)[0]
    for ax, depth in zip(panels, depths, strict=True):
        part = verdicts[verdicts["depth"] == depth]
        grid, verdict = (part.pivot(index="rule", columns="parameter", values=of) for of in ("error_median", "verdict"))
        grid = grid.reindex(index=rules, columns=part["parameter"].unique())
        exact, unbiased = (verdict.reindex_like(grid) == word for word in (Outcome.EXACT, Outcome.NOISY))
        shown = grid.map(lambda error: "" if pd.isna(error) else f"{error:.2f}" if error >= 0.005 else f"{error:.0e}")
        # The error of a mean over draws is that of the draws being so many.
        shown = shown.mask(exact, "exact").mask(unbiased, "mean")
        level = np.log10(grid.clip(lower=1e-16)).mask(exact, np.log10(EXACT) - 1).mask(unbiased, np.log10(EXACT) + 0.5)
        sns.heatmap(
            level, annot=shown, fmt="", cmap="rocket_r", vmin=-12, vmax=1, cbar=False, ax=ax, annot_kws={"size": 7}, linewidths=1
        )
        ax.set(title=layers(int(depth)), xlabel="", ylabel="")
        ax.tick_params(axis="y", labelrotation=0)
        if ax is not panels[0]:
            ax.set_yticklabels([])
    figure.tight_layout()
    return figure


def paths(verdicts: pd.DataFrame, weights: pd.DataFrame, depth: int = 2, lags: int = 12) -> Figure:
    """What each rule that errs multiplies the parts of the exact gradient by, by lag, parameter and route; a panel per rule."""
    chosen = weights[(weights["depth"] == depth) & (weights["lag"] < lags)]
    names = list(chosen["rule"].unique())
    columns = min(3, len(names))
    rows = [
        (parameter, route)
        for parameter in verdicts.loc[verdicts["depth"] == depth, "parameter"].unique()
        for route in FIRST_LAG
        if ((chosen["parameter"] == parameter) & (chosen["route"] == route)).any()
    ]
    height = -(-len(names) // columns)
    figure = Figure(figsize=(3.6 * columns + 1, (0.28 * len(rows) + 0.9) * height))
    panels = figure.subplots(height, columns, squeeze=False)
    for ax, name in zip(panels.ravel(), names, strict=False):
        grid = chosen[chosen["rule"] == name].pivot(index=["parameter", "route"], columns="lag", values="weight")
        grid = grid.reindex(index=rows, columns=range(lags))
        exact = verdicts[(verdicts["rule"] == name) & (verdicts["depth"] == depth) & (verdicts["verdict"] == Outcome.EXACT)]
        right = pd.Series([parameter in set(exact["parameter"]) for parameter, _ in rows], index=grid.index)
        grid.loc[right] = 1.0
        begins = np.array([FIRST_LAG[route] for _, route in rows])
        grid = grid.mask(np.arange(lags) < begins[:, None])
        grid.index = pd.Index([parameter if route == "own" else f"{parameter}, {route}" for parameter, route in rows])
        shown = grid.map(lambda weight: "" if pd.isna(weight) else "0" if abs(weight) < 1e-6 else f"{weight:.2g}")
        sns.heatmap(
            grid, annot=shown, fmt="", cmap="Blues", vmin=0, vmax=1.4, cbar=False, ax=ax, annot_kws={"size": 7}, linewidths=1
        )
        ax.set(title=name, xlabel="lag", ylabel="")
        ax.tick_params(axis="y", labelrotation=0)
        if ax not in panels[:, 0]:
            ax.set_yticklabels([])
    for ax in panels.ravel()[len(names) :]:
        ax.set_axis_off()
    figure.tight_layout()
    return figure

"""What gradients, updates and trainings took."""

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from rnnbench.gradients.base import Claim
from rnnbench.study.cost.names import KERAS
from rnnbench.study.figures.style import COLOURS, INK, ROLES, Look
from rnnbench.study.roles import Role

SWEEPS = {"hidden": "units of a layer", "steps": "steps of the window", "depth": "recurrent layers", "batch": "sequences at once"}
QUANTITIES = {"seconds": ("ms per gradient", 1e3), "memory_bytes": ("peak memory, MB", 1e-6)}


def scaling(drawn: pd.DataFrame) -> Figure:
    """Time (above) and memory (below) of one gradient over each sweep, a line a rule, on log axes; drawn: of `gradient_cost`."""
    found = [sweep for sweep in SWEEPS if sweep in set(drawn["sweep"])]
    rules = drawn["rule"].unique().tolist()
    palette = {rule: COLOURS[number % len(COLOURS)] for number, rule in enumerate(rules)}
    figure = Figure(figsize=(max(6.0, 3.4 * len(found)), 3.2 * len(QUANTITIES)))
    axes = figure.subplots(len(QUANTITIES), len(found), squeeze=False, sharex="col", sharey="row")
    for row, (quantity, (label, unit)) in zip(axes, QUANTITIES.items(), strict=True):
        for ax, sweep in zip(row, found, strict=True):
            part = drawn[(drawn["sweep"] == sweep) & (drawn[quantity] > 0)]
            part = part.assign(value=part[quantity] * unit)
            lines = {"hue": "rule", "palette": palette, "marker": "o", "markersize": 4}
            sns.lineplot(part, x=sweep, y="value", ax=ax, errorbar=None, legend=False, **lines)
            if quantity == "seconds":
                for rule, own in part.groupby("rule"):
                    low, high = own["low"] * unit, own["high"] * unit
                    ax.fill_between(own[sweep], low, high, color=palette[str(rule)], alpha=0.15, linewidth=0)
            ax.set(xscale="log", yscale="log", xlabel=SWEEPS[sweep], ylabel=label)
            sizes = sorted(drawn.loc[drawn["sweep"] == sweep, sweep].unique())
            ax.xaxis.set_minor_locator(NullLocator())
            ax.set_xticks(sizes, [str(size) for size in sizes])
    for rule in rules:
        axes[-1][0].plot([], [], marker="o", markersize=4, label=rule, color=palette[rule])
    figure.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncol=3, fontsize="small")
    figure.tight_layout()
    return figure


def of_exact(gradient_cost: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The rows of exact rules, of libraries and of the posted one; all where there is none of these. known: the table `rules`."""
    claims = known.set_index("rule")["claim"]
    kept = gradient_cost["rule"].map(claims).fillna(Claim.EXACT).eq(Claim.EXACT) | (gradient_cost["rule"] == "posted")
    return gradient_cost[kept] if kept.any() else gradient_cost


def updates(update_cost: pd.DataFrame) -> Figure:
    """Time of one update of a replicate, median and range over rounds on a log axis, the fastest at the top, a panel per task."""
    tasks = update_cost["task"].unique()
    figure = Figure(figsize=(max(6.0, 5.8 * len(tasks)), 2.4))
    for ax, task in zip(figure.subplots(1, len(tasks), squeeze=False, sharex=True)[0], tasks, strict=True):
        data = update_cost[update_cost["task"] == task].sort_values("seconds").reset_index(drop=True)
        for row in data.itertuples():
            colour = ROLES[Role.KERAS_TWIN][0] if str(row.who).startswith(KERAS) else INK
            ax.plot([1e6 * row.low, 1e6 * row.high], [row.Index] * 2, color=colour, linewidth=2)
            ax.plot(1e6 * row.seconds, row.Index, "o", color=colour, markersize=7)
        ax.set_yticks(range(len(data)), data["who"])
        ax.set(title=task, xscale="log", xlabel="µs per update and run", ylabel="", ylim=(len(data) - 0.5, -0.5))
    figure.tight_layout()
    return figure


def training_time(cost: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Microseconds per update and replicate, on a log axis, a panel per task."""
    tasks = cost["task"].unique()
    rows = cost["task"].value_counts().max()
    figure = Figure(figsize=(5 * len(tasks), 0.2 * rows + 1))
    for ax, task in zip(figure.subplots(1, len(tasks), squeeze=False, sharex=True)[0], tasks, strict=True):
        data = cost[cost["task"] == task].sort_values("microseconds_per_update")
        dots = {
            "hue": "variant",
            "palette": {v: looks[task].colour(v) for v in data["variant"]},
            "legend": False,
            "size": 7,
            "jitter": False,
        }
        sns.stripplot(data, x="microseconds_per_update", y="variant", ax=ax, **dots)
        ax.grid(axis="y")
        # Rows of the same height in all panels.
        ax.set(xscale="log", title=task, xlabel="µs per update and run", ylabel="", ylim=(rows - 0.5, -0.5))
    figure.tight_layout()
    return figure

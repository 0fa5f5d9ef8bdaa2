"""What gradients, updates and trainings took."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from rnnbench.gradients.base import Claim
from rnnbench.study.cost.names import ALONE, OURS
from rnnbench.study.figures.style import COLOURS, Look

SWEEPS = {"hidden": "units of a layer", "steps": "steps of the window", "depth": "recurrent layers", "batch": "sequences at once"}
QUANTITIES = {"seconds": ("ms per gradient", 1e3), "memory_bytes": ("peak memory, MB", 1e-6)}


DASHES: tuple[Sequence[float], ...] = ((), (4, 1.5), (1, 1))
"""Of rules that have a colour in common."""
CROWD = 12
"""Lines from which on those that approximate the gradient have panels of their own."""


def scaling(gradient_cost: pd.DataFrame, known: pd.DataFrame) -> Figure:
    """Time (above) and memory (below) of one gradient over each sweep, a line for each rule, on log axes.

    known: the table `rules`. Where there are many lines, each in two rows: exact rules and libraries, then the others.
    """
    found = [sweep for sweep in SWEEPS if sweep in set(gradient_cost["sweep"])]
    rules = gradient_cost["rule"].unique().tolist()
    palette = {rule: COLOURS[number % len(COLOURS)] for number, rule in enumerate(rules)}
    dashes = {rule: DASHES[number // len(COLOURS)] for number, rule in enumerate(rules)}
    split = len(shares(gradient_cost, known)) > 1
    rows = [(*quantity, *share) for quantity in QUANTITIES.items() for share in shares(gradient_cost, known).items()]
    figure = Figure(figsize=(max(6.0, 3.4 * len(found)), 3.2 * len(rows)))
    axes = figure.subplots(len(rows), len(found), squeeze=False, sharex="col", sharey="row")
    for row, (quantity, (label, unit), group, members) in zip(axes, rows, strict=True):
        for ax, sweep in zip(row, found, strict=True):
            part = gradient_cost[(gradient_cost["sweep"] == sweep) & (gradient_cost[quantity] > 0)]
            part = part[part["rule"].isin(members)]
            part = part.assign(value=part[quantity] * unit)
            lines = {"hue": "rule", "style": "rule", "palette": palette, "dashes": dashes, "marker": "o", "markersize": 4}
            sns.lineplot(part, x=sweep, y="value", ax=ax, errorbar=None, legend=False, **lines)
            if quantity == "seconds":
                for rule, own in part.groupby("rule"):
                    low, high = own["low"] * unit, own["high"] * unit
                    ax.fill_between(own[sweep], low, high, color=palette[str(rule)], alpha=0.15, linewidth=0)
            ax.set(xscale="log", yscale="log", xlabel=SWEEPS[sweep], ylabel=group + label)
            if split:
                # The two rows of a quantity can be compared.
                every = unit * gradient_cost.loc[gradient_cost[quantity] > 0, quantity]
                ax.set_ylim(every.min() / 1.5, every.max() * 1.5)
            sizes = sorted(gradient_cost.loc[gradient_cost["sweep"] == sweep, sweep].unique())
            ax.xaxis.set_minor_locator(NullLocator())
            ax.set_xticks(sizes, [str(size) for size in sizes])
    last = axes[-1][0]
    for rule in rules:
        line = {"color": palette[rule], "dashes": dashes[rule] or (None, None)}
        last.plot([], [], marker="o", markersize=4, label=rule, **line)
    figure.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncol=3, fontsize="small")
    figure.tight_layout()
    return figure


def shares(gradient_cost: pd.DataFrame, known: pd.DataFrame) -> dict[str, list[str]]:
    """The lines of each row: all, or where they are many, the exact ones and the others."""
    rules = gradient_cost["rule"].unique().tolist()
    claims = known.set_index("rule")["claim"]
    others = [rule for rule in rules if claims.get(rule, Claim.EXACT) != Claim.EXACT]
    if len(rules) <= CROWD or len(others) in (0, len(rules)):
        return {"": rules}
    return {"exact: ": [rule for rule in rules if rule not in others], "not exact: ": others}


def updates(update_cost: pd.DataFrame) -> Figure:
    """Time of one update of a replicate, the fastest at the top, a panel per task."""
    tasks = update_cost["task"].unique()
    figure = Figure(figsize=(max(6.0, 5.4 * len(tasks)), 2.6))
    for ax, task in zip(figure.subplots(1, len(tasks), squeeze=False)[0], tasks, strict=True):
        data = update_cost[update_cost["task"] == task].sort_values("seconds")
        data = data.assign(microseconds=data["seconds"] * 1e6)
        ours = {who: COLOURS[0] if who in (OURS, ALONE) else COLOURS[1] for who in data["who"]}
        sns.barplot(data, x="microseconds", y="who", hue="who", palette=ours, legend=False, ax=ax)
        ax.set(title=task, xlabel="µs per update and replicate", ylabel="")
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
        ax.set(xscale="log", title=task, xlabel="µs per update and replicate", ylabel="", ylim=(rows - 0.5, -0.5))
    figure.tight_layout()
    return figure

"""The pictures of the first screen: what the question's networks learn over time, and where every run of two of them ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures.names import at_the_edge
from rnnbench.study.figures.style import DASHED, DOTTED, INK, ROLES, dots, reference_lines, spread
from rnnbench.study.middle import interquartile_mean
from rnnbench.study.roles import Role, playing
from rnnbench.study.tasks import Metric, Task

WORDS = {
    Role.POSTED: "your gradient",
    Role.EXACT: "exact gradient",
    Role.NO_MEMORY: "no memory",
    Role.KERAS_TWIN: "Keras, tuned",
    Role.KERAS_DEFAULTS: "Keras, defaults",
}
"""What the first screen calls the variant of a role."""
NAMES = 1.35
"""Inches at the right."""
DASHES: dict[Role, Sequence[float]] = {Role.KERAS_TWIN: DASHED, Role.KERAS_DEFAULTS: DOTTED}
"""A dash is a library's."""


WIDTHS = {"hero": 6.9, "hero_narrow": 3.65}
"""In inches, beside other things and on a page of one column."""


class Line(NamedTuple):
    """A variant of the first screen by what it is."""

    variant: str
    role: Role

    @property
    def colour(self) -> str:
        """That of its role."""
        return ROLES[self.role][0]


def cast(tables: Tables, task: str) -> list[Line]:
    """Who has a role on a task, in the order of the roles."""
    found = ((playing(role, tables.variants, task), role) for role in WORDS)
    return [Line(variant, role) for variant, role in found if variant is not None]


def ends(tables: Tables, task: str, metric: Metric) -> list[tuple[Line, Mapping[str, Any]]]:
    """Who has a role on a task, and where they end: a row of `final`."""
    final = tables.final[(tables.final["task"] == task) & (tables.final["metric"] == metric.name)].set_index("variant")
    rows: dict[Any, Mapping[str, Any]] = dict(final.to_dict("index"))  # type: ignore[arg-type]
    return [(line, rows[line.variant]) for line in cast(tables, task) if line.variant in rows]


def learnt(row: Mapping[str, Any]) -> str:
    """How many of its runs learn the task, by a row of `final`; its number where there is no target."""
    return f"{row['iqm']:.2g}" if pd.isna(row["solved"]) else f"{row['solved']} of {row['replicates']} learn it"


def hero(tables: Tables, task: str, kind: Task, metric: Metric, unit: str, width: float) -> Figure:
    """The first metric over what was seen, on linear axes to the budget that all have, each line named at its end.

    width: of the figure, in inches; the names are part of it.
    """
    curves = tables.curves[(tables.curves["task"] == task) & (tables.curves["metric"] == metric.name)]
    ended = ends(tables, task, metric)
    lines = [line for line, _ in ended]
    budget = curves[curves["variant"].isin([line.variant for line in lines])].groupby("variant")["examples"].max().min()
    scale, name = (1000, f"thousand {unit}") if budget > 9999 else (1, unit)
    figure = Figure(figsize=(width, 3.35 if width > 5 else 2.6))
    ax = figure.add_axes((0.5 / width, 0.15, 1 - (0.5 + NAMES) / width, 0.82))
    names_at = {}
    for line, end in ended:
        own = until(curves[curves["variant"] == line.variant], budget)
        x = own["examples"] / scale
        ax.plot(x, own["iqm"], color=line.colour, linewidth=2, dashes=DASHES.get(line.role, ()))
        ax.fill_between(x, own["low"], own["high"], color=line.colour, alpha=0.15, linewidth=0)
        told = f"{WORDS[line.role]}\n{learnt(end)}"
        names_at[told] = (float(x.iloc[-1]), float(own["iqm"].iloc[-1]), line.colour)
    ax.set(xlim=(0, budget / scale), xlabel=f"{name} seen")
    _limits(ax, curves, lines, metric, kind)
    least, most = ax.get_ylim()
    named = {WORDS[line.role] for line in lines}
    references = {name: at for name, at in kind.lines(metric).items() if least <= at <= most and name not in named}
    reference_lines(ax, references, left=True)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    at_the_edge(ax, names_at, gap=0.125 if width > 5 else 0.16, coloured=True)
    return figure


def until(curve: pd.DataFrame, budget: float) -> pd.DataFrame:
    """A learning curve to a budget, which lies on it or between two of its points."""
    curve = curve.sort_values("examples")[["examples", "iqm", "low", "high"]].astype(float)
    kept = curve[curve["examples"] < budget]
    last = {name: np.interp(budget, curve["examples"], curve[name]) for name in curve}
    return pd.concat([kept, pd.DataFrame([last])], ignore_index=True)


def _limits(ax: Axes, curves: pd.DataFrame, lines: Sequence[Line], metric: Metric, kind: Task) -> None:
    """From the best there is to what all begin with: a wild first step is cut off."""
    chance, shown = kind.chance, curves[curves["variant"].isin([line.variant for line in lines])]
    if metric.higher_is_better:
        ax.set_ylim(min(chance, float(shown["iqm"].min())) - 0.03, metric.best + 0.03)
    else:
        ax.set_ylim(metric.best - 0.015 * chance, 1.2 * chance)


def strips(replicates: pd.DataFrame, metric: Metric, rows: Iterable[tuple[str, Line]], kind: Task) -> Figure:
    """Every run's end as a dot, a row each, the interquartile mean as a bar; the axis goes from the best there is to chance."""
    rows = list(rows)
    figure = Figure(figsize=(2.9, 0.3 + 0.24 * len(rows)))
    ax = figure.add_axes((0.31, 0.3 / figure.get_figheight(), 0.62, 0.24 * len(rows) / figure.get_figheight()))
    for place, (_, line) in enumerate(rows):
        own = replicates[(replicates["variant"] == line.variant) & (replicates["metric"] == metric.name)]
        values = own["value"].fillna(metric.worst)
        dots(ax, values, place + spread(own["replicate"], 0.5), line.colour, 3.5, 0.45)
        middle = float(interquartile_mean(values.to_numpy()))
        ax.plot([middle, middle], [place - 0.36, place + 0.36], color=INK, linewidth=1.6)
    ends = sorted([metric.best, kind.chance])
    margin = 0.06 * (ends[1] - ends[0])
    ax.set(xlim=(ends[0] - margin, ends[1] + 2 * margin), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xticks(ends, [f"{end:g}" for end in ends])
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    for label, (_, line) in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_color(line.colour)
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    return figure

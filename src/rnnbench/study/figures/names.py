"""Names beside what they are of, where a legend would ask the eye to match colours."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rnnbench.arrays import Array
from rnnbench.study.figures.style import INK

NEAR = 7
"""Points from the middle of a dot to its name."""


def at_the_edge(ax: Axes, ends: Mapping[str, tuple[float, float, str]], gap: float = 0.055, coloured: bool = False) -> None:
    """Names of lines right of the axes, at the height of their ends (x, y, colour), moved apart where they would touch, each with
    a thin lead. coloured: the names are in the colour of their lines.
    """
    low, high = ax.get_ylim()
    names = sorted(ends, key=lambda name: ends[name][1])
    wanted = np.array([(ends[name][1] - low) / (high - low) for name in names])
    # Each at least `gap` above the one before, but all within the axes.
    steps = gap * np.arange(len(names))
    places = np.maximum.accumulate(wanted - steps) + steps
    places = np.minimum(places, 1 - steps[::-1])
    for name, place in zip(names, places, strict=True):
        x, y, colour = ends[name]
        lead = {"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)}
        ax.annotate(
            name,
            (x, y),
            xytext=(1.03, place),
            textcoords="axes fraction",
            va="center",
            fontsize="small",
            color=colour if coloured else INK,
            arrowprops=lead,
        )


def name_dots(ax: Axes, x: pd.Series, y: pd.Series, names: Sequence[str], bars: Array | None = None) -> None:
    """A name beside each dot, at the nearest place that is free of dots, bars, other names and leads; a lead where it is far.

    Limits and place of the axes must be final. bars: both ends in y of the bar of each dot.
    """
    size, point = 8.5, ax.figure.dpi / 72

    def points(of: Array) -> Array:
        found: Array = ax.transData.transform(of) / point
        return found

    dots = points(np.column_stack([x, y]))
    taken = [np.r_[dot - 4, dot + 4] for dot in dots]
    for place, ends in zip(x, [] if bars is None else bars, strict=False):
        taken.append(np.r_[points(np.array([[place, ends.min()], [place, ends.max()]])).ravel()] + [-1, 0, 1, 0])
    within: Array = np.array(ax.get_window_extent().extents) / point
    for number in np.argsort(-dots[:, 1], kind="stable"):
        extent = np.array([0.62 * size * len(names[number]), 1.15 * size])
        way, radius, boxes = _free(dots[number], extent, taken, within)
        taken += boxes
        lead = {"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4}
        ax.annotate(
            names[number],
            (x.iloc[number], y.iloc[number]),
            xytext=(radius * way[0], radius * way[1]),
            textcoords="offset points",
            ha=("right", "center", "left")[int(np.sign(way[0])) + 1],
            va=("top", "center", "bottom")[int(np.sign(way[1])) + 1],
            fontsize=size,
            arrowprops=lead if radius > NEAR else None,
        )


def _free(dot: Array, extent: Array, taken: Sequence[Array], within: Array) -> tuple[Array, int, list[Array]]:
    """Which way from its dot a name goes, how far, and the boxes (left, low, right, high) that it and its lead take."""
    for radius in range(NEAR, 140, 7):
        for turn in (0, 8, 1, 15, 7, 9, 2, 14, 6, 10, 3, 13, 5, 11, 4, 12):
            way = np.round([np.cos(np.pi * turn / 8), np.sin(np.pi * turn / 8)], 3)
            middle = dot + radius * way + np.sign(way) * extent / 2
            box = np.r_[middle - extent / 2, middle + extent / 2]
            lead = [np.r_[spot - 0.5, spot + 0.5] for spot in dot + np.arange(NEAR, radius - 1, 4)[:, None] * way]
            inside = (box[:2] >= within[:2]).all() and (box[2:] <= within[2:]).all()
            if inside and not any(_touch(part, other) for part in (box, *lead) for other in taken):
                return way, radius, [box, *lead]
    return np.array([1.0, 0.0]), NEAR, []


def _touch(a: Array, b: Array) -> bool:
    return bool((a[:2] < b[2:]).all() and (b[:2] < a[2:]).all())

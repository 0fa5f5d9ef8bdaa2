"""One look for all figures: a variant keeps its colour and dash everywhere, and the ink follows a light or dark page."""

import io
import pathlib
import re
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from rnnbench.study.figures import ticks
from rnnbench.study.roles import Role

matplotlib.use("svg")
ticks.use()

INK, GRID = "#1f2933", "#c9ced4"
DARK_INK, DARK_GRID = "#e4e7eb", "#444b55"
ROLES = {
    Role.POSTED: ("#c23b4a", "#ff8f99"),
    Role.EXACT: ("#0072b2", "#5cb8f0"),
    Role.NO_MEMORY: ("#5f6b7a", "#a9b3be"),
    Role.KERAS_TWIN: ("#8c6d1f", "#dcb95c"),
    Role.KERAS_DEFAULTS: ("#8c6d1f", "#dcb95c"),
}
"""The colour of a role, which is that of no one else: on white, and on the dark paper."""
# Each at least 3:1 against both papers, #fff and #14181d, so that a line is seen on either.
COLOURS = ("#0072b2", "#d55e00", "#008f69", "#b5568f", "#8c6d1f", "#7a5cc4", "#c23b4a", "#5f6b7a", "#0f8a9d", "#5a8f1f")
# Matplotlib measures text in DejaVu Sans; Verdana is as wide.
FONTS = "'DejaVu Sans',Verdana,sans-serif"
DASHES: tuple[Sequence[float], ...] = (
    (),
    (4, 1.5),
    (1, 1),
    (6, 1.5, 1, 1.5),
    (9, 3),
    (3, 1, 1, 1, 1, 1),
    (1, 3),
    (9, 1.5, 3, 1.5),
    (2, 2),
    (6, 1, 1, 1, 1, 1),
    (14, 2),
    (4, 4),
    (9, 1, 1, 1, 1, 1, 1, 1),
)

sns.set_theme(
    style="whitegrid",
    font_scale=0.9,
    rc={
        "svg.hashsalt": "rnnbench",
        "svg.fonttype": "none",
        "font.family": "DejaVu Sans",
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "legend.facecolor": "none",
        "legend.frameon": False,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "axes.edgecolor": GRID,
        **{f"{part}.color": INK for part in ("text", "xtick", "ytick")},
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
    },
)


class Look:
    """Colour and dash of each variant, by its place in the sorted list of all variants of the study, and who stands together.

    groups: variant -> the name of its panel in figures that would else have too many lines.
    """

    def __init__(self, groups: Mapping[str, str]) -> None:
        self.groups = groups
        self.variants = sorted(groups)
        ten = len(COLOURS)
        self.palette = {v: COLOURS[i % ten] for i, v in enumerate(self.variants)}
        # Variants of a group differ in dash too, as long as there are any, so that a panel can be read in grey.
        self.dashes: dict[str, Sequence[float]] = {}
        taken: set[tuple[int, int]] = set()
        for i, variant in enumerate(self.variants):
            first = sum(groups[v] == groups[variant] for v in self.dashes)
            places = [(first + step) % len(DASHES) for step in range(len(DASHES))]
            place = next((place for place in places if (i % ten, place) not in taken), first % len(DASHES))
            taken.add((i % ten, place))
            self.dashes[variant] = DASHES[place]

    def lines(self) -> dict[str, object]:
        """Arguments for seaborn.lineplot with hue and style by variant."""
        return {"hue": "variant", "style": "variant", "palette": self.palette, "dashes": self.dashes}

    def grouped(self, data: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
        """The rows of each group that has any, by name."""
        return list(data.groupby(data["variant"].map(self.groups), sort=False))


def reference_lines(ax: Axes, lines: dict[str, float], left: bool = False) -> None:
    """Horizontal lines with their names at the right edge, or the left one."""
    for name, y in lines.items():
        ax.axhline(y, color=INK, linewidth=0.8, linestyle=":")
        ax.annotate(
            name,
            (0 if left else 1, y),
            xycoords=("axes fraction", "data"),
            xytext=(2 if left else -2, 2),
            textcoords="offset points",
            ha="left" if left else "right",
            va="bottom",
            fontsize=8.4,
        )


def panels(look: Look, data: pd.DataFrame, height: float = 3.8) -> tuple[Figure, list[tuple[Axes, pd.DataFrame]]]:
    """A panel a group of variants, on one y axis, under the group's name where there are several."""
    parts = look.grouped(data)
    figure = Figure(figsize=(max(6.0, 4.4 * len(parts)), height))
    axes = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    if len(parts) > 1:
        for ax, (name, _) in zip(axes, parts, strict=True):
            ax.set_title(name)
    return figure, [(ax, part) for ax, (_, part) in zip(axes, parts, strict=True)]


def spread(replicates: pd.Series, width: float) -> pd.Series:
    """Offsets that keep the dots of replicates apart, by the golden ratio: even, and the same each time."""
    return width * (replicates * 0.618 % 1) - width / 2


def dots(ax: Axes, x: pd.Series, y: pd.Series, colour: str, size: float = 4.5, alpha: float = 0.6) -> None:
    """Many round dots of one colour as one path, of lines as short as a point: a fifth of the bytes that markers take."""
    places = np.column_stack([x, y])[np.isfinite(x) & np.isfinite(y)]
    path = Path(places.repeat(2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(places)))
    path.should_simplify = False
    style = {"edgecolor": colour, "facecolor": "none", "linewidth": size, "alpha": alpha, "capstyle": "round"}
    ax.add_patch(PathPatch(path, **style))
    ax.update_datalim(places)
    ax.autoscale_view()


def legend_below(ax: Axes) -> None:
    """The legend under the axis, in two columns."""
    sns.move_legend(ax, "upper center", bbox_to_anchor=(0.5, -0.2), ncol=2, title=None, fontsize="small")


def save(figure: Figure, path: pathlib.Path) -> None:
    """Write as SVG."""
    path.write_text(text(figure), encoding="utf-8")


def text(figure: Figure) -> str:
    """The SVG, byte for byte the same each time, with ink and colours that follow the reader's light or dark setting."""
    with io.StringIO() as drawn:
        figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
        svg = drawn.getvalue()
    inks = {"ink": (INK, DARK_INK), "grid": (GRID, DARK_GRID), **{str(role): inks for role, inks in ROLES.items()}}
    for name, (light, _) in inks.items():
        svg = re.sub(f"(?<!,){light}", f"var(--{name},{light})", svg, flags=re.IGNORECASE)
    used = {name: inks[name] for name in inks if f"--{name}," in svg or name in ("ink", "grid")}
    light, dark = (";".join(f"--{name}:{pair[at]}" for name, pair in used.items()) for at in (0, 1))
    style = (
        f"<style>svg{{{light}}}text{{font-family:{FONTS}}}@media screen and (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    )
    return re.sub(r"(<svg\b[^>]*>)", lambda match: match[1] + style, small(svg), count=1)


def small(svg: str) -> str:
    """The same picture in fewer bytes: the font is named once, coordinates have two decimals."""

    def rounded(tag: re.Match[str]) -> str:
        if "scale(" in tag[0]:
            return tag[0]
        named_once = re.sub(r"font-family: [^;\"]*;? ?", "", tag[0])
        return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), named_once)

    return re.sub(r"<[a-z][^>]*>", rounded, svg)

"""One look for all figures: colours mean a role, and the ink follows a light or dark page."""

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
    Role.NO_MEMORY: ("#57534e", "#a09a92"),
    Role.KERAS_TWIN: ("#8c6d1f", "#dcb95c"),
    Role.KERAS_DEFAULTS: ("#8c6d1f", "#dcb95c"),
}
"""The colour of a role, which is that of no one else: on white, and on the dark paper."""
PINS = (("#1b7a3d", "#7fd6a0"), ("#7a5cc4", "#b9a4f5"))
"""Those of two more that a reader pins."""
OTHERS = ("#aab2bb", "#5b6570")
"""That of everyone else."""
DASHED, DOTTED = (4, 1.5), (1, 1.5)
# Each at least 3:1 against both papers, #fff and #14181d, so that a line is seen on either.
COLOURS = ("#0072b2", "#d55e00", "#008f69", "#b5568f", "#8c6d1f", "#7a5cc4", "#c23b4a", "#5f6b7a", "#0f8a9d", "#5a8f1f")
# Matplotlib measures text in DejaVu Sans; Verdana is as wide.
FONTS = "'DejaVu Sans',Verdana,sans-serif"
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
    """Colour and dash of the variants of a task: a colour is a role's, all others are light grey, and a dash is a library's."""

    def __init__(self, roles: Mapping[str, Role], libraries: Mapping[str, str]) -> None:
        """roles: of the variants that have one; libraries: of those that are not in NumPy, or of all."""
        self.roles, self.libraries = dict(roles), dict(libraries)

    @property
    def pinned(self) -> list[str]:
        """Who is drawn in colour unless it is asked for: all roles but Keras as people use it."""
        return [variant for variant, role in self.roles.items() if role != Role.KERAS_DEFAULTS]

    def colour(self, variant: str) -> str:
        """On white; `coloured` gives a figure that of the dark."""
        return (ROLES[self.roles[variant]] if variant in self.roles else OTHERS)[0]

    def dash(self, variant: str) -> Sequence[float]:
        """Lengths of dashes and gaps, empty for a solid line."""
        if self.roles.get(variant) == Role.KERAS_DEFAULTS:
            return DOTTED
        return () if self.libraries.get(variant, "numpy") == "numpy" else DASHED


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


def save(figure: Figure, path: pathlib.Path) -> None:
    """Write as SVG."""
    path.write_text(text(figure), encoding="utf-8")


def text(figure: Figure) -> str:
    """The SVG, byte for byte the same each time."""
    with io.StringIO() as drawn:
        figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
        svg = drawn.getvalue()
    return coloured(small(svg))


def coloured(svg: str) -> str:
    """The same picture with ink and colours that follow the reader's light or dark setting."""
    inks = {"ink": (INK, DARK_INK), "grid": (GRID, DARK_GRID), "others": OTHERS}
    inks |= {str(role): pair for role, pair in ROLES.items()}
    for name, (light, _) in inks.items():
        svg = re.sub(f"(?<!,){light}", f"var(--{name},{light})", svg, flags=re.IGNORECASE)
    used = {name: inks[name] for name in inks if f"--{name}," in svg or name in ("ink", "grid")}
    light, dark = (";".join(f"--{name}:{pair[at]}" for name, pair in used.items()) for at in (0, 1))
    style = (
        f"<style>svg{{{light}}}text{{font-family:{FONTS}}}@media screen and (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    )
    return re.sub(r"(<svg\b[^>]*>)", lambda match: match[1] + style, svg, count=1)


def small(svg: str) -> str:
    """The same picture in fewer bytes: the font is named once, coordinates have two decimals."""

    def rounded(tag: re.Match[str]) -> str:
        if "scale(" in tag[0]:
            return tag[0]
        named_once = re.sub(r"font-family: [^;\"]*;? ?", "", tag[0])
        return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), named_once)

    return re.sub(r"<[a-z][^>]*>", rounded, svg)

"""The matrix of rules by parameters: what every rule is for every parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from rnnbench.study.figures.style import COLOURS
from rnnbench.trial.outcome import Outcome

FACES = {"right": (COLOURS[2], COLOURS[2]), "mean": ("none", COLOURS[2]), "wrong": ("none", COLOURS[6])}
"""Of a cell, the filling and the ink."""


class Cell(NamedTuple):
    """What a rule is for a parameter: a class of the style, a word, and what it means in full."""

    kind: str
    word: str
    meaning: str


@dataclass(frozen=True)
class Matrix:
    """Rules by parameters; those of which the same is found stand in one row."""

    depth: int
    parameters: Sequence[str]
    rows: Sequence[tuple[Sequence[str], Sequence[Cell]]]


def matrix(verdicts: pd.DataFrame, depth: int) -> Matrix:
    """What every rule is for every parameter of networks of a depth, the rules that are right for most first."""
    own = verdicts[verdicts["depth"] == depth]
    parameters = own["parameter"].unique().tolist()
    alike: dict[tuple[Cell, ...], list[str]] = {}
    for rule, rows in own.groupby("rule", sort=False):
        by_name = rows.set_index("parameter")
        alike.setdefault(tuple(_cell(by_name.loc[name].to_dict()) for name in parameters), []).append(str(rule))
    order = sorted(alike.items(), key=lambda row: -sum(cell.kind == "right" for cell in row[0]))
    return Matrix(depth, parameters, [(names, cells) for cells, names in order])


def _cell(finding: Mapping[str, Any]) -> Cell:
    if finding["verdict"] == Outcome.EXACT:
        return Cell("right", "exact", "equal to rounding on every network")
    if finding["verdict"] == Outcome.NOISY:
        return Cell("mean", "on average", "the mean over draws is exact")
    cosine = finding["cosine_median"]
    word = "wrong" if pd.isna(cosine) else f"{cosine:.2f}" if cosine < 0.995 else "> 0.99"
    return Cell("wrong", word, f"{finding['verdict']}; median cosine to the exact gradient {word}")


def court(found: Matrix) -> Figure:
    """The matrix as a picture: exact filled, right on average framed, of one that is wrong its cosine."""
    columns, rows = len(found.parameters), len(found.rows)
    figure = Figure(figsize=(1.2 + 1.1 * columns, 0.34 * rows + 0.5))
    ax = figure.subplots()
    for y, (_, cells) in enumerate(found.rows):
        for x, cell in enumerate(cells):
            face, ink = FACES[cell.kind]
            edge = ink if cell.kind == "mean" else "none"
            ax.add_patch(Rectangle((x - 0.47, y - 0.42), 0.94, 0.84, facecolor=face, edgecolor=edge))
            ax.text(x, y, cell.word, ha="center", va="center", color="white" if cell.kind == "right" else ink, fontsize=9)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    ax.set_xticks(range(columns), found.parameters)
    ax.set_yticks(range(rows), [fill(", ".join(names), 44) for names, _ in found.rows])
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return figure

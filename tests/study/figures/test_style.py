"""What all figures share."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from rnnbench.study.figures import hero, style


def drawn(figure, tmp_path):
    style.save(figure, tmp_path / "figure.svg")
    return (tmp_path / "figure.svg").read_text(encoding="utf-8")


def test_every_dot_is_there_and_within_the_axes(tmp_path):
    x = pd.Series(np.r_[np.linspace(0, 5, 500), np.nan])
    figure = Figure()
    ax = figure.subplots()
    style.dots(ax, x, 0 * x, "#123456")
    (path,) = re.findall(r'<path d="([^"]*)"[^>]*#123456', drawn(figure, tmp_path))
    assert path.count("M") == path.count("L") == 500
    assert ax.get_xlim()[0] < 0 and ax.get_xlim()[1] > 5


def test_what_is_made_smaller_looks_the_same():
    tag = '<path style="font-family: \'A\', b; fill: red" d="M 1.23456 -0.5 L 12.00001 3" transform="rotate(1.5)"/>'
    assert style.small(tag) == '<path style="fill: red" d="M 1.23 -0.5 L 12 3" transform="rotate(1.5)"/>'
    assert style.small('<use transform="scale(0.015625)"/>') == '<use transform="scale(0.015625)"/>'
    assert style.small("<text>0.123456</text>") == "<text>0.123456</text>"


def test_a_curve_ends_at_the_budget_also_between_two_of_its_points():
    curve = pd.DataFrame({"examples": [0, 100], "iqm": [0.3, 0.1], "low": [0.2, 0.0], "high": [0.4, 0.2]})
    found = hero.until(curve, 50)
    assert found["examples"].tolist() == [0, 50] and found["iqm"].tolist() == pytest.approx([0.3, 0.2])
    assert hero.until(curve, 100)["low"].tolist() == [0.2, 0.0]

import numpy as np
import pytest
from matplotlib.figure import Figure

from rnnbench.study.figures import ticks
from rnnbench.study.figures.ticks import Powers


@pytest.mark.parametrize(
    ("value", "words"), [(1e-3, "10⁻³"), (1e12, "10¹²"), (2e-5, "2×10⁻⁵"), (1, "10⁰"), (0, "0"), (-100, "−10²"), (-2e3, "−2×10³")]
)
def test_powers_in_plain_text(value, words):
    assert Powers(10, minor_thresholds=(np.inf, np.inf))(value) == words


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_axes_have_them(scale):
    ticks.use()
    figure = Figure()
    ax = figure.subplots()
    ax.set(xscale=scale, xlim=(1, 1e4))
    figure.draw_without_rendering()
    words = [label.get_text() for label in ax.get_xticklabels()]
    assert "10²" in words and not any("$" in word for word in words)

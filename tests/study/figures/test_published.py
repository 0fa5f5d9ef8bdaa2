"""The figure of a published table: a ring for what was published, a filled mark for what is from here."""

import numpy as np
import pytest

from rnnbench.study.analysis import prequential
from rnnbench.study.figures.published import HERE, THERE, published
from rnnbench.study.figures.style import text

ROWS = [
    {"task": task, "variant": variant, "mean": mean, "deviation": 0.1 * mean, "seeds": 10}
    for task, variant, mean in (("a", "one", 0.01), ("a", "two", 0.5), ("b", "one", 0.02), ("b", "two", 0.03))
]
FOUND = {
    ("a", "one"): 0.01 + 0.001 * np.linspace(-1, 1, 10),
    ("a", "two"): 0.9 + 0.001 * np.linspace(-1, 1, 10),
    ("b", "one"): np.full(10, np.inf),
}
TABLE = prequential.published(FOUND, [{"source": "somebody", "rows": ROWS}])


@pytest.mark.parametrize("narrow", [False, True])
def test_every_number_that_there_is_stands_at_its_place(narrow):
    figure = published(TABLE, narrow)
    assert (figure.get_figwidth() < 4) == narrow
    left, right = figure.axes
    assert [ax.get_title() for ax in (left, right)] == ["a", "b"] and left.get_xscale() == "log"
    assert [label.get_text() for label in left.get_yticklabels()] == ["two", "one"]
    marks = {}
    for ax in (left, right):
        for line in ax.lines:
            if len(line.get_xdata()) == 1 and line.get_marker() in ("o", "s"):
                key = ax.get_title(), line.get_color(), round(float(line.get_ydata()[0]))
                marks[key] = float(line.get_xdata()[0]), line.get_marker()
    expected = {("a", THERE, 1): 0.01, ("a", THERE, 0): 0.5, ("b", THERE, 1): 0.02, ("b", THERE, 0): 0.03}
    expected |= {("a", HERE, 1): FOUND["a", "one"].mean(), ("a", HERE, 0): FOUND["a", "two"].mean()}
    assert {key: x for key, (x, _) in marks.items()} == expected
    assert marks["a", HERE, 1][1] == "o" and marks["a", HERE, 0][1] == "s"  # agrees, differs


def test_it_is_drawn_with_a_single_task_and_a_single_row():
    assert "<svg" in text(published(TABLE[:1]))

"""The matrix of rules by parameters says what the trial found, and its picture says the same."""

import pandas as pd
import pytest
from reports import judged

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.study.figures import court, style
from rnnbench.study.probes import verdicts

FOUND = verdicts.findings(judged(posted=Posted, bptt=Bptt))


def test_rules_of_which_the_same_is_found_stand_in_one_row_the_right_ones_first():
    twin = FOUND[FOUND["rule"] == "bptt"].assign(rule="other")
    found = court.matrix(pd.concat([FOUND, twin]), 1)
    assert found.parameters == ["W0", "R1", "b0", "W1", "b1"]
    assert [list(names) for names, _ in found.rows] == [["bptt", "other"], ["posted"]]
    assert [cell.kind for cell in found.rows[1][1]] == ["wrong", "right", "wrong", "right", "right"]


@pytest.mark.parametrize(
    ("verdict", "cosine", "kind", "word"),
    [
        ("exact", 1.0, "right", "exact"),
        ("unbiased but noisy", 0.9, "mean", "on average"),
        ("biased", 0.9, "wrong", "0.90"),
        ("biased", 0.9999, "wrong", "> 0.99"),
        ("biased", float("nan"), "wrong", "wrong"),
    ],
)
def test_a_cell_says_what_was_found(verdict, cosine, kind, word):
    row = pd.DataFrame([("a", 1, "R1", verdict, cosine)], columns=["rule", "depth", "parameter", "verdict", "cosine_median"])
    ((_, (cell,)),) = court.matrix(row, 1).rows
    assert (cell.kind, cell.word) == (kind, word)


def test_the_picture_has_every_name_and_every_word():
    found = court.matrix(FOUND, 1)
    svg = style.text(court.court(found))
    for words in (*found.parameters, *(name for names, _ in found.rows for name in names)):
        assert f">{words}</text>" in svg
    for word in {cell.word for _, cells in found.rows for cell in cells}:
        assert svg.count(f">{word.replace('>', '&gt;')}</text>") == sum(c.word == word for _, cells in found.rows for c in cells)

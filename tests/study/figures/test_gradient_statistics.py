"""Figures of gradient statistics where there is little to show, or much."""

from itertools import combinations

import pandas as pd
import pytest

from rnnbench.study.figures import pairs, style

COLUMNS = ["variant", "updates", "quantity", "of", "lag", "low", "median", "high", "finite"]


def statistics(*rows, variants=("a",)):
    """Rows of quantity, of, lag and median, for each variant, before and after training."""
    whole = [(v, u, q, of, lag, m, m, m, 3) for v in variants for u in (0, 9) for q, of, lag, m in rows]
    return pd.DataFrame(whole, columns=COLUMNS)


@pytest.mark.parametrize("rules", [2, 5, 17])
def test_every_pair_stands_once_in_each_matrix(rules, tmp_path):
    names = [f"rule{i}" for i in range(rules)]
    named = [f"{a} | {b}" for b, a in combinations(names, 2)]
    drawn = statistics(*((quantity, pair, 0, 0.25) for quantity in pairs.PANELS for pair in named))
    figure = pairs.matrices(drawn, "a")
    style.save(figure, tmp_path / "figure.svg")
    assert [len([t for t in ax.texts if t.get_text()]) for ax in figure.axes] == [len(named)] * 6


def test_the_matrices_are_of_the_posted_run_where_there_is_one():
    rows = [("pair cosine", "b | a", 0, 0.5)]
    assert pairs.shown_run(statistics(*rows, variants=("keras", "mine")), "mine") == "mine"
    assert pairs.shown_run(statistics(*rows, variants=("keras", "mine")), None) == "keras"


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (1 - 1e-15, "1"), (0.9999, "1.00"), (-0.5, "-0.50")])
def test_only_what_is_equal_is_one_without_decimals(value, text):
    assert pairs.told(value) == text

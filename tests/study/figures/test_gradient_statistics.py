"""Figures of gradient statistics where there is little to show, or much."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from studies import XOR

from rnnbench.study.figures import memory, pairs, style
from rnnbench.study.figures import statistics_of_gradients as words
from rnnbench.study.settings import TaskSettings

COLUMNS = ["variant", "updates", "quantity", "of", "lag", "low", "median", "high", "finite"]


def statistics(*rows, variants=("a",)):
    """Rows of quantity, of, lag and median, for each variant, before and after training."""
    whole = [(v, u, q, of, lag, m, m, m, 3) for v in variants for u in (0, 9) for q, of, lag, m in rows]
    return pd.DataFrame(whole, columns=COLUMNS)


def test_where_nothing_is_remembered_nothing_is_drawn_of_memory():
    task, look = TaskSettings.of("xor", XOR, 1), style.Look({"a": "online"})
    assert not list(words.of_memory(statistics(("lag rate", "x1", 0, np.nan)), task, look, "bits"))
    names = dict(words.of_memory(statistics(("lag rate", "x1", 0, 0.5)), task, look, "bits"))
    assert set(names) == {"lags", "jacobians", "lyapunov"} and "a 0.5" in names["lags"].alt


def test_singular_values_that_are_all_zero_leave_their_panel_empty(tmp_path):
    rows = [
        ("singular value", of, k, value) for of, value in [("largest", 1.0), ("median", 0.5), ("smallest", 0.0)] for k in (1, 2)
    ]
    figure = memory.singular_values(statistics(*rows), style.Look({"a": "online"}))
    style.save(figure, tmp_path / "figure.svg")
    assert [ax.get_title() for ax in figure.axes] == ["largest", "median", "smallest"]


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


def test_the_fitted_exponential_goes_through_what_it_was_fitted_to():
    """On an exact exponential the dotted line lies on the full one."""
    lags = [("lag norm", "x1", k, 3 * 0.5**k) for k in range(6)]
    figure = memory.lags(statistics(*lags, ("lag rate", "x1", 0, 0.5)), style.Look({"a": "online"}))
    full, dotted = figure.axes[1].get_lines()[:2]
    np.testing.assert_allclose(dotted.get_ydata(), full.get_ydata()[1:])

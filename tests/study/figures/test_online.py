"""Figures of the rules of online learning: what is drawn where, and that every name can be read."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from reports import GRADIENT_COST, TASKS, held, judged, of_rules, tables

from rnnbench.gradients.registry import RULES
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures import cost, entry, names, online, style
from rnnbench.study.probes.verdicts import rules as table_of_rules

SIX = [f"v{number}" for number in range(6)]
LOOK = style.Look({}, {})
METRIC = TASKS["xor"].kind.metrics[0]


@pytest.mark.parametrize(
    ("cost", "value", "higher", "lower"),
    [
        ([1, 2, 3], [3, 2, 1], [True, False, False], [True, True, True]),
        ([1, 2, 3], [1, 1, 2], [True, False, True], [True, False, False]),
        ([1, 1, 2], [1, 2, 3], [False, True, True], [True, False, False]),
        ([2, 2, 1], [5, 5, 1], [True, True, True], [False, False, True]),
        ([np.nan, 2, 3], [9, 1, 2], [False, True, True], [False, True, False]),
        ([1, 2, 3], [np.nan, 1, 2], [False, True, True], [False, True, False]),
    ],
)
def test_on_the_front_is_what_nothing_beats(cost, value, higher, lower):
    cost, value = np.array(cost, float), np.array(value, float)
    assert online.front(cost, value, True).tolist() == higher and online.front(cost, value, False).tolist() == lower


def test_the_front_of_a_study_is_told_and_every_rule_is_named():
    def told(**changes):
        made = tables(variants=SIX, **of_rules(held(SIX, **changes)))
        return dict(online.entries(made, TASKS["xor"], LOOK, "bits"))["rules_pareto"]

    shown = told()
    assert "over time, none is both cheaper and better than bptt;" in shown.alt
    assert "over memory, none is both cheaper and better than bptt, snap1, kf-rtrl, elman and diagonal." in shown.alt
    assert "than bptt and diagonal; over memory" in told(iqm=[0.3, 0.35, 0.35, 0.4, 0.3, 0.1]).alt
    assert "over memory, none is both cheaper and better than any." in told(bytes=np.nan).alt
    for ax in shown.draw().axes:
        assert {text.get_text() for text in ax.texts} == set(held(SIX)["rule"])


def test_keras_is_shown_beside_the_rules_where_it_was_trained():
    made = tables(variants=[*SIX, "rules-keras"])
    final = made.final.assign(recipe="rules")
    cost = made.cost.assign(library=["keras" if v == "rules-keras" else "numpy" for v in made.cost["variant"]])
    look = style.Look({}, {})
    shown = dict(online.entries(made.replaced(final=final, cost=cost), TASKS["xor"], look, "bits"))["rules_pareto"]
    time, memory = shown.draw().axes
    assert "bptt in Keras" in {text.get_text() for text in time.texts} - {text.get_text() for text in memory.texts}
    assert "the cross is the exact rule in Keras" in shown.caption


def test_what_has_no_bias_or_variance_is_at_the_edge():
    """uoro's squared bias is below zero, and kf-rtrl's within two standard errors of it; snap1 draws nothing."""
    table = held(SIX).dropna(subset="cosine")
    assert online.bias(table).tolist() == [0.5, 0, 0, 0.6] and online.variance(table).tolist() == [0, 40, 4, 0]
    (ax,) = online.noise(table, LOOK).axes
    places = dict(zip(table["rule"], ax.collections[0].get_offsets().tolist()))
    assert places["uoro"][0] == places["kf-rtrl"][0] == ax.get_xticks()[0] < 0.05
    assert places["snap1"][1] == places["elman"][1] == ax.get_yticks()[0] < 0.4
    assert [ax.get_xticklabels()[0].get_text(), ax.get_yticklabels()[0].get_text()] == ["not above\nthe noise", "none"]
    assert {text.get_text() for text in ax.texts} == set(table["rule"])


@pytest.mark.parametrize("squared, spread", [(-1.0, 40.0), (0.25, 0.0)])
def test_where_all_are_alike_there_is_a_figure_still(squared, spread, tmp_path):
    table = held(SIX, squared_bias=squared, variance=spread, cosine=1.0)
    style.save(online.noise(table, LOOK), tmp_path / "figure.svg")


def test_lines_of_alignment_are_named_once_and_apart():
    table = held(SIX, cosine=[np.nan, 0.5, 0.5, 0.5, 0.51, np.nan])
    (ax,) = online.alignment(of_rules(table)["beside_exact"], table, LOOK, "bits").axes
    places = {text.get_text(): text.xyann[1] for text in ax.texts if text.get_text() != "exact"}
    assert set(places) == {"snap1", "uoro", "kf-rtrl", "elman"}
    assert all(abs(a - b) > 0.05 for a, b in combinations(places.values(), 2)) and max(places, key=places.get) == "elman"


def test_names_beside_many_lines_stay_within_the_axes():
    ax = Figure().subplots()
    names.at_the_edge(ax, {str(number): (1, 1, "black") for number in range(12)})
    places = sorted(text.xyann[1] for text in ax.texts)
    assert places[0] > 0 and places[-1] <= 1 and np.diff(places).min() > 0.05


def test_names_beside_dots_do_not_touch():
    ax = Figure(figsize=(8, 4)).subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    dots = pd.Series(np.r_[np.full(6, 0.5), 0.98, 0.02])
    names.name_dots(ax, dots, dots, [f"a rule {number}" for number in range(8)])
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    inside = ax.get_window_extent()
    assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in boxes)


def test_of_the_rules_that_are_timed_the_exact_ones_libraries_and_the_posted_one_are_drawn():
    measured = pd.concat([GRADIENT_COST[:2].assign(rule=rule) for rule in ("keras", *RULES)])
    kept = cost.of_exact(measured, table_of_rules(judged()))
    assert set(kept["rule"]) == {"keras", "posted", *(name for name, rule in RULES.items() if rule.claim == "exact")}
    axes = cost.scaling(kept).axes
    assert [ax.get_ylabel() for ax in axes] == ["ms per gradient", "peak memory, MB"]
    assert [sum(len(line.get_xdata()) > 0 for line in ax.get_lines()) for ax in axes] == [kept["rule"].nunique()] * 2
    only = measured[measured["rule"] == "elman"]
    assert cost.of_exact(only, table_of_rules(judged())) is only


def test_of_many_values_the_ends_are_told():
    assert entry.in_words("abc", [3, 1, 2], 2) == "a 3, b 1, c 2"
    letters = "abcdefghijklmnop"
    assert entry.in_words(letters, range(16, 0, -1), 2) == "from p 1, o 2, n 3, by 10 between, to c 14, b 15, a 16"


def test_every_figure_of_the_rules_has_words_from_the_data():
    found = dict(online.entries(tables(variants=SIX), TASKS["xor"], LOOK, "bits"))
    assert set(found) == {"rules_alignment", "rules_cosine", "rules_noise", "rules_pareto"}
    assert "snap1 0.7, kf-rtrl 0.5, elman 0.3, uoro 0.1" in found["rules_alignment"].alt
    assert "snap1 0.5 and 0, kf-rtrl 0 and 4, elman 0.6 and 0, uoro 0 and 40" in found["rules_noise"].alt
    assert "within two standard errors" in found["rules_noise"].caption and "n = 3 runs" in found["rules_pareto"].caption
    empty = Tables({})
    assert not list(online.entries(empty, TASKS["xor"], LOOK, "bits"))

"""What a chart is given to draw."""

import base64
import gzip
import json

import numpy as np
import pandas as pd
from reports import TASKS, tables, traces

from rnnbench.study.figures.catalogue import look_of
from rnnbench.study.report import explorer


def packed(measures):
    made = tables()
    found = explorer.explorer("explore-xor", "xor", "title", measures, look_of(made, "xor"))
    return found, json.loads(gzip.decompress(base64.b64decode(found.data)))


def test_curves_and_single_runs_are_those_of_the_tables():
    made = tables()
    curves = made.curves.merge(made.times, on=["task", "variant", "updates"])
    found, (first, *_) = packed(explorer.of_learning(curves, traces(made), TASKS["xor"]))
    assert first["name"] == "mse_xor_bit" == next(iter(found.measures))
    keras = first["variants"]["keras"]
    assert keras["examples"] == [0, 10, 90] and keras["seconds"] == [0, 0.1, 0.9]
    assert (keras["value"], keras["low"], keras["high"]) == ([0.1] * 3, [0.05] * 3, [0.2] * 3)
    assert keras["runs"] == [[0.09] * 3, [0.091] * 3, [0.092] * 3]
    assert {line["name"]: line["value"] for line in first["references"]}["no memory"] == 0.25


def test_of_many_runs_as_many_are_there_as_a_page_can_hold(monkeypatch):
    made = tables(replicates=10)
    curves = made.curves.merge(made.times, on=["task", "variant", "updates"])
    rows = traces(made)
    monkeypatch.setattr(explorer, "MOST_VALUES", len(rows) // 2)
    measures = explorer.of_learning(curves, rows, TASKS["xor"])
    assert len(measures[0].runs["keras"]) == 5 and "Of single runs the first 5 of each variant are here." in measures[0].how


def test_gradients_begin_with_the_run_of_ones_own_rule_and_say_how_to_read_them():
    measures = explorer.of_gradients(tables().gradient_statistics, TASKS["xor"])
    names = [measure.name for measure in measures]
    assert names[0] == "cosine-as trained" and len(names) == len(set(names))
    lags = measures[names.index("lag norm-x1")]
    assert list(lags.over) == ["lag"] and lags.log and lags.rows.groupby("variant")["lag"].apply(list)["keras"] == [0, 1, 2, 3]
    assert all(measure.how and "Medians over" in measure.how for measure in measures)


def test_what_is_nowhere_known_or_zero_is_not_offered():
    statistics = tables().gradient_statistics
    gone = statistics["quantity"].isin(["Lyapunov exponent", "lag norm"])
    statistics = statistics.assign(median=statistics["median"].mask(gone, statistics["quantity"].map({"lag norm": 0.0})))
    names = [measure.name for measure in explorer.of_gradients(statistics, TASKS["xor"])]
    assert "Lyapunov exponent-largest" not in names and "lag norm-x1" not in names and "spectral radius-R1" in names


def test_a_missing_value_is_none_and_a_count_is_whole():
    assert explorer._small(pd.Series([1.0, np.nan, 0.123456, 360000.0])) == [1, None, 0.1235, 360000]


def test_the_picture_that_stands_still_has_who_has_a_role_in_its_colour():
    made = tables()
    found, _ = packed(explorer.of_gradients(made.gradient_statistics, TASKS["xor"]))
    assert "var(--posted,#c23b4a)" in found.still and "var(--others," in found.still and "numpy-posted" in found.still

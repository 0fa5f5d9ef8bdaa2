"""The rules of one recipe side by side, and the correlation of alignment with performance."""

import numpy as np
import pandas as pd
import pytest
from reports import judged
from studies import XOR

from rnnbench.study.analysis import online
from rnnbench.study.analysis.outcomes import Closeness
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.probes import verdicts
from rnnbench.study.settings import TaskSettings

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
STATISTICS = {"confidence": 0.95, "resamples": 500}


def frames():
    """Two rules in the recipe, one of another recipe, and Keras."""
    names = ["rules-bptt", "rules-snap1", "numpy-elman", "rules-keras"]
    final = pd.DataFrame(
        {
            "task": "xor",
            "variant": names,
            "recipe": ["rules", "rules", "minibatch", "rules"],
            "metric": "mse_xor_bit",
            "iqm": [0.01, 0.1, 0.2, 0.01],
            "low": 0.0,
            "high": 0.3,
            "replicates": 4,
        }
    )
    cost = pd.DataFrame(
        {
            "task": "xor",
            "variant": names,
            "library": ["numpy", "numpy", "numpy", "keras"],
            "gradient": ["bptt", "snap1", "elman", "bptt"],
            "microseconds_per_update": [10.0, 20, 5, 90],
        }
    )
    gradient_cost = pd.DataFrame(
        {"sweep": "hidden", "rule": "snap1", "hidden": [2, 5, 64], "memory_bytes": [100.0, 200, 9000], "seconds": 1.0}
    )
    updates = [0, 4, 10, 20, 40]
    quantities = {"cosine": [9, 9, 0.5, 0.8, 0.5], "squared bias": [9, 9, 3, 0, 3], "variance": [9, 9, 0, 0, 0]}
    along = pd.concat(
        [
            pd.DataFrame({"task": "xor", "rule": "snap1", "replicate": r, "updates": updates, "quantity": name, "value": values})
            for name, values in quantities.items()
            for r in range(4)
        ],
        ignore_index=True,
    )
    ends = {"xor": dict(zip(names, [np.array([0.01, 0.02, 0.01, 0.0]), np.array([0.1, 0.12, 0.1, 0.09]), np.zeros(4)]))}
    return final, cost, verdicts.rules(judged()), gradient_cost, along, ends


REST = (TASKS, {"xor": 0.02}, 0.95)


def test_a_row_is_a_rule_trained_in_numpy_in_the_recipe():
    table = online.summary(*frames(), *REST).set_index("rule")
    assert list(table.index) == ["bptt", "snap1"] and list(table.reset_index().columns.sort_values()) == sorted(columns("online"))
    snap = table.loc["snap1"]
    assert (snap["claim"], snap["time"], snap["memory"], snap["iqm"], snap["microseconds"]) == ("biased", 2, 2, 0.1, 20)
    # The first quarter of the run is left out, and the size nearest to the task's 4 units taken.
    assert (snap["cosine"], snap["squared_bias"], snap["variance"], snap["bytes"]) == (pytest.approx(0.6), 2, 0, 200)
    assert snap["squared_bias_error"] == 0 and (snap["as_good"], table.loc["bptt", "as_good"]) == ("different", "equivalent")
    assert np.isnan(table.loc["bptt", "cosine"]) and np.isnan(table.loc["bptt", "bytes"])


def test_without_the_recipe_there_are_no_rows():
    final, *rest = frames()
    table = online.summary(final[final["recipe"] != "rules"], *rest, *REST)
    assert table.empty and list(table.columns) == columns("online")
    found = online.correlation(table, TASKS, STATISTICS, 0)
    assert found.empty and list(found.columns) == columns("correlation")


def test_a_rule_whose_trial_has_not_finished_is_left_out():
    """As in a partial report: a group of jobs on a cluster may end with some trials made."""
    final, cost, known, *rest = frames()
    table = online.summary(final, cost, known[known["rule"] != "snap1"], *rest, *REST)
    assert table["rule"].tolist() == ["bptt"]


def test_the_error_of_the_bias_is_that_of_its_mean_over_replicates():
    final, cost, known, gradient_cost, along, ends = frames()
    along.loc[along["quantity"] == "squared bias", "value"] += along["replicate"]
    snap = online.summary(final, cost, known, gradient_cost, along, ends, *REST).set_index("rule").loc["snap1"]
    assert snap["squared_bias"] == 3.5 and snap["squared_bias_error"] == pytest.approx(np.std([0, 1, 2, 3], ddof=1) / 2)


def test_a_second_variant_of_a_rule_is_no_second_rule():
    final, cost, *rest = frames()
    slow = {"variant": "rules-snap1-slow"}
    final, cost = (pd.concat([t, t[t["variant"] == "rules-snap1"].assign(**slow)]) for t in (final, cost))
    table = online.summary(final, cost, *rest, *REST)
    assert table["variant"].tolist() == ["rules-bptt", "rules-snap1"]


def test_without_a_margin_nothing_is_said_to_be_as_good():
    table = online.summary(*frames(), TASKS, {}, 0.95)
    assert (table["as_good"] == Closeness.UNTESTED).all()


def test_where_all_end_alike_there_is_no_correlation():
    found = online.correlation(scored([0.1, 0.3, 0.5, 0.9], [0.2] * 4), TASKS, STATISTICS, 0).iloc[0]
    assert np.isnan([found["rho"], found["low"], found["high"]]).all()


def scored(cosine, iqm):
    return pd.DataFrame({"task": "xor", "rule": [f"r{i}" for i in range(len(iqm))], "cosine": cosine, "iqm": iqm})


def test_more_alignment_and_less_error_is_a_positive_correlation():
    found = online.correlation(scored([0.1, 0.3, 0.5, 0.9, np.nan], [0.4, 0.3, 0.2, 0.1, 9.0]), TASKS, STATISTICS, 0).iloc[0]
    assert (found["rules"], found["rho"], found["high"]) == (4, pytest.approx(1), pytest.approx(1))
    against = online.correlation(scored([0.1, 0.3, 0.5, 0.9], [0.1, 0.2, 0.3, 0.4]), TASKS, STATISTICS, 0).iloc[0]
    assert against["rho"] == pytest.approx(-1)


def test_a_resample_keeps_what_belongs_together():
    """Where all rules lie on one line, so do those of any resample."""
    found = online.correlation(scored(np.linspace(0.1, 0.9, 10), np.linspace(0.9, 0.1, 10)), TASKS, STATISTICS, 0).iloc[0]
    assert found["low"] == pytest.approx(1)


def test_the_interval_is_wide_where_ranks_tell_nothing():
    rng = np.random.default_rng(3)
    table = scored(rng.random(10), rng.random(10))
    found = online.correlation(table, TASKS, STATISTICS, 0)
    row = found.iloc[0]
    assert row["low"] < 0 < row["high"] and row["low"] <= row["rho"] <= row["high"]
    pd.testing.assert_frame_equal(found, online.correlation(table, TASKS, STATISTICS, 0))


def test_three_rules_have_no_correlation():
    assert online.correlation(scored([0.1, 0.2, 0.3], [3, 2, 1]), TASKS, STATISTICS, 0).empty

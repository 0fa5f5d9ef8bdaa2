"""The rules of one recipe side by side, and the correlation of alignment with performance."""

import numpy as np
import pandas as pd
import pytest
from studies import XOR

from rnnbench import rules
from rnnbench.settings import TaskSettings

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
    updates = [0, 10, 20, 30]
    along = pd.concat(
        [
            pd.DataFrame({"task": "xor", "rule": "snap1", "updates": updates, "quantity": quantity, "median": medians})
            for quantity, medians in {"cosine": [1, 0.5, 0.7, 0.6], "squared bias": [0, 3, 1, 2], "variance": [0.0] * 4}.items()
        ]
    )
    return final, cost, gradient_cost, along


def test_a_row_is_a_rule_trained_in_numpy_in_the_recipe():
    table = rules.summary(*frames(), TASKS).set_index("rule")
    assert list(table.index) == ["bptt", "snap1"] and list(table.reset_index().columns.sort_values()) == sorted(rules.SUMMARY)
    snap = table.loc["snap1"]
    assert (snap["claim"], snap["time"], snap["memory"], snap["iqm"], snap["microseconds"]) == ("biased", 2, 2, 0.1, 20)
    # The start of the run is left out, and the size nearest to the task's 4 units taken.
    assert (snap["cosine"], snap["squared_bias"], snap["variance"], snap["bytes"]) == (0.6, 2, 0, 200)
    assert np.isnan(table.loc["bptt", "cosine"]) and np.isnan(table.loc["bptt", "bytes"])


def test_without_the_recipe_there_are_no_rows():
    final, *rest = frames()
    table = rules.summary(final[final["recipe"] != "rules"], *rest, TASKS)
    assert table.empty and list(table.columns) == rules.SUMMARY
    found = rules.correlation(table, TASKS, STATISTICS, 0)
    assert found.empty and list(found.columns) == rules.CORRELATION


def scored(cosine, iqm):
    return pd.DataFrame({"task": "xor", "rule": [f"r{i}" for i in range(len(iqm))], "cosine": cosine, "iqm": iqm})


def test_more_alignment_and_less_error_is_a_positive_correlation():
    found = rules.correlation(scored([0.1, 0.3, 0.5, 0.9, np.nan], [0.4, 0.3, 0.2, 0.1, 9.0]), TASKS, STATISTICS, 0).iloc[0]
    assert (found["rules"], found["rho"], found["high"]) == (4, pytest.approx(1), pytest.approx(1))
    against = rules.correlation(scored([0.1, 0.3, 0.5, 0.9], [0.1, 0.2, 0.3, 0.4]), TASKS, STATISTICS, 0).iloc[0]
    assert against["rho"] == pytest.approx(-1)


def test_the_interval_is_wide_where_ranks_tell_nothing():
    rng = np.random.default_rng(3)
    table = scored(rng.random(10), rng.random(10))
    found = rules.correlation(table, TASKS, STATISTICS, 0)
    row = found.iloc[0]
    assert row["low"] < 0 < row["high"] and row["low"] <= row["rho"] <= row["high"]
    pd.testing.assert_frame_equal(found, rules.correlation(table, TASKS, STATISTICS, 0))


def test_three_rules_have_no_correlation():
    assert rules.correlation(scored([0.1, 0.2, 0.3], [3, 2, 1]), TASKS, STATISTICS, 0).empty

"""Tables made of runs alone, from one small run whose numbers can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from studies import XOR

from rnnbench.study.analysis import summaries
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.run import COLUMNS, Run

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
STATISTICS = {"confidence": 0.95, "resamples": 100}
VALIDATION, TEST = [[0.4, 0.2], [0.5, 0.1], [0.6, np.nan], [0.5, 0.3]], [0.01, 0.09, np.nan, 0.04]


def run():
    """Four replicates of 50 updates, of which one diverged at once."""
    names = [metric.name for metric in TASKS["xor"].kind.metrics]
    rows = [
        ("xor", "mine", r, updates, 2 * updates, "validation", name, values[point])
        for r, values in enumerate(VALIDATION)
        for point, updates in enumerate((0, 50))
        for name in names
    ]
    rows += [("xor", "mine", r, 50, 100, "test", name, value) for r, value in enumerate(TEST) for name in names]
    timing = {
        "startup_seconds": 2.0,
        "training_seconds": 8.0,
        "peak_memory_bytes": 3e6,
        "updates": [0, 50],
        "seconds": [0.0, 8.0],
    }
    provenance = {
        **{"task": "xor", "variant": "mine", "library": "numpy", "gradient": "bptt", "replicates": 4, "updates": 50},
        **{
            "examples": 100,
            "recipe": {"name": "online", "learning_rate": 0.05},
            "diverged": [None, None, 0, None],
            "timing": timing,
        },
    }
    return Run(pd.DataFrame(rows, columns=list(COLUMNS)), provenance, None)


def test_curves_are_of_validation_data_and_who_diverged_has_the_worst_value():
    table = summaries.curves([run()], TASKS, STATISTICS, 0)
    first = table[table["metric"] == "mse_xor_bit"]
    assert first["updates"].tolist() == [0, 50] and first["examples"].tolist() == [0, 100]
    # The middle half of [.4, .5, .5, .6], and of [.1, .2, .3, 1].
    assert first["iqm"].tolist() == pytest.approx([0.5, 0.25])


def test_the_end_counts_who_solved_it_and_who_diverged():
    row = summaries.final([run()], TASKS, {"xor": 0.05}, STATISTICS, 0).set_index("metric").loc["mse_xor_bit"]
    assert (row["solved"], row["diverged"], row["replicates"]) == (2, 1, 4) and row["iqm"] == pytest.approx((0.04 + 0.09) / 2)


def test_cost_is_that_of_an_update_of_one_replicate():
    row = summaries.cost([run()]).iloc[0]
    assert row["microseconds_per_update"] == pytest.approx(1e6 * 8 / 50 / 4) and row["peak_memory_mb"] == 3
    assert summaries.times([run()])["seconds"].tolist() == [0, 2]


def test_quartiles_are_over_what_is_finite():
    table = pd.DataFrame({"of": "a", "value": [0, 1, 2, 3, 4, np.nan]})
    assert summaries.quartiles(table, ["of"]).iloc[0].tolist() == ["a", 1, 2, 3, 5]

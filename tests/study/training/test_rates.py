"""The choice of learning rates: every rate is trained as a run at that rate would be, and the best one is taken."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from studies import XOR, prepared

from rnnbench.gradients.registry import RULES
from rnnbench.study.jobs.log import Progress
from rnnbench.study.training import job, keras_twin, rates, run
from rnnbench.study.training.numpy_trainer import train
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import evaluate
from rnnbench.study.variants import Variant

GRID = {"rates": [0.3, 0.01, 0.1], "replicates": 2}
RECIPES = {name: {**recipe, "learning_rate": None} for name, recipe in XOR["recipes"].items()}


def ground_of(folder, **changes):
    return prepared(folder, **{"grid": GRID, "recipes": RECIPES, **changes})


def tried(folder, ground, library="numpy", gradient="bptt", recipe="minibatch"):
    job.try_rates(ground.task, Variant("mine", library, gradient, recipe, {}), ground.paths, folder / "rates.csv")
    return pd.read_csv(folder / "rates.csv")


@pytest.mark.parametrize(("gradient", "recipe"), [("bptt", "minibatch"), ("rtrl", "online"), ("uoro", "minibatch")])
def test_every_rate_is_trained_as_a_run_at_that_rate_would_be(tmp_path, gradient, recipe):
    ground = ground_of(tmp_path)
    found = tried(tmp_path, ground, gradient=gradient, recipe=recipe)
    assert found["replicate"].tolist() == [3, 4] * 3 and found["learning_rate"].tolist() == [0.01, 0.01, 0.1, 0.1, 0.3, 0.3]
    task = ground.task
    if RULES[gradient].draws:  # what a replicate draws goes by its place
        return
    for rate, own in found.groupby("learning_rate"):
        alone = Prepared(task, ground.paths, np.array([3, 4]))
        schedule = Schedule(task, task.recipe(recipe, {"learning_rate": rate}))
        end = train(alone, schedule, RULES[gradient](task.network), Progress("", 1, "")).vector[-1]
        value = evaluate(task.network, end, alone.splits["validation"], task.kind)[task.kind.metrics[0].name]
        np.testing.assert_allclose(own["value"], value, rtol=1e-12)


def test_keras_tries_the_rates_as_numpy_does(tmp_path, monkeypatch):
    monkeypatch.setattr(keras_twin, "pin", lambda: None)  # TensorFlow may run already, in this process
    ground = ground_of(tmp_path)
    ours, theirs = (tried(tmp_path, ground, library) for library in ("numpy", "keras"))
    np.testing.assert_allclose(theirs["value"], ours["value"], rtol=1e-8)
    assert ours["value"].nunique() == 6


def test_what_is_reported_is_not_what_was_chosen_by(tmp_path):
    """The replicates of the grid have other data and weights, and those of a run are what they are without a grid."""
    (tmp_path / "plain").mkdir()
    with_grid, without = ground_of(tmp_path), prepared(tmp_path / "plain")
    np.testing.assert_array_equal(with_grid.initial(), without.initial())
    np.testing.assert_array_equal(with_grid.order(5), without.order(5))
    for name, split in with_grid.splits.items():
        np.testing.assert_array_equal(split.x, without.splits[name].x)
    of_grid = Prepared(with_grid.task, with_grid.paths, rates.axis(with_grid.task).replicate)
    assert len(of_grid.initial()) == len(of_grid.order(5)) == len(of_grid.splits["train"].x) == 6
    assert not (of_grid.initial()[:, None] == with_grid.initial()).all(2).any()


def test_the_grid_is_tried_on_fewer_passes_where_it_says_so(tmp_path):
    ground = ground_of(tmp_path, grid={**GRID, "passes": 2})
    assert tried(tmp_path, ground)["passes"].unique().tolist() == [2]
    (tmp_path / "short").mkdir()
    short = ground_of(tmp_path / "short", grid={**GRID, "passes": 50})
    assert tried(tmp_path, short)["passes"].unique().tolist() == [6]


def trials(values, replicates=4):
    """A table of trials: for each rate, how its replicates end."""
    rows = [(rate, r, value) for rate, own in values.items() for r, value in enumerate(np.resize(own, replicates))]
    table = pd.DataFrame(rows, columns=["learning_rate", "replicate", "value"])
    known = {"task": "xor", "variant": "mine", "passes": 6.0, "updates": 30, "metric": "mse_xor_bit", "seconds": 1.0}
    return table.assign(**known)[rates.COLUMNS]


def test_the_best_rate_is_chosen_by_the_middle_of_its_replicates(tmp_path):
    error = ground_of(tmp_path).task.kind.metrics[0]
    values = {0.01: [0.2], 0.1: [0.1, 0.1, 0.1, 0.9], 1.0: [0.15]}
    found = rates.chosen(trials(values), error)
    assert found == {"learning_rate": 0.1, "of": [0.01, 0.1, 1.0], "edge": False, "replicates": 4, "passes": 6.0}
    assert rates.chosen(trials(values), replace(error, higher_is_better=True))["learning_rate"] == 0.01
    diverged = {0.01: [0.2], 0.1: [np.nan], 1.0: [0.2]}
    found = rates.chosen(trials(diverged), error)
    assert found["learning_rate"] == 0.01 and found["edge"]  # the smallest of equal ones; what diverged is the worst


def test_a_run_is_trained_with_the_rate_that_was_chosen_and_says_how(tmp_path):
    ground = ground_of(tmp_path)
    variant, file = Variant("mine", "numpy", "bptt", "minibatch", {}), tmp_path / "tried.csv"
    out = {name: tmp_path / name for name in ("curves", "snapshots.npz", "provenance")}
    out["snapshots"] = out["snapshots.npz"]
    trials({0.01: [0.2], 0.1: [0.1], 0.3: [0.15]}).to_csv(file, index=False)
    job.train(ground.task, variant, ground.paths, out, file)
    kept = json.loads(out["provenance"].read_text(encoding="utf-8"))
    assert kept["recipe"]["learning_rate"] == 0.1 and kept["learning_rate_chosen"]["of"] == [0.01, 0.1, 0.3]
    with pytest.raises(ValueError, match="mine on xor has no learning rate, and none was tried"):
        job.train(ground.task, variant, ground.paths, out)


def test_a_run_may_have_fewer_replicates_than_its_task(tmp_path):
    ground = prepared(tmp_path)
    ends = []
    for change in ({"replicates": 2}, {}):
        out = {name: tmp_path / name for name in ("curves", "snapshots.npz", "provenance")}
        out["snapshots"] = out["snapshots.npz"]
        job.train(ground.task, Variant("mine", "numpy", "bptt", "minibatch", change), ground.paths, out)
        curves = pd.read_csv(out["curves"])
        ends.append(curves[curves["replicate"] < 2].reset_index(drop=True))
        assert json.loads(out["provenance"].read_text(encoding="utf-8"))["replicates"] == curves["replicate"].nunique()
    pd.testing.assert_frame_equal(*ends)


@pytest.mark.parametrize(
    "text", ["", "task,variant\n", ",".join(rates.COLUMNS) + "\n", ",".join(rates.COLUMNS) + "\nxor,mine,0.1"]
)
def test_a_damaged_table_is_named(tmp_path, text):
    file = tmp_path / "rates.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(run.RunError, match=r"rates\.csv: not .*; delete it and run again"):
        rates.read(file)

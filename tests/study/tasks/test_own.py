"""Two tasks in files of the user's own: the adding problem, scored at the last step, and copying, scored at the last few."""

import json
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pytest
from own_tasks.adding import Adding
from own_tasks.copying import Copying
from studies import ADDING, COPYING, OWN, prepared

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.registry import RULES
from rnnbench.study.cost import updates
from rnnbench.study.jobs.log import Progress
from rnnbench.study.probes import diagnostics, lockstep
from rnnbench.study.probes.tape import tape
from rnnbench.study.settings import SettingsError, TaskSettings
from rnnbench.study.tasks.base import check_arrays
from rnnbench.study.training import job, keras_trainer
from rnnbench.study.training.numpy_trainer import train
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.variants import Variant
from rnnbench.trial.exactness import gradient_of

BOTH = pytest.mark.parametrize("task", [ADDING, COPYING], ids=["adding", "copying"])
MANY = 40_000


def test_adding_asks_for_the_sum_of_the_marked_numbers():
    task = Adding({"steps": 6, "train": 50, "validation": 5, "test": 5})
    arrays = task.prepare(1, 2, {})
    x, y = arrays["train_x"], arrays["train_y"]
    assert x.shape == (2, 6, 50, 2) and y.shape == (2, 1, 50, 1)
    first, second = x[..., 1].argmax(1), 5 - x[:, ::-1, :, 1].argmax(1)
    assert (x[..., 1].sum(1) == 2).all() and (first < 3).all() and (second >= 3).all()
    at = [np.take_along_axis(x[..., 0], step[:, None], 1)[:, 0] for step in (first, second)]
    np.testing.assert_allclose(y[:, 0, :, 0], at[0] + at[1])


def test_the_reference_lines_of_adding_are_what_their_predictors_score():
    task = Adding({"steps": 2, "train": 1, "validation": 1, "test": MANY})
    arrays = task.prepare(1, 1, {})
    x, y = arrays["test_x"], arrays["test_y"]
    for name, prediction in (("neither number", np.ones_like(y)), ("one number", x[:, -1:, :, :1] + 0.5)):
        assert task.score(prediction, y)["squared_error"] == pytest.approx(task.references[name]["squared_error"], rel=0.02)
    assert task.score(np.full_like(y, 1e9), y)["squared_error"] <= task.metrics[0].worst


def test_copying_asks_for_the_symbols_in_their_order():
    task = Copying({"symbols": 4, "length": 3, "delay": 2, "train": 50, "validation": 5, "test": 5})
    arrays = task.prepare(1, 2, {})
    shown, asked = arrays["train_x"].argmax(-1), arrays["train_y"]
    assert shown.shape == (2, 8, 50) and task.counted.tolist() == [5, 6, 7]
    np.testing.assert_array_equal(shown[:, :3], asked)
    assert (shown[:, 3:5] == 4).all() and (shown[:, 5:] == 5).all() and set(asked.ravel()) == set(range(4))


@pytest.mark.parametrize("symbols", [2, 5])
def test_the_reference_line_of_copying_depends_on_its_sizes(symbols):
    task = Copying({"symbols": symbols, "length": 2, "train": 1, "validation": 1, "test": MANY})
    y = task.prepare(1, 1, {})["test_y"]
    guess = np.full((1, 2, MANY, symbols), 1 / symbols)
    for metric, value in task.score(guess, y).items():
        assert value == pytest.approx(task.references["no memory"][metric], rel=0.02)
    assert task.chance == 1 / symbols


@BOTH
def test_the_gradient_is_that_of_the_tape(tmp_path, task):
    ground = prepared(tmp_path, **{**task, "hidden": [4, 3]})
    window = ground.splits["validation"].window()
    params = ground.task.network.parameters(ground.initial())
    exact = gradient_of(Bptt(ground.task.network), params, window)
    np.testing.assert_allclose(exact, tape(ground.task.network, params, window), rtol=1e-9, atol=1e-14)
    assert np.abs(exact).max() > 1e-3


@BOTH
def test_numpy_and_keras_train_alike(tmp_path, task):
    ground = prepared(tmp_path, **task)
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {}))
    ours = train(ground, schedule, Bptt(ground.task.network), Progress("", 1, ""))
    theirs = keras_trainer.train(ground, schedule, ground.task.network, Progress("", 1, ""))
    np.testing.assert_allclose(theirs.vector[-1], ours.vector[-1], atol=1e-10)
    assert np.abs(ours.vector[-1] - ours.vector[0]).max() > 0.1
    table = lockstep.measure(ground, 10)
    assert table.loc[table["dtype"] == "float64", "difference"].max() <= 1e-10


@BOTH
@pytest.mark.parametrize("window", [1, 4, None])
def test_an_update_follows_each_window_with_a_step_that_counts(tmp_path, task, window):
    ground = prepared(tmp_path, **task)
    recipe, counted = ground.task.recipe("minibatch", {"window": window}), ground.task.kind.counted
    schedule = Schedule(ground.task, recipe)
    bounds = [*range(0, ground.task.time, window or ground.task.time), ground.task.time]
    pieces = sum(bool(((counted >= begin) & (counted < end)).any()) for begin, end in pairwise(bounds))
    assert schedule.updates == 50 * pieces and schedule.examples(schedule.updates) == 200 * len(counted)
    assert ground.task.examples_of_a_pass == 20 * len(counted)
    trajectory = train(ground, schedule, RULES["rtrl"](ground.task.network), Progress("", 1, ""))
    assert np.isfinite(trajectory.vector).all() and trajectory.updates[-1] == schedule.updates


@BOTH
def test_its_sequences_cannot_be_cut(tmp_path, task):
    with pytest.raises(SettingsError, match="of [68] steps only, so its sequences cannot be cut to 2"):
        prepared(tmp_path, **task).task.recipe("minibatch", {"sequence": 2})


@BOTH
@pytest.mark.parametrize("recipe", ["online", "minibatch"])
def test_a_run_is_diagnosed_up_to_the_last_step_that_counts(tmp_path, task, recipe):
    ground = prepared(tmp_path, **task)
    schedule = Schedule(ground.task, ground.task.recipe(recipe, {}))
    trajectory = train(ground, schedule, RULES["rtrl"](ground.task.network), Progress("", 1, ""))
    table = diagnostics.diagnose("mine", "rtrl", schedule, ground.splits, trajectory)
    assert table["value"].notna().all() and table.loc[table["quantity"] == "lag norm", "lag"].max() == ground.task.time - 1
    # With the weights standing still, exact in windows of any length.
    own = table[(table["quantity"] == "cosine") & (table["of"] == "as trained")]["value"]
    np.testing.assert_allclose(own, 1, rtol=1e-9)


@BOTH
def test_its_updates_are_measured(task, monkeypatch):
    monkeypatch.setattr(updates, "SHORT", 1)
    monkeypatch.setattr(updates, "FIT", {updates.DEFAULT: {}})
    settings = TaskSettings.of("own", task, 1)
    table = updates.measure({"own": settings}, {"own": "minibatch"}, updates=2, rounds=1)
    assert {updates.OURS, *updates.FIT} <= set(table["who"])


def test_a_run_names_the_file_of_its_task_by_content(tmp_path):
    ground = prepared(tmp_path, **ADDING)
    out = {"curves": tmp_path / "curves.csv", "snapshots": tmp_path / "snapshots.npz", "provenance": tmp_path / "run.json"}
    job.train(ground.task, Variant("mine", "numpy", "bptt", "minibatch", {}), ground.paths, out)
    provenance = json.loads(out["provenance"].read_text(encoding="utf-8"))
    file = OWN / "adding.py"
    assert provenance["data"] == f"{file}:Adding"
    assert provenance["task_files"] == {str(file): sha256(file.read_bytes()).hexdigest()}


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"steps": 5}, "tasks.own.sizes: steps 5 cannot be halved"),
        ({"stpes": 5}, "tasks.own.sizes: unknown key 'stpes'; did you mean 'steps'?"),
        ({"steps": 1}, "tasks.own.sizes.steps: 1 is less than the minimum of 2"),
    ],
)
def test_sizes_are_held_to_the_schema_of_the_task(sizes, message):
    with pytest.raises(SettingsError) as failure:
        TaskSettings.of("own", {**ADDING, "sizes": {**ADDING["sizes"], **sizes}}, 1)
    assert str(failure.value).startswith(message)


def test_a_loss_that_the_task_does_not_allow():
    with pytest.raises(SettingsError, match=r"tasks.own.loss: 'softmax_crossentropy' is not one of \[None, 'mse'\]"):
        TaskSettings.of("own", {**ADDING, "loss": "softmax_crossentropy"}, 1)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("train_x", lambda a: a[:, :-1], r"a train_x of shape \(2, 5, 20, 2\), not \(2 or 1, 6, 20, 2\)"),
        ("train_y", lambda a: a[..., 0], r"a train_y of shape \(2, 1, 20\), not \(2 or 1, 1, 20, 1\)"),
        ("test_x", lambda a: np.repeat(a, 2, 0), r"a test_x of shape \(4, 6, 10, 2\)"),
        ("test_y", lambda a: a[:, :, :3], r"a test_y of shape \(2, 1, 3, 1\), not \(2 or 1, 1, 10, 1\)"),
    ],
)
def test_arrays_of_another_shape_than_the_task_says_are_named(name, change, message):
    task = Adding(ADDING["sizes"])
    arrays = task.prepare(1, 2, {})
    check_arrays(task, arrays, 2, "mse")
    with pytest.raises(ValueError, match=message):
        check_arrays(task, {**arrays, name: change(arrays[name])}, 2, "mse")
    with pytest.raises(ValueError, match="prepare gives no validation_x and validation_y"):
        check_arrays(task, {name: a for name, a in arrays.items() if name != "validation_x"}, 2, "mse")

"""The cost study in small: every candidate is measured, Keras too, and what it calls does what it says."""

import numpy as np
import pytest
from studies import XOR

from rnnbench.gradients.registry import RULES, installed
from rnnbench.study.cost import keras_gradient, scaling, stopwatch, updates
from rnnbench.study.cost.names import ALONE, DEFAULT, GRADIENT_COST, IN_WINDOWS, OURS, UPDATE_COST
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training import keras_twin
from rnnbench.study.training.learner import Learner

MODES = list(keras_gradient.MODES)


def test_every_size_and_candidate_has_a_row():
    table = scaling.measure({"hidden": [2], "steps": [4, 70], "depth": []}, rounds=1)
    assert list(table.columns) == GRADIENT_COST
    rules = {*scaling.measurable()} | {IN_WINDOWS}
    everywhere = {*scaling.EVERYWHERE} & rules | {IN_WINDOWS}
    assert {n: set(of["rule"]) for n, of in table[table["sweep"] == "hidden"].groupby("hidden")} == {2: {*rules, *MODES}}
    of_steps = {n: set(of["rule"]) for n, of in table[table["sweep"] == "steps"].groupby("steps")}
    assert of_steps == {4: {*everywhere, *MODES}, 70: {*everywhere, *MODES}}
    assert (table["seconds"] > 0).all() and (table["low"] <= table["high"]).all()
    counted = table[table["rule"].isin({*RULES, IN_WINDOWS})]
    assert (counted["memory_bytes"] > 0).all() and (counted["memory_by"] == "allocated").all()
    assert (table.loc[table["rule"] == "keras", "memory_by"] == "resident").all()


def test_a_size_of_several_sweeps_is_measured_once(monkeypatch):
    measured = []
    monkeypatch.setattr(scaling, "calls", lambda size, names: measured.append(size) or {"bptt": lambda: None})
    monkeypatch.setattr(scaling, "keras", lambda size: {})
    table = scaling.measure({"hidden": [16, 8], "depth": [1, 2], "batch": [1]}, rounds=1)
    assert len(measured) == len(set(measured)) == 3 and list(table["sweep"]) == ["hidden"] * 2 + ["depth"] * 2 + ["batch"]


@pytest.mark.parametrize("mode", keras_gradient.MODES)
def test_every_mode_of_keras_computes_the_same_gradient(mode, monkeypatch):
    size = scaling.Size(hidden=4, steps=6, depth=2, batch=3)
    rng = np.random.default_rng(1)
    params = size.network.parameters(rng.normal(0, 0.4, (1, size.network.parameter_count)).astype(np.float32))
    build = keras_twin.build

    def with_weights(*args, **kwargs):
        model = build(*args, **kwargs)
        model.set_weights(keras_twin.weights_of(params, 0))
        return model

    monkeypatch.setattr(keras_twin, "build", with_weights)
    found = keras_twin.vector_of(keras_gradient.call(size.network, size.window(), keras_gradient.MODES[mode])())
    rule = RULES["bptt"](size.network)
    exact = rule.step(params, size.window(), rule.init(params, 3)).gradient[0]
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-6)


MNIST = {
    **XOR,
    "data": "mnist",
    "sizes": {"train": 80, "validation": 8, "test": 8, "side": 7},
    "dtype": "float32",
    "recipes": {"minibatch": {"batch": 4, "passes": 1, "optimizer": "sgd", "learning_rate": 0.01}},
}


def test_updates_are_measured_for_numpy_and_ways_of_keras(monkeypatch):
    task = TaskSettings.of("xor", XOR, 1)
    monkeypatch.setattr(updates, "SHORT", 1)
    monkeypatch.setattr(updates, "FIT", {way: updates.FIT[way] for way in (DEFAULT, "Keras, jit, 25 updates per call")})
    table = updates.measure({task.name: task}, {task.name: "minibatch"}, updates=3, rounds=2)
    assert list(table.columns) == UPDATE_COST and (table["task"] == task.name).all()
    together = table.set_index("who")["replicates_at_once"].to_dict()
    peers = dict.fromkeys(installed(), 3)
    assert together == {OURS: 3, ALONE: 1, **peers, **dict.fromkeys(updates.FIT, 1)} and DEFAULT in updates.FIT
    assert (table["low"] <= table["seconds"]).all() and (table["seconds"] <= table["high"]).all()


def test_the_time_of_replicates_trained_together_is_shared_by_them(monkeypatch):
    task = TaskSettings.of("xor", XOR, 1)
    monkeypatch.setattr(updates, "trainers", lambda *_: {})
    monkeypatch.setattr(updates, "an_update", lambda *_: {OURS: np.array([3.0, 6, 9]), DEFAULT: np.array([3.0, 6, 9])})
    table = updates.measure({task.name: task}, {task.name: "minibatch"}, updates=3, rounds=3).set_index("who")
    assert table.loc[OURS, ["low", "seconds", "high"]].tolist() == [1, 2, 3]
    assert table.loc[DEFAULT, ["low", "seconds", "high"]].tolist() == [3, 6, 9]


def test_an_update_is_what_it_adds_to_a_short_training(monkeypatch):
    """The clock is that of the trainings themselves, which say what they took."""
    monkeypatch.setattr(stopwatch, "seconds_of", lambda training, times=1: training())
    found = updates.an_update({"a": lambda updates: 0.02 + 0.0005 * updates, "b": lambda updates: 0.001 * updates}, 50, 3)
    np.testing.assert_allclose(found["a"], [0.0005] * 3)
    np.testing.assert_allclose(found["b"], [0.001] * 3)


def test_a_candidate_trains_for_as_many_updates_as_it_says(monkeypatch):
    task = TaskSettings.of("mnist", MNIST, 1)
    seen, models = [], []
    see, build = Learner.see, keras_twin.build
    monkeypatch.setattr(Learner, "see", lambda self, window: seen.append(len(self.params.vector)) or see(self, window))
    monkeypatch.setattr(keras_twin, "build", lambda *args: models.append(build(*args)) or models[-1])
    trainers = updates.trainers(task, task.recipe("minibatch", {}), 7)
    trainers[OURS](7)
    trainers[ALONE](2)
    assert seen == [3] * 7 + [1] * 2
    for name, model in zip(updates.FIT, models, strict=True):
        trainers[name](5)
        assert int(model.optimizer.iterations) == 5, name

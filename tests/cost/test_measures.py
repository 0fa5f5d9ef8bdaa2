"""The cost study in small: every candidate is measured, Keras too, and what it calls does what it says."""

import numpy as np
import pytest
from studies import XOR

from rnnbench.cost import keras_gradient, scaling, updates
from rnnbench.cost.names import DEFAULT, IN_WINDOWS, OURS
from rnnbench.gradients import RULES
from rnnbench.settings import TaskSettings
from rnnbench.training import keras_twin


def test_every_size_and_candidate_has_a_row():
    table = scaling.measure({"hidden": [3, 2], "steps": [4, 70], "depth": []}, rounds=1)
    assert list(table.columns) == scaling.COLUMNS
    rules = {name for name in RULES if name != "mlp"} | {IN_WINDOWS}
    short, long = ({*rules, *keras_gradient.MODES}, {*rules, "keras", "keras, jit"})
    assert {n: set(of["rule"]) for n, of in table[table["sweep"] == "hidden"].groupby("hidden")} == {2: short, 3: short}
    assert {n: set(of["rule"]) for n, of in table[table["sweep"] == "steps"].groupby("steps")} == {4: short, 70: long}
    assert (table["seconds"] > 0).all() and (table["low"] <= table["high"]).all()
    ours = table["rule"].isin(rules)
    assert (table.loc[ours, "memory_bytes"] > 0).all() and (table.loc[ours, "memory_by"] == "allocated").all()
    assert (table.loc[table["rule"] == "keras", "memory_by"] == "resident").all()


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
    found = keras_twin.vector_of(keras_gradient.call(size.network, size.window(), **keras_gradient.MODES[mode])())
    rule = RULES["bptt"](size.network)
    exact = rule.step(params, size.window(), rule.init(params, 3)).gradient[0]
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-6)


def test_updates_are_measured_for_numpy_and_every_mode_of_keras():
    task = TaskSettings.of("xor", XOR, 1)
    table = updates.measure({"xor": task}, {"xor": "minibatch"}, updates=3, rounds=2)
    assert list(table.columns) == updates.COLUMNS
    assert set(table["who"]) == {OURS, *updates.FIT} and DEFAULT in updates.FIT
    assert (table["seconds"] > 0).all()
    assert table.set_index("who")["replicates_at_once"].to_dict() == {OURS: 3, **dict.fromkeys(updates.FIT, 1)}


def test_a_candidate_trains_for_as_many_updates_as_it_says(monkeypatch):
    task = TaskSettings.of("xor", XOR, 1)
    seen = []
    step = RULES["bptt"].step
    monkeypatch.setattr(RULES["bptt"], "step", lambda self, *args: seen.append(1) or step(self, *args))
    candidates = updates.candidates(task, task.recipe("minibatch", {}), 7)
    candidates[OURS]()
    assert len(seen) == 7
    for name in updates.FIT:
        x, y = candidates[name].args
        assert len(x) == len(y) == 7 * candidates[name].keywords["batch_size"]

import numpy as np
import pandas as pd
import pytest
from strategies import problem
from studies import ADDING, COPYING, prepared

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.network import Network, Window
from rnnbench.study.analysis.summaries import quartiles
from rnnbench.study.probes import staleness
from rnnbench.trial.exactness import gradient_of


def stream(time=30, hidden=(3, 2), replicates=2):
    network = Network(1, hidden, 1, "logistic", "binary_crossentropy")
    network, params, window = problem(np.random.default_rng(0), network, replicates, time, 1, slice(0, time))
    return network, params.vector, window


def test_both_vanish_in_proportion_to_the_learning_rate():
    small = staleness.staleness(*stream(), np.array([1e-6, 1e-5]))
    for quantity, values in small.items():
        assert (values > 0).all()
        np.testing.assert_allclose(values[1] / values[0], 10, rtol=1e-3, err_msg=quantity)


def test_at_rest_nothing_is_stale():
    for values in staleness.staleness(*stream(), np.zeros(1)).values():
        assert values.max() < 1e-12


@pytest.mark.parametrize("rule", [Bptt, Rtrl])
def test_the_sum_at_rest_is_the_gradient_of_the_whole_window_times_its_steps(rule):
    network, initial, window = stream()
    params, carry, total = network.parameters(initial), rule(network).init(network.parameters(initial), 1), 0
    if rule is Bptt:
        total = gradient_of(Bptt(network), params, window) * 30
    else:
        for t in range(30):
            _, g, carry = rule(network).step(params, Window(window.x[:, t : t + 1], window.y[:, t : t + 1], slice(0, 1)), carry)
            total = total + g
    np.testing.assert_allclose(staleness.frozen_sum(network, initial, window), total, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("counted", [range(8), [5, 6, 7], [1, 4, 5]], ids=str)
def test_against_a_plain_loop(counted):
    """One replicate, one learning rate, RTRL begun anew at every step; the vectorised code is held to it."""
    network, initial, window = stream(8, (2,), 1)
    targets, counted = window.y, np.array(counted)
    stopped = Window(window.x, targets[:, counted], counted)
    params = network.parameters(initial.copy())
    rule, rate = Rtrl(network), 0.3
    carry, applied, stale, scale = rule.init(params, 1), 0, 0, 0
    for t in range(8):
        again = rule.init(params, 1)
        for s in range(t + 1):
            _, fresh, again = rule.step(params, Window(window.x[:, s : s + 1], targets[:, s : s + 1], slice(0, 1)), again)
        _, g, carry = rule.step(params, Window(window.x[:, t : t + 1], targets[:, t : t + 1], slice(0, 1)), carry)
        if t not in counted:
            continue
        applied, stale, scale = applied + g, stale + np.linalg.norm(g - fresh), scale + np.linalg.norm(fresh)
        params.vector[...] -= rate * g
    rest = gradient_of(Bptt(network), network.parameters(initial), stopped) * len(counted)
    found = staleness.staleness(network, initial, stopped, np.array([0.01, rate]))
    np.testing.assert_allclose(found["stale sensitivities"][1], stale / scale, rtol=1e-9)
    np.testing.assert_allclose(found["moving weights"][1], np.linalg.norm(applied - rest) / np.linalg.norm(rest), rtol=1e-9)


@pytest.mark.parametrize("task", [{}, COPYING], ids=["every step", "the last steps"])
def test_the_table_has_every_replicate_at_every_learning_rate(tmp_path, task):
    table = staleness.measure(prepared(tmp_path, **{**task, "dtype": "float32"}))
    assert list(table.columns) == staleness.COLUMNS and set(table["replicate"]) == {0, 1, 2}
    assert table["learning_rate"].nunique() >= 8 and table["value"].notna().all()
    middle = table.groupby(["quantity", "learning_rate"])["value"].median()
    assert task or (middle["stale sensitivities"] < middle["moving weights"]).all()


def test_a_task_scored_at_the_last_step_has_an_empty_table_that_can_be_read(tmp_path):
    table = staleness.measure(prepared(tmp_path, **ADDING))
    assert table.empty and list(table.columns) == staleness.COLUMNS
    for _ in range(2):
        table.to_csv(tmp_path / "table.csv", index=False)
        table = pd.read_csv(tmp_path / "table.csv")
    keys = ["task", "learning_rate", "quantity"]
    assert list(quartiles(table, keys)) == [*keys, "low", "median", "high", "finite"]
    both = pd.concat([table, staleness.measure(prepared(tmp_path))], ignore_index=True)
    assert quartiles(both, keys)["finite"].eq(3).all()

"""The exact rules against independent oracles: complex step, central differences, TensorFlow, and each other."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import complex_step, loss
from strategies import problem, problems

from rnnbench.gradients.registry import RULES
from rnnbench.losses import LOSSES
from rnnbench.network import Network
from rnnbench.trial.exactness import gradient_of, relative_errors

EXACT_RULES = [name for name, rule in RULES.items() if rule.claim == "exact" and name != "mlp"]


def assert_equal(network, gradient, exact, tolerance):
    errors = relative_errors(network, gradient, exact)
    assert max(errors.values()) <= tolerance, errors


def test_the_exact_rules_are_bptt_replay_and_rtrl():
    assert EXACT_RULES == ["bptt", "replay", "rtrl"]


@pytest.mark.parametrize("rule", EXACT_RULES)
@given(problems())
def test_equals_complex_step(rule, case):
    network, params, window = case
    counted = np.arange(window.x.shape[1])[window.counted].tolist()
    exact = complex_step(network, params.vector, window.x, window.y, counted)
    assert_equal(network, gradient_of(RULES[rule](network), params, window), exact, 1e-10)


@pytest.mark.parametrize("rule", ["posted", "rtrl"])
@given(problems())
def test_the_backward_pass_of_a_forward_rule_finds_its_gradient(rule, case):
    network, params, window = case
    one = RULES[rule](network)
    assert_equal(network, gradient_of(one.backward(), params, window), gradient_of(one, params, window), 1e-12)


def test_complex_step_equals_central_differences():
    """The oracle itself, against the definition of a derivative."""
    rng = np.random.default_rng(1)
    network, params, window = problem(rng, Network(2, (3, 2), 2, "tanh", "mse"), 1, 5, 2, slice(0, 5))
    exact = complex_step(network, params.vector, window.x, window.y, list(range(5)))
    steps = 1e-6 * np.eye(exact.shape[1])
    up, down = (loss(params.vector[:, None] + s, network, window.x, window.y, list(range(5))) for s in (steps, -steps))
    np.testing.assert_allclose((up - down) / 2e-6, exact, rtol=1e-6, atol=1e-8)


@given(problems(max_units=8, max_time=12, max_batch=5, max_replicates=4))
def test_rtrl_equals_bptt(case):
    network, params, window = case
    rtrl, bptt = (gradient_of(RULES[name](network), params, window) for name in ("rtrl", "bptt"))
    assert_equal(network, rtrl, bptt, 1e-12)


@settings(max_examples=15)
@given(problems(max_replicates=1, at_rest=(0.0,), leak=(0.0,)), st.booleans())
def test_equals_gradient_tape(case, every_step):
    from rnnbench.study.probes.tape import tape

    network, params, window = case
    rng = np.random.default_rng(0)
    time = window.x.shape[1]
    counted = slice(0, time) if every_step else slice(time - 1, time)
    _, _, window = problem(rng, network, 1, time, window.x.shape[2], counted)
    exact = tape(network, params, window)
    for rule in EXACT_RULES:
        assert_equal(network, gradient_of(RULES[rule](network), params, window), exact, 1e-10)


PAIRS = product(["tanh", "logistic", "relu"], LOSSES)


@pytest.mark.parametrize(("activation", "loss_name", "depth"), [(*pair, 1 + n % 3) for n, pair in enumerate(PAIRS)])
def test_equals_gradient_tape_everywhere(activation, loss_name, depth):
    """Every activation with every loss, whatever hypothesis happens to draw, at depths in turn; whichever steps count."""
    from rnnbench.study.probes.tape import tape

    rng = np.random.default_rng([depth, len(activation), len(loss_name)])
    network = Network(2, (4, 3, 3)[:depth], 3, activation, loss_name)
    for counted in (slice(0, 7), slice(6, 7), np.array([1, 2, 5])):
        network, params, window = problem(rng, network, 2, 7, 3, counted)
        exact = tape(network, params, window)
        for rule in EXACT_RULES:
            assert_equal(network, gradient_of(RULES[rule](network), params, window), exact, 1e-10)


def test_the_error_of_a_block_is_the_worst_over_replicates():
    network, params, window = problem(np.random.default_rng(0), Network(2, (3,), 2, "tanh", "mse"), 4, 5, 2, slice(0, 5))
    exact = gradient_of(RULES["bptt"](network), params, window)
    one_wrong = exact * np.array([[1], [1], [1.5], [1]])
    assert all(error == pytest.approx(0.5, rel=1e-6) for error in relative_errors(network, one_wrong, exact).values())

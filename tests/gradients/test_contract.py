"""What every rule must keep, and what the inexact ones must miss: in which parameters, and in no others."""

import pickle

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from strategies import in_windows, problem, problems

from rnnbench.gradients.parts import sensitivity
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network, Window
from rnnbench.trial.exactness import gradient_of, relative_errors


def errors(rule, network, params, window):
    exact = gradient_of(RULES["bptt"](network), params, window)
    return relative_errors(network, gradient_of(RULES[rule](network), params, window), exact)


def made(rule, network):
    """The rule for a network; the example is passed over where the rule does not support it."""
    try:
        return RULES[rule](network)
    except NotImplementedError:
        reject()


def wrong(rule, hidden, counted, time=8):
    """The parameters in which a rule differs from the exact gradient on every one of several random networks."""
    found = []
    for seed in range(5):
        network = Network(2, hidden, 2, "tanh", "softmax_crossentropy")
        case = problem(np.random.default_rng(seed), network, 1, time, 3, counted)
        e = errors(rule, *case)
        assert all(value > 1e-3 or value < 1e-12 for value in e.values()), e
        found.append({name for name, value in e.items() if value > 1e-3})
    assert all(f == found[0] for f in found)
    return found[0]


NOISY = [*(name for name, rule in RULES.items() if rule.claim == "unbiased"), "eprop-random", "sparse-rtrl", "kernl"]
EVERY, LAST = slice(0, 8), slice(7, 8)


@pytest.mark.parametrize("counted", [EVERY, LAST])
def test_posted_is_wrong_in_w_and_b_of_one_layer(counted):
    assert wrong("posted", (4,), counted) == {"W0", "b0"}


@pytest.mark.parametrize("counted", [EVERY, LAST])
def test_posted_is_right_in_the_top_recurrence_only(counted):
    assert wrong("posted", (4, 3), counted) == {"W0", "R1", "b0", "W1", "b1"}
    assert wrong("posted", (4, 3, 3), counted) == {"W0", "R1", "b0", "W1", "R2", "b1", "W2", "b2"}


@pytest.mark.parametrize("counted", [EVERY, LAST])
def test_elman_is_right_in_the_readout_only(counted):
    assert wrong("elman", (4,), counted) == {"W0", "R1", "b0"}
    assert wrong("elman", (4, 3), counted) == {"W0", "R1", "b0", "W1", "R2", "b1"}


@pytest.mark.parametrize("rule", ["posted", "elman", "bptt", "rtrl"])
@pytest.mark.parametrize("hidden", [(4,), (4, 3)])
def test_every_rule_is_exact_over_one_step(rule, hidden):
    assert wrong(rule, hidden, slice(0, 1), time=1) == set()


@given(problems())
def test_elman_is_bptt_cut_to_windows_of_one_step(case):
    network, params, window = case
    total, _ = in_windows(RULES["bptt"](network), params, window, 1)
    np.testing.assert_allclose(gradient_of(RULES["elman"](network), params, window), total, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("rule", [name for name in RULES if name not in ("bptt", "mlp")])
@given(problems(max_time=9), st.integers(1, 9))
def test_forward_rules_do_not_depend_on_the_window(rule, case, length):
    """With the weights standing still, windows with a carry add up to the whole sequence: nothing flows backward."""
    network, params, window = case
    rule = RULES[rule](network)
    total, _ = in_windows(rule, params, window, length)
    np.testing.assert_allclose(total, gradient_of(rule, params, window), rtol=1e-9, atol=1e-12)


def test_tbptt_keeps_the_state_and_cuts_the_gradient():
    """The second window's gradient is the derivative of its loss with the first one's state taken as given."""
    network = Network(2, (3, 4), 2, "tanh", "softmax_crossentropy")
    network, params, window = problem(np.random.default_rng(0), network, 2, 9, 3, slice(0, 9))
    rule = RULES["bptt"](network)
    first = rule.step(params, Window(window.x[:, :4], window.y[:, :4], slice(0, 4)), rule.init(params, 3))
    second = Window(window.x[:, 4:], window.y[:, 4:], slice(0, 5))
    assert all(state.any() for state in first.carry.values())

    def loss(vector):
        outputs = network.forward(network.parameters(vector), second, first.carry).outputs
        return network.loss_function.value(outputs, second.y).mean((1, 2))

    gradient = rule.step(params, second, first.carry).gradient
    for p in range(network.parameter_count):
        step = np.zeros_like(params.vector)
        step[:, p] = 1e-6
        slope = (loss(params.vector + step) - loss(params.vector - step)) / 2e-6
        np.testing.assert_allclose(gradient[:, p], slope, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("rule", list(RULES))
@given(problems(max_replicates=3))
def test_replicates_do_not_see_each_other(rule, case):
    """To the bit: alone, among others, and beside one that has diverged. Noise is drawn by place: the first alone has its own."""
    network, params, window = case
    places = 1 if rule in NOISY else len(params.vector)
    rule = made(rule, network)
    together = gradient_of(rule, params, window)
    for r in range(places):
        alone = Window(window.x[r : r + 1], window.y[r : r + 1], window.counted)
        np.testing.assert_array_equal(gradient_of(rule, network.parameters(params.vector[r : r + 1]), alone)[0], together[r])
    broken = params.vector.copy()
    broken[0] = np.nan
    with np.errstate(all="ignore"):
        beside = gradient_of(rule, network.parameters(broken), window)
    np.testing.assert_array_equal(beside[1:], together[1:])


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("steps", "batch", "counted"), [(6, 9, np.array([1, 2, 5])), (1, 1, slice(0, 1))])
def test_replicates_of_many_units_do_not_see_each_other(rule, dtype, steps, batch, counted):
    """NumPy adds long rows in another order than short ones."""
    network = Network(2, (17,), 3, "tanh")
    network, params, window = problem(np.random.default_rng(0), network, 3, steps, batch, counted)
    params, window = network.parameters(params.vector.astype(dtype)), window._replace(x=window.x.astype(dtype))
    first = network.parameters(params.vector[:1]), Window(window.x[:1], window.y[:1], window.counted)
    rule = RULES[rule](network)
    np.testing.assert_array_equal(gradient_of(rule, *first)[0], gradient_of(rule, params, window)[0])


@pytest.mark.parametrize("rule", list(RULES))
@given(problems())
def test_rules_are_pure(rule, case):
    network, params, window = case
    rule = made(rule, network)
    carry = rule.step(params, window, rule.init(params, window.x.shape[2])).carry
    before = params.vector.copy(), window.x.copy(), pickle.dumps(carry)
    first = rule.step(params, window, carry)
    second = rule.step(params, window, carry)
    np.testing.assert_array_equal(first.gradient, second.gradient)
    np.testing.assert_array_equal(params.vector, before[0])
    np.testing.assert_array_equal(window.x, before[1])
    assert pickle.dumps(carry) == before[2]


@pytest.mark.parametrize("rule", list(RULES))
def test_float32_stays_float32(rule):
    network = Network(2, (3, 2), 2, "relu")
    network, params, window = problem(np.random.default_rng(0), network, 2, 4, 3, slice(0, 4))
    params = network.parameters(params.vector.astype(np.float32))
    step = RULES[rule](network).step(params, window, RULES[rule](network).init(params, 3))
    assert step.gradient.dtype == step.outputs.dtype == np.float32


@pytest.mark.parametrize("rule", ["posted", "rtrl"])
def test_tiles_change_nothing(rule, monkeypatch):
    """Cutting the batch into tiles that fit the cache leaves every sample's sensitivity as it was."""
    case = problem(np.random.default_rng(3), Network(2, (4, 3), 2, "tanh"), 3, 6, 5, slice(0, 6))
    network, params, window = case
    whole = gradient_of(RULES[rule](network), params, window)
    for size in (1, 3000, 20_000):
        monkeypatch.setattr(sensitivity, "CACHE", size)
        np.testing.assert_allclose(gradient_of(RULES[rule](network), params, window), whole, rtol=1e-12)


@given(st.integers(1, 6), st.integers(1, 7), st.integers(1, 2**20))
def test_tiles_cover_every_sample_once(replicates, batch, size):
    seen = np.zeros((replicates, batch), int)
    for r, b in sensitivity.tiles(replicates, batch, size):
        seen[r, b] += 1
    assert (seen == 1).all()


def test_mlp_keeps_recurrence_at_zero():
    case = problem(np.random.default_rng(5), Network(2, (3,), 2, "tanh"), 1, 4, 2, slice(0, 4))
    network, params, window = case
    rule = RULES["mlp"](network)
    rule.prepare(params)
    assert not params.R[1].any() and params.W[0].any()
    gradient = gradient_of(rule, params, window)
    assert not network.parameters(gradient).R[1].any()
    exact = gradient_of(RULES["bptt"](network), params, window)
    for name in ("W0", "b0", "W1", "b1"):
        np.testing.assert_allclose(
            network.parameters(gradient).blocks()[name], network.parameters(exact).blocks()[name], rtol=1e-12, atol=1e-15
        )

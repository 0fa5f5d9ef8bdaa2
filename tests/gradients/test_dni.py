"""Synthetic gradients: what the prediction converges to, what it is worth, and that windows add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import in_windows, problem, problems, remembering

from rnnbench.gradients.dni import FORGET, Dni
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network, Window
from rnnbench.trial.exactness import gradient_of, relative_errors

MEAN = 2.0


def linear(rng, leak=0.0):
    """Relu units that are never negative: each is around MEAN, and inputs in +-1 do not reach as far."""
    network = Network(3, (3,), 2, "relu", "mse", leak=leak)
    params = network.parameters(np.zeros((1, network.parameter_count)))
    params.R[1][...] = np.diag([0.5, 0.4, -0.3]) + rng.uniform(-0.1, 0.1, (3, 3))
    params.W[0][...] = np.diag([0.8, 0.7, 0.6]) + rng.uniform(-0.1, 0.1, (3, 3))
    params.b[0][...] = MEAN * (1 - params.R[1].sum(1))
    params.W[1][...] = rng.normal(0, 0.7, (3, 2))
    params.b[1][...] = rng.normal(0, 0.7, 2)
    return network, params


def stream(rng, time=100, batch=100):
    """Inputs and targets without memory, the loss at every step; the targets' mean is 1/2."""
    x, y = rng.uniform(-1, 1, (1, time, batch, 3)), rng.uniform(-0.5, 1.5, (1, time, batch, 2))
    return Window(x, y, slice(0, time))


def expected(network, params):
    """[B; c] with x B + c the expected gradient of all future losses by the state x, in closed form.

    The next state is x' = x J + k + noise without mean, and its loss has the gradient x' Q + p: so x B + c =
    E[x' Q + p + x' B + c] J^T, which asks for B = J (Q + B) J^T and c = (k (Q + B) + p + c) J^T.
    """
    keep, W = 1 - network.leak, params.W[1][0]
    J, k = keep * params.R[1][0] + network.leak * np.eye(3), keep * params.b[0][0]
    Q, p = W @ W.T, (params.b[1][0] - 0.5) @ W.T  # (o - y)^2 is a mean over two outputs
    B = np.linalg.solve(np.eye(9) - np.kron(J, J), (J @ Q @ J.T).ravel()).reshape(3, 3)
    c = (k @ (Q + B) + p) @ J.T @ np.linalg.inv(np.eye(3) - J.T)
    assert np.linalg.norm(J, 2) < 1  # a prediction never grows on its way back
    return np.concatenate([B, c])


def taught(network, params, rng):
    """The carry after a long stream, at a rate that is lowered once."""
    carry = Dni(network).init(params, 100)
    for rate in [0.5] * 300 + [0.05] * 150:
        window = stream(rng)
        assert (network.forward(params, window, carry.x).x[1] > 0).all()
        carry = Dni(network, rate=rate).step(params, window, carry).carry
    return carry


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_in_a_linear_network_it_learns_the_expected_gradient_of_the_future(leak):
    rng = np.random.default_rng(0)
    network, params = linear(rng, leak)
    carry, target = taught(network, params, rng), expected(network, params)
    np.testing.assert_allclose(carry.A[1][0], target, atol=0.005 * np.abs(target).max())

    # Means over a long stream, in which the last steps, whose future is missing, hardly count.
    window = stream(rng, 400, 400)
    at = carry.x | {1: np.resize(carry.x[1], (1, 400, 3))}
    exact = RULES["bptt"](network).step(params, window, at).gradient
    untaught = RULES["elman"](network).step(params, window, at).gradient
    found = Dni(network).step(params, window, carry._replace(x=at)).gradient
    near, far = (relative_errors(network, gradient, exact) for gradient in (found, untaught))
    for name in ("W0", "R1", "b0"):
        assert near[name] < 0.01 < 0.15 < far[name], (near, far)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_every_lesson_is_as_written(leak):
    """The equations of the docstring, a sample at a time, from a rule that has learnt something."""
    network = Network(2, (3,), 2, "tanh", "mse", leak=leak)
    network, params, window = problem(np.random.default_rng(0), network, 1, 5, 4, slice(0, 5))
    rule = Dni(network)
    carry = rule.step(params, window, rule.init(params, 4)).carry
    activity = network.forward(params, window, carry.x)
    states, slope = activity.u[1][0, ..., 2:], network.slope(activity, 1)[0]
    do = activity.outputs[0] - window.y[0]  # of a mean of two squares
    A, size = carry.A[1][0], carry.size[1][0]
    for t in range(5):
        lessons = []
        for before, now, fz, dl in zip(states[t], states[t + 1], slope[t], do[t] @ params.W[1][0].T):
            g, back = now @ A, lambda c, fz=fz: (c * fz) @ params.R[1][0].T + leak * c
            shorter = min(1, np.linalg.norm(g) / np.linalg.norm(back(g)))
            lessons.append(np.outer(before, back(dl) + back(g) * shorter - before @ A))
        size = max(FORGET * size, np.square(states[t]).sum(1).mean())
        A = A + rule.rate * np.mean(lessons, axis=0) / size
    after = rule.step(params, window, carry).carry
    np.testing.assert_allclose(after.A[1][0], A, rtol=1e-10)
    np.testing.assert_allclose(after.size[1][0], size, rtol=1e-12)


@given(problems())
def test_without_learning_it_is_one_step_truncation(case):
    network, params, window = case
    found, elman = gradient_of(Dni(network, rate=0.0), params, window), gradient_of(RULES["elman"](network), params, window)
    np.testing.assert_allclose(found, elman, rtol=1e-12, atol=1e-15)


@given(problems(max_time=9), st.integers(1, 9))
def test_windows_add_up_and_teach_the_same(case, length):
    """From a rule that has learnt something, whatever steps count, and for the sequence after it too."""
    network, params, window = case
    rule = Dni(network)
    carry = rule.step(params, window, rule.init(params, window.x.shape[2])).carry
    carry = rule.reset(params, window.x.shape[2], carry)
    whole, cut = in_windows(rule, params, window, window.x.shape[1], carry), in_windows(rule, params, window, length, carry)
    np.testing.assert_allclose(cut[0], whole[0], rtol=1e-10, atol=1e-13)
    for of in ("x", "A", "size", "due"):
        expected = getattr(whole[1], of)
        assert getattr(cut[1], of).keys() == expected.keys()
        for i in expected:
            np.testing.assert_allclose(getattr(cut[1], of)[i], expected[i], rtol=1e-10, atol=1e-13)


def test_where_the_last_step_alone_counts_every_step_has_credit():
    """Paid at once in a window of the whole sequence, and by the last of several windows."""
    network = Network(1, (3,), 2, "tanh")
    network, params, window = problem(np.random.default_rng(0), network, 1, 6, 4, slice(5, 6))
    rule = Dni(network)
    carry = rule.reset(params, 4, rule.step(params, window, rule.init(params, 4)).carry)
    inputs = np.zeros_like(window.x)
    inputs[:, 0] = 1  # W0 has a gradient by the first step alone
    gradient, _ = in_windows(rule, params, window._replace(x=inputs), 1, carry)
    assert network.parameters(gradient).W[0].any()
    assert not network.parameters(gradient_of(RULES["elman"](network), params, window._replace(x=inputs))).W[0].any()


def test_reset_keeps_what_is_learnt_and_drops_what_is_due():
    network, params, window = problem(np.random.default_rng(0), Network(2, (3, 2), 2, "tanh"), 2, 6, 3, slice(0, 3))
    rule = Dni(network)
    used = rule.step(params, window, rule.init(params, 3)).carry
    fresh = rule.reset(params, 5, used)
    assert all(x.shape[1] == 5 and not x.any() for x in fresh.x.values())
    assert used.due.keys() == {1, 2} and not fresh.due
    assert all(fresh.A[i] is used.A[i] and fresh.A[i].any() for i in used.A)


@pytest.mark.parametrize(("activation", "rate"), [("tanh", 0.03), ("logistic", 0.01)])
def test_training_with_it_does_not_diverge(activation, rate):
    """Remember the first input's sign over 8 steps, of which the last counts. Without its two limits A of tanh units diverges."""
    losses, carry = remembering(Dni, activation, rate)
    assert carry.A[1].dtype == np.float32 and np.abs(carry.A[1]).max() < 1
    assert np.mean(losses[-50:]) < np.mean(losses[:10]) and np.isfinite(losses).all()

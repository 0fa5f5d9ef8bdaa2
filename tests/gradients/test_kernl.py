"""Kernel RNN learning: what the kernel converges to, where it is exact, and that windows add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import in_windows, problem, problems, remembering

from rnnbench.gradients.kernl import Kernel, Kernl
from rnnbench.gradients.parts import noise
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network, Window
from rnnbench.trial.exactness import relative_errors


def diagonal(rng, leak=0.0, replicates=1):
    """Relu units that are never negative, each on its own: R is diagonal and positive, inputs are in +-1."""
    network = Network(3, (3,), 2, "relu", "mse", leak=leak)
    params = network.parameters(rng.uniform(-0.3, 0.3, (replicates, network.parameter_count)))
    params.R[1][...] = np.diag([0.3, 0.6, 0.8])
    params.b[0][...] = 2.0
    return network, params


def stream(rng, time, batch):
    return Window(rng.uniform(-1, 1, (1, time, batch, 3)), rng.random((1, time, batch, 2)), slice(0, time))


def still(network):
    return Kernl(network, beta_rate=0.0, gamma_rate=0.0)


def given_kernels(rule, params, batch, gamma):
    """The carry at rest with beta the identity and gamma(i) as given."""
    carry = rule.init(params, batch)
    return carry._replace(kernels={i: Kernel(k.beta, k.gamma * 0 + gamma(i)) for i, k in carry.kernels.items()})


@given(problems())
def test_with_a_kernel_of_lag_zero_alone_it_is_one_step_truncation(case):
    network, params, window = case
    rule = still(network)
    step = rule.step(params, window, given_kernels(rule, params, window.x.shape[2], lambda i: 1000.0))
    elman = RULES["elman"](network).step(params, window, network.rest(len(params.vector), window.x.shape[2], np.dtype(float)))
    np.testing.assert_allclose(step.gradient, elman.gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_with_the_right_kernel_of_a_diagonal_linear_network_it_is_rtrl(leak):
    rng = np.random.default_rng(0)
    network, params = diagonal(rng, leak, replicates=2)
    rule, rtrl = still(network), RULES["rtrl"](network)
    J = (1 - leak) * np.array([0.3, 0.6, 0.8]) + leak
    carry, exact = given_kernels(rule, params, 4, lambda i: -np.log(J)), rtrl.init(params, 4)
    for _ in range(2):  # the second window begins with the traces of the first
        window = stream(rng, 20, 4)
        step, truth = rule.step(params, window, carry), rtrl.step(params, window, exact)
        np.testing.assert_allclose(step.gradient, truth.gradient, rtol=1e-10, atol=1e-13)
        carry, exact = step.carry, truth.carry


def test_a_unit_is_credited_by_its_sensitivities():
    """dL/dV[j, k] of one step is sum_l dL/dx[l] beta[k, l] u[j] dx[k]/dz[k], whatever beta is."""
    rng = np.random.default_rng(0)
    network, params, window = problem(rng, Network(2, (3,), 2, "tanh", "mse"), 2, 1, 4, slice(0, 1))
    rule = still(network)
    carry = rule.init(params, 4)
    beta = rng.normal(size=(2, 3, 3))
    step = rule.step(params, window, carry._replace(kernels={1: Kernel(beta, carry.kernels[1].gamma)}))
    activity = network.forward(params, window, carry.x)
    do = 2 * (activity.outputs - window.y)[:, 0] / 2 / 4
    credit = np.einsum("rbo,rlo,rkl->rbk", do, params.W[1], beta)
    expected = np.einsum("rbj,rbk->rjk", activity.u[1][:, 0], credit * network.slope(activity, 1)[:, 0])
    np.testing.assert_allclose(network.parameters(step.gradient).V[1], expected)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_in_a_diagonal_linear_network_it_learns_the_right_kernel(leak):
    """From a wrong beta and a wrong gamma; then the gradient is exact."""
    rng = np.random.default_rng(0)
    network, params = diagonal(rng, leak)
    rule = Kernl(network)
    carry = rule.init(params, 16)
    wrong = carry._replace(kernels={1: Kernel(carry.kernels[1].beta + rng.normal(0, 0.5, (1, 3, 3)), carry.kernels[1].gamma)})
    carry = wrong
    for _ in range(30):
        step = rule.step(params, stream(rng, 100, 16), carry)
        carry = step.carry
        assert (carry.x[1] > 0).all()
    beta, gamma = carry.kernels[1]
    np.testing.assert_allclose(beta[0], np.eye(3), atol=1e-6)
    np.testing.assert_allclose(np.exp(-gamma[0]), (1 - leak) * np.array([0.3, 0.6, 0.8]) + leak, atol=1e-6)

    window = stream(rng, 30, 16)
    exact = RULES["bptt"](network).step(params, window, network.rest(1, 16, np.dtype(float))).gradient
    learnt, untaught = (rule.step(params, window, rule.reset(params, 16, c)).gradient for c in (carry, wrong))
    assert max(relative_errors(network, learnt, exact).values()) < 1e-5
    assert relative_errors(network, untaught, exact)["R1"] > 0.1


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_every_lesson_is_as_written(leak):
    """The equations of the docstring, from a rule that has learnt something."""
    network = Network(2, (3,), 2, "tanh", leak=leak)
    network, params, window = problem(np.random.default_rng(0), network, 1, 5, 4, slice(0, 5))
    rule = Kernl(network)
    carry = rule.step(params, window, rule.init(params, 4)).carry
    activity, (R, W, b) = network.forward(params, window, carry.x), (params.R[1][0], params.W[0][0], params.b[0][0])
    (beta, gamma), (gap, w, v) = ([a[0] for a in part[1]] for part in (carry.kernels, carry.probes))
    xi, moved = noise.signs(0, 0, 5, 5, (1, 4, 3), np.dtype(float))[0], carry.x[1][0] + rule.sigma * gap
    for t in range(5):
        fresh = np.tanh(window.x[0, t] @ W + moved @ R + b)
        moved = leak * moved + (1 - leak) * fresh + rule.sigma * xi[t]
        w, v = np.exp(-gamma) * w + xi[t], np.exp(-gamma) * (v - w)
        r = (moved - activity.x[1][0, t]) / rule.sigma - w @ beta
        felt = 1 + np.square(v).mean(0) * np.square(beta).sum(1)
        gamma = np.maximum(0, gamma + rule.gamma_rate * (v * (r @ beta.T)).mean(0) / felt)
        beta = beta + rule.beta_rate * (w.T @ r) / 4 / (3 + np.square(w).sum(1).mean())
    kernel = rule.step(params, window, carry).carry.kernels[1]
    np.testing.assert_allclose(kernel.beta[0], beta, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(kernel.gamma[0], gamma, rtol=1e-8)


@given(problems(max_time=9), st.integers(1, 9))
def test_windows_add_up_and_teach_the_same(case, length):
    """From a rule that has learnt something, whatever steps count."""
    network, params, window = case
    rule = Kernl(network)
    carry = rule.step(params, window, rule.init(params, window.x.shape[2])).carry
    carry = rule.reset(params, window.x.shape[2], carry)
    whole, cut = (in_windows(rule, params, window, steps, carry) for steps in (window.x.shape[1], length))
    np.testing.assert_allclose(cut[0], whole[0], rtol=1e-8, atol=1e-12)
    assert cut[1].draws == whole[1].draws == 2 * window.x.shape[1]
    for i in carry.x:
        np.testing.assert_allclose(cut[1].e[i], whole[1].e[i], rtol=1e-8, atol=1e-12)
        for one, other in zip(cut[1].kernels[i] + cut[1].probes[i], whole[1].kernels[i] + whole[1].probes[i]):
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


def test_reset_keeps_the_kernel_and_the_count_of_draws():
    network, params, window = problem(np.random.default_rng(0), Network(2, (3, 2), 2, "tanh"), 2, 6, 3, slice(0, 3))
    rule = Kernl(network)
    used = rule.step(params, window, rule.init(params, 3)).carry
    fresh = rule.reset(params, 5, used)
    assert fresh.draws == 6 and not fresh.e and fresh.kernels is used.kernels
    assert all(x.shape[1] == 5 and not x.any() for x in fresh.x.values())
    assert all(not a.any() for probe in fresh.probes.values() for a in probe)
    assert not np.array_equal(used.kernels[1].beta, rule.init(params, 3).kernels[1].beta)


def test_every_layer_is_perturbed_by_itself():
    """An upper layer without recurrence is as far from itself as the present step's noise, whatever the layer below does."""
    network, params, window = problem(np.random.default_rng(0), Network(2, (3, 2), 2, "tanh"), 1, 6, 4, slice(0, 6))
    params.R[2][...] = 0
    rule = Kernl(network)
    probes = rule.step(params, window, rule.init(params, 4)).carry.probes
    now = noise.signs(0, 0, 5, 1, (1, 4, 5), np.dtype(float))[:, 0]
    np.testing.assert_allclose(probes[2].gap, now[..., 3:], rtol=1e-9)
    assert not np.allclose(probes[1].gap, now[..., :3], rtol=0.01)


@pytest.mark.parametrize(("activation", "rate"), [("tanh", 0.03), ("logistic", 0.01), ("relu", 0.003)])
def test_training_with_it_does_not_diverge(activation, rate):
    """Remember the first input's sign over 8 steps, of which the last counts."""
    losses, carry = remembering(Kernl, activation, rate)
    assert carry.kernels[1].beta.dtype == carry.e[1].dtype == np.float32
    assert np.mean(losses[-50:]) < np.mean(losses[:10]) and np.isfinite(losses).all()

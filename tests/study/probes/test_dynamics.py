import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import problem

from rnnbench.network import Network, Window
from rnnbench.study.probes import dynamics


def stacked(state):
    return np.concatenate(list(state.values()), axis=-1)


def diagonal(radii, *layers, time=200):
    """A linear network (relu on positive states) with R_i = diag(radii[i]), of one replicate and two sequences."""
    network = Network(1, tuple(len(r) for r in radii), 1, "relu", "mse")
    network, params, window = problem(np.random.default_rng(0), network, 1, time, 2, slice(0, time))
    for i, r in enumerate(radii, start=1):
        params.R[i][...] = np.diag(r)
        params.W[i - 1][...] = np.abs(params.W[i - 1]) if i > 1 else 0
        params.b[i - 1][...] = 1
    return network, params, dynamics.slopes(network, params, window)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from(["tanh", "logistic"]),
    st.sampled_from([0.0, 0.4]),
    st.integers(0, 2**32),
)
def test_jacobians_are_derivatives_of_the_forward_pass(hidden, activation, leak, seed):
    """Against central differences of the state two steps on, by every unit of every layer: products and routes upward alike."""
    network = Network(2, tuple(hidden), 2, activation, "mse", leak=leak)
    network, params, window = problem(np.random.default_rng(seed), network, 2, 5, 3, slice(0, 5))
    along = dynamics.slopes(network, params, window)
    found = dynamics.jacobian(network, params, along, 4) @ dynamics.jacobian(network, params, along, 3)
    begin, end = Window(window.x[:, :3], window.y[:, :3], slice(0, 3)), Window(window.x[:, 3:], window.y[:, 3:], slice(0, 2))
    state = network.forward(params, begin, network.rest(2, 3, np.dtype(float))).state()
    columns = []
    for layer, unit in [(i + 1, u) for i, n in enumerate(hidden) for u in range(n)]:
        ends = []
        for nudge in (1e-6, -1e-6):
            moved = {i: x.copy() for i, x in state.items()}
            moved[layer][..., unit] += nudge
            ends.append(stacked(network.forward(params, end, moved).state()))
        columns.append((ends[0] - ends[1]) / 2e-6)
    np.testing.assert_allclose(found, np.stack(columns, axis=-1), atol=1e-8)


def test_singular_values_are_those_of_the_product_over_the_last_steps():
    network = Network(2, (3, 2), 2, "tanh", "mse")
    network, params, window = problem(np.random.default_rng(1), network, 2, 6, 3, slice(0, 6))
    along = dynamics.slopes(network, params, window)
    found = dynamics.singular_values(network, params, along, dynamics.spans(6))
    assert list(found) == [1, 2, 5, 6]
    product = np.broadcast_to(np.eye(5), (2, 3, 5, 5))
    for t in range(1, 6):
        product = dynamics.jacobian(network, params, along, t) @ product
    values = np.linalg.svd(product, compute_uv=False)
    np.testing.assert_allclose(found[5], np.exp(np.log(values[..., [0, 2, 4]]).mean(1)), rtol=1e-6)


def test_singular_values_of_a_diagonal_network_are_powers():
    network, params, along = diagonal([[0.9, 0.7, 0.01]], time=20)
    found = dynamics.singular_values(network, params, along, [1, 5, 20])
    np.testing.assert_allclose(found[1], [[0.9, 0.7, 0.01]])
    np.testing.assert_allclose(found[5], [[0.9**5, 0.7**5, 0.01**5]])
    assert found[20][0, 2] == 0  # 1e-40 beside 0.12 is rounding
    np.testing.assert_allclose(found[20][0, :2], [0.9**20, 0.7**20])


@pytest.mark.parametrize("radii", [[[0.9, 0.5]], [[1.1, 0.3]], [[0.9, 0.2], [0.6, 0.1]], [[0.4, 0.2], [0.8]]])
def test_the_exponent_of_a_diagonal_network_is_the_log_of_its_largest_entry(radii):
    """Stacked, the Jacobian is block triangular: its diagonal is that of every R_i, whatever leads upward."""
    network, params, along = diagonal(radii)
    found = dynamics.lyapunov(network, params, along, 100)
    np.testing.assert_allclose(found, np.log(max(map(max, radii))), rtol=1e-5)


def test_an_orthogonal_network_neither_grows_nor_fades():
    network, params, along = diagonal([[1.0, 1.0, 1.0]], time=12)
    params.R[1][...] = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    np.testing.assert_allclose(dynamics.lyapunov(network, params, {1: np.ones_like(along[1])}, 3), 0, atol=1e-12)


def test_without_recurrence_nothing_grows():
    network, params, along = diagonal([[0.0, 0.0]], time=6)
    with np.errstate(all="ignore"):
        assert np.isnan(dynamics.lyapunov(network, params, along, 1)).all()
        np.testing.assert_array_equal(dynamics.singular_values(network, params, along, [1])[1], 0)


def test_saturated_units_are_counted():
    slope = np.array([0.25, 0.2, 0.026, 0.024, 0.0]).reshape(1, 5, 1, 1)
    assert dynamics.saturation(Network(1, (1,), 1, "logistic"), {1: slope})[1] == pytest.approx(0.4)
    assert dynamics.saturation(Network(1, (1,), 1, "tanh"), {1: slope})[1] == pytest.approx(0.6)
    assert dynamics.saturation(Network(1, (1,), 1, "relu"), {1: np.round(slope + 0.4)})[1] == pytest.approx(0.6)


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
def test_the_steepest_slope_is_reached_and_not_passed(activation):
    f, z = Network(1, (1,), 1, activation).f, np.linspace(-5, 5, 10001)
    assert f.derivative(f.value(z, np.empty_like(z))).max() == pytest.approx(f.steepest)

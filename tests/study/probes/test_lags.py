import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import problem

from rnnbench.network import Network, Window
from rnnbench.study.probes.lags import EVERY, FAR, kept_lags, lag_norms, lag_rate


@given(st.integers(1, 2000))
def test_kept_lags_are_all_near_ones_and_a_few_far_ones(time):
    lags = kept_lags(time)
    assert lags[0] == 0 and lags[-1] == time - 1 and (np.diff(lags) > 0).all() and len(lags) <= EVERY + 1 + FAR
    np.testing.assert_array_equal(lags[: EVERY + 1], np.arange(min(time, EVERY + 1)))


@given(st.floats(0.3, 1.5), st.floats(1e-3, 1e3), st.integers(3, 784))
def test_the_rate_of_an_exponential_is_its_factor(factor, scale, time):
    lags = kept_lags(time)
    norms = scale * factor ** lags[None].astype(float)
    norms[:, 0] *= 7  # lag 0 is the output's affair
    np.testing.assert_allclose(lag_rate(lags, norms), factor, rtol=1e-9)


def test_the_rate_is_that_of_least_squares():
    lags, norms = np.arange(12), np.random.default_rng(0).lognormal(size=(3, 12))
    expected = [np.exp(np.polyfit(lags[1:], np.log(row[1:]), 1)[0]) for row in norms]
    np.testing.assert_allclose(lag_rate(lags, norms), expected)


def test_what_has_vanished_altogether_has_no_rate():
    lags = np.arange(5)
    assert np.isnan(lag_rate(lags, np.array([[1.0, 0, 0, 0, 0], [1, 0.5, 0, 0, 0], [np.nan] * 5]))).all()
    assert lag_rate(lags, np.array([[1.0, 0.5, 0.25, 0, 0]])) == pytest.approx(0.5)


def test_norms_of_a_linear_network_fall_by_its_weight():
    """relu with positive states is linear: dL/dx^{T-k} = dL/dx^T r^k."""
    network = Network(1, (1,), 1, "relu", "mse")
    network, params, window = problem(np.random.default_rng(0), network, 2, 20, 3, slice(19, 20))
    params.W[0][...], params.b[0][...] = 0, 1
    params.R[1][:, 0, 0] = [0.5, 0.9]
    norms = lag_norms(network, params, window)
    np.testing.assert_allclose(lag_rate(np.arange(20), norms), [0.5, 0.9])


@pytest.mark.parametrize("leak", [0.0, 0.4])
def test_lag_norms_are_derivatives_by_past_states(leak):
    """Against central differences: nudge the state k steps before the end and see what the last loss does."""
    rng = np.random.default_rng(0)
    network = Network(2, (3, 4), 2, "tanh", "mse", leak=leak)
    network, params, window = problem(rng, network, 2, 6, 1, slice(5, 6))
    norms = lag_norms(network, params, window)
    for lag in range(6):
        split = 6 - lag
        state = network.forward(
            params, Window(window.x[:, :split], window.y[:, :0], slice(0, 0)), network.rest(2, 1, np.dtype(float))
        ).state()
        slope = np.zeros((2, 4))
        for unit in range(4):
            values = []
            for nudge in (1e-6, -1e-6):
                moved = {i: x.copy() for i, x in state.items()}
                moved[2][:, 0, unit] += nudge
                if lag:
                    rest = Window(window.x[:, split:], window.y, slice(lag - 1, lag))
                    outputs = network.forward(params, rest, moved).outputs
                else:
                    outputs = (moved[2] @ params.W[2] + params.b[2])[:, None]
                values.append(network.loss_function.value(outputs, window.y)[:, 0, 0])
            slope[:, unit] = (values[0] - values[1]) / 2e-6
        np.testing.assert_allclose(norms[:, lag], np.linalg.norm(slope, axis=1), rtol=1e-6)


def test_norms_are_a_mean_over_sequences():
    network, params, window = problem(np.random.default_rng(0), Network(2, (3,), 2, "tanh", "mse"), 2, 6, 3, slice(5, 6))
    alone = [Window(window.x[:, :, [n]], window.y[:, :, [n]], window.counted) for n in range(3)]
    expected = np.mean([lag_norms(network, params, one) for one in alone], axis=0)
    np.testing.assert_allclose(lag_norms(network, params, window), expected)

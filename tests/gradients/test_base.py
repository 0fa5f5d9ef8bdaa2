"""The products that the gradients are made of."""

import numpy as np
import pytest
from strategies import problem

from rnnbench import arrays
from rnnbench.gradients.base import MOST_BLOCKS, outer, summed
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network
from rnnbench.trial.exactness import gradient_of


@pytest.fixture
def small_blocks(monkeypatch):
    """Products are cut as if BLAS had little room."""
    monkeypatch.setattr(arrays, "SMALL", 2100)
    arrays.blocks.cache_clear()
    yield
    arrays.blocks.cache_clear()


@pytest.mark.parametrize("counted", [[2, 0], [-1], [3, -4, 1], [3, 1, 0, 2]])
@pytest.mark.parametrize("rule", ["bptt", "rtrl", "snap2", "tbptt"])
def test_steps_may_count_in_any_order_and_from_the_end(rule, counted):
    network, params, window = problem(np.random.default_rng(0), Network(2, (3,), 2), 2, 4, 3, np.array(counted))
    order = np.argsort(window.counted % 4)
    sorted_window = window._replace(counted=window.counted[order] % 4, y=window.y[:, order])
    expected = gradient_of(RULES["bptt"](network), params, sorted_window)
    np.testing.assert_allclose(gradient_of(RULES[rule](network), params, window), expected, rtol=1e-11, atol=1e-14)


def test_an_axis_is_cut_into_the_fewest_blocks_that_fit():
    assert [arrays.blocks(64, others) for others in (10_000, 20_000, 40_000, 10**6)] == [1, 2, 4, 1]
    assert arrays.blocks(67, 20_000) == 1  # a prime


@pytest.mark.parametrize("rule", ["bptt", "rtrl", "posted"])
@pytest.mark.parametrize("hidden", [(8,), (8, 8)])
def test_products_in_blocks_give_the_same_gradient(rule, hidden, small_blocks, monkeypatch):
    network = Network(7, hidden, 2)
    _, params, window = problem(np.random.default_rng(0), network, 2, 6, 64, slice(0, 6))
    forward, back, sensitivities, sums = (64, 16 * 8), (64, 8 * 8), (8 * 16, 8 * 8), (6 * 64, 16 * 8)
    assert all(1 < arrays.blocks(*product) <= MOST_BLOCKS for product in (forward, back, sensitivities, sums))
    cut = gradient_of(RULES[rule](network), params, window)
    monkeypatch.setattr(arrays, "SMALL", 10**6)
    arrays.blocks.cache_clear()
    np.testing.assert_allclose(cut, gradient_of(RULES[rule](network), params, window), rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 7, 8, 15, 16, 17])
@pytest.mark.parametrize(("steps", "batch"), [(0, 2), (1, 1), (1, 3), (3, 1), (4, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_and_single_products_are_what_they_say(n, steps, batch, dtype):
    rng = np.random.default_rng(n)
    u, dz = (rng.normal(size=(3, steps + 1, batch, width)).astype(dtype)[:, :steps] for width in (n + 2, n))
    out = np.full((3, n + 2, n), np.nan, dtype)
    assert summed(u, dz, out) is out and out.dtype == dtype
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-13, "atol": 1e-14}
    np.testing.assert_allclose(out, np.einsum("rtbj,rtbk->rjk", u, dz), **close)
    np.testing.assert_array_equal(summed(u, dz), out)
    np.testing.assert_array_equal(outer(u, dz), u[..., :, None] * dz[..., None, :])

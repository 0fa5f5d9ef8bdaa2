"""Sketched RTRL: between SnAp-1 and RTRL, and never further from the influence than its bound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import in_windows, problem, problems

from rnnbench.gradients import sk_rtrl
from rnnbench.gradients.registry import RULES
from rnnbench.gradients.sk_rtrl import SkRtrl, leading, truncated
from rnnbench.gradients.snap1 import Snap1
from rnnbench.gradients.snap2 import Snap
from rnnbench.network import Network
from rnnbench.trial.exactness import gradient_of, relative_errors


def assert_equal(network, found, expected, tolerance=1e-9):
    errors = relative_errors(network, found, expected)
    assert max(errors.values()) <= tolerance, errors


@given(problems())
def test_without_a_sketch_it_is_snap1(case):
    network, params, window = case
    found = gradient_of(SkRtrl(network, rank=0), params, window)
    assert_equal(network, found, gradient_of(Snap1(network), params, window))


@given(problems(max_units=5, max_time=8))
def test_with_a_whole_sketch_it_is_rtrl_layer_by_layer(case):
    network, params, window = case
    found = gradient_of(SkRtrl(network, rank=5), params, window)
    # SnAp of as many steps as there are units drops nothing within a layer.
    assert_equal(network, found, gradient_of(Snap(network, order=6), params, window))
    if network.depth == 1:
        assert_equal(network, found, gradient_of(RULES["rtrl"](network), params, window))


@given(problems(max_units=6, max_time=7), st.integers(0, 3), st.integers(1, 7))
def test_it_does_not_depend_on_the_window(case, rank, length):
    network, params, window = case
    rule = SkRtrl(network, rank=rank)
    assert_equal(network, in_windows(rule, params, window, length)[0], gradient_of(rule, params, window))


def influence(network, params, window, i):
    """dx_i/dV_i along the last axes (j, k), at the end of the window, for every unit: the recursion, in full."""
    activity = network.forward(params, window, network.rest(*(len(params.vector), window.x.shape[2]), params.vector.dtype))
    slope, u, R, n = network.slope(activity, i), activity.u[i], params.R[i], network.sizes[i]
    P = np.zeros((*slope.shape[:1], *slope.shape[2:], u.shape[-1], n))
    for t in range(slope.shape[1]):
        A = slope[:, t, :, :, None] * R.swapaxes(1, 2)[:, None] + network.leak * np.eye(n)
        P = np.einsum("rblm,rbmjk->rbljk", A, P)
        P[:, :, range(n), :, range(n)] += np.moveaxis(slope[:, t, :, None] * u[:, t, :, :, None], -1, 0)
    return P


def assert_bounded(network, params, window, rank):
    rule = SkRtrl(network, rank=rank)
    for i, (S, L, X, bound) in rule.step(params, window, rule.init(params, window.x.shape[2])).carry.sketch.items():
        true, n = influence(network, params, window, i), network.sizes[i]
        kept = (L @ X).reshape(*L.shape[:-1], *S.shape[-2:])
        kept[:, :, range(n), :, range(n)] += np.moveaxis(S, -1, 0)
        distance = np.sqrt(np.square(true - kept).sum((-3, -2, -1)))
        assert (distance <= bound * (1 + 1e-9) + 1e-9).all()


@given(problems(max_units=6, max_time=8), st.integers(0, 4))
def test_what_is_left_out_is_at_most_the_bound(case, rank):
    assert_bounded(*case, rank)


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_the_bound_counts_both_truncations(rank):
    """At the second step, where nothing is carried yet that the norm of A could make up for."""
    network = Network(2, (12,), 1)
    assert_bounded(*problem(np.random.default_rng(0), network, 2, 2, 3, slice(0, 2)), rank)


@given(problems(max_units=6, max_time=8))
def test_of_a_whole_sketch_the_bound_is_zero(case):
    network, params, window = case
    rule = SkRtrl(network, rank=6)
    for of in rule.step(params, window, rule.init(params, window.x.shape[2])).carry.sketch.values():
        np.testing.assert_allclose(of.bound, 0, atol=1e-9)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_what_is_kept_of_a_matrix_is_its_largest_singular_values(n, m, count, seed):
    matrix = np.random.default_rng(seed).normal(size=(2, n, m))
    kept, rows, left_out = truncated(matrix, count)
    sigma = np.linalg.svd(matrix, compute_uv=False)
    np.testing.assert_allclose(np.linalg.svd(kept @ rows, compute_uv=False)[:, :count], sigma[:, :count], atol=1e-9)
    np.testing.assert_allclose(left_out, np.sqrt(np.square(sigma[:, count:]).sum(-1)), atol=1e-9)
    np.testing.assert_allclose(
        rows @ rows.swapaxes(-1, -2), np.broadcast_to(np.eye(rows.shape[-2]), (2, *[rows.shape[-2]] * 2)), atol=1e-9
    )


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_not_finite_has_no_sketch_and_raises_nothing(count):
    matrix = np.ones((2, 3, 3))
    matrix[1, 0, 0] = np.nan
    kept, _, left_out = truncated(matrix, count)
    assert (
        not kept[1].any() and np.abs(kept[0]).max() == pytest.approx(np.sqrt(3)) and left_out == pytest.approx([0, 0], abs=1e-7)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_eigenvectors_are_those_of_all_with_scipy_and_without(monkeypatch, dtype):
    root = np.random.default_rng(0).normal(size=(2, 3, 12, 12)).astype(dtype)
    square = root @ root.swapaxes(-1, -2)
    found = leading(square, 4)
    monkeypatch.setattr(sk_rtrl, "find_spec", lambda name: None)
    alike = found @ leading(square, 4).swapaxes(-1, -2)
    np.testing.assert_allclose(np.abs(alike), np.broadcast_to(np.eye(4), alike.shape), atol=1e-3 if dtype == np.float32 else 1e-9)
    assert found.dtype == dtype and found.shape == (2, 3, 4, 12)

"""The property that defines each rule, over random networks."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import in_windows, problem, problems

from rnnbench.gradients.diagonal import Diagonal
from rnnbench.gradients.kf_rtrl import KfRtrl
from rnnbench.gradients.ok_rtrl import OkRtrl, diagonal, orthonormal
from rnnbench.gradients.parts import noise
from rnnbench.gradients.parts.joint import norm
from rnnbench.gradients.registry import RULES
from rnnbench.gradients.snap1 import Snap1
from rnnbench.gradients.snap2 import Snap, within
from rnnbench.gradients.sparse_rtrl import SparseRtrl, chosen
from rnnbench.gradients.tbptt import Tbptt
from rnnbench.network import Network, Window
from rnnbench.trial import paths
from rnnbench.trial.cases import random_case
from rnnbench.trial.exactness import gradient_of, relative_errors

UNBIASED = [name for name, rule in RULES.items() if rule.claim == "unbiased"]


def exact(network, params, window):
    return gradient_of(RULES["bptt"](network), params, window)


def assert_equal(network, found, expected, tolerance=1e-10):
    errors = relative_errors(network, found, expected)
    assert max(errors.values()) <= tolerance, errors


# --- TBPTT: lags 0 to h - 1 of the exact gradient, on every route


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("lags", [1, 2, 5, 8])
def test_tbptt_is_the_sum_of_the_first_lags(lags, depth):
    case, parts = paths.probe(depth, "tanh", "mse", 8, 0)
    found = case.network.parameters(gradient_of(Tbptt(case.network, lags=lags), case.params, case.window)).blocks()
    for name, of in parts.items():
        expected = sum(part for (_, lag), part in of.items() if lag < lags)
        np.testing.assert_allclose(found[name], expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())


@given(problems(), st.integers(1, 7))
def test_tbptt_of_a_loss_is_the_gradient_of_the_last_steps_alone(case, lags):
    """The loss of the last step, from the state h steps before taken as given: the definition, by another way of computing it."""
    network, params, window = case
    steps = window.x.shape[1]
    last = Window(window.x, window.y[:, -1:], slice(steps - 1, steps))
    begin = max(0, steps - lags)
    state = network.rest(len(params.vector), window.x.shape[2], params.vector.dtype)
    if begin:
        state = network.forward(params, Window(window.x[:, :begin], window.y[:, :0], slice(0, 0)), state).state()
    short = Window(window.x[:, begin:], last.y, slice(steps - begin - 1, steps - begin))
    expected = RULES["bptt"](network).step(params, short, state).gradient
    assert_equal(network, gradient_of(Tbptt(network, lags=lags), params, last), expected, 1e-12)


@given(problems(max_time=9), st.integers(1, 9), st.integers(1, 5))
def test_sliding_does_not_depend_on_the_window(case, length, lags):
    network, params, window = case
    steps = window.x.shape[1]
    rng = np.random.default_rng(0)
    _, _, window = problem(rng, network, len(params.vector), steps, window.x.shape[2], slice(0, steps))
    rule = Tbptt(network, lags=lags)
    whole = gradient_of(rule, params, window)
    np.testing.assert_allclose(in_windows(rule, params, window, length)[0], whole, rtol=1e-10, atol=1e-13)


def test_lags_beyond_the_sequence_are_bptt():
    network, params, window = problem(np.random.default_rng(0), Network(2, (3, 2), 2, "tanh"), 2, 6, 3, slice(0, 6))
    assert_equal(network, gradient_of(Tbptt(network, lags=6), params, window), exact(network, params, window), 1e-12)


# --- SnAp-n: the n-step pattern, and RTRL once it is full


def a_ring(units):
    """R in which unit k leads to unit k + 1 alone."""
    return np.roll(np.eye(units), 1, axis=1)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_snap_keeps_the_pattern_of_n_steps(order):
    """On a ring a parameter of unit k reaches the units k, k + 1, ..., k + n - 1 and no others."""
    network = Network(1, (4,), 1, "tanh", "mse")
    network, params, window = problem(np.random.default_rng(0), network, 1, 9, 2, slice(0, 9))
    params.R[1][...] = 0.7 * a_ring(4)
    P = Snap(network, order=order).step(params, window, Snap(network).init(params, 2)).carry.P[1]
    reached = np.abs(P.reshape(1, 2, 4, 4, -1)).sum((0, 1, 4)) > 0  # (unit, unit of the parameter)
    expected = np.array([[(unit - of) % 4 < order for of in range(4)] for unit in range(4)])
    np.testing.assert_array_equal(reached, expected)
    np.testing.assert_array_equal(within(params.R[1], order - 1)[0], expected)


def test_what_snap_keeps_is_what_rtrl_has_there():
    """What is dropped on a ring never comes back to what is kept, before it has gone round."""
    network = Network(1, (6,), 1, "tanh", "mse")
    network, params, window = problem(np.random.default_rng(0), network, 1, 5, 2, slice(0, 5))
    params.R[1][...] = 0.7 * a_ring(6)
    kept, whole = (Snap(network, order=n).step(params, window, Snap(network).init(params, 2)).carry.P[1] for n in (2, 6))
    np.testing.assert_allclose(kept[kept != 0], whole[kept != 0], rtol=1e-12)
    assert 0 < (kept != 0).sum() < (whole != 0).sum()


@given(problems(max_depth=1, max_units=6), st.integers(2, 3))
def test_snap_is_rtrl_when_the_pattern_is_full(case, order):
    network, params, window = case
    assert_equal(network, gradient_of(Snap(network, order=order), params, window), exact(*case), 1e-11)


@given(problems(max_depth=1, max_units=6))
def test_sparse_rtrl_with_all_paths_is_rtrl_and_with_none_is_one_step(case):
    network, params, window = case
    assert_equal(network, gradient_of(SparseRtrl(network, share=1), params, window), exact(*case), 1e-11)
    if not network.leak:
        one_step = gradient_of(RULES["elman"](network), params, window)
        assert_equal(network, gradient_of(SparseRtrl(network, share=0), params, window), one_step, 1e-11)


def test_sparse_rtrl_is_rtrl_of_a_network_that_has_these_paths_alone():
    """Where R is zero but for the paths that are carried, nothing is dropped; any other weight of R is dropped."""
    network = Network(2, (6,), 1, "tanh", "mse")
    _, params, window = problem(np.random.default_rng(0), network, 3, 7, 2, slice(0, 7))
    rule = SparseRtrl(network, seed=5, share=1 / 3)
    paths = chosen(5, 0, 1, params.R[1].shape, 1 / 3, params.vector.dtype)
    params.R[1][...] *= paths
    assert_equal(network, gradient_of(rule, params, window), exact(network, params, window), 1e-12)
    params.R[1][...] += 0.3 * (1 - paths)
    errors = relative_errors(network, gradient_of(rule, params, window), exact(network, params, window))
    assert errors["R1"] > 0.01


@pytest.mark.parametrize(("units", "paths"), [(1, 1), (8, 1), (16, 1), (17, 2), (64, 4)])
def test_a_sixteenth_of_the_paths(units, paths):
    found = chosen(0, 0, 1, (3, units, units), SparseRtrl(Network(1, (1,), 1)).share, np.dtype(float))
    np.testing.assert_array_equal(found.sum(1), paths)
    assert units == 1 or len(np.unique(found, axis=0)) == 3, "a replicate has paths of its own"


@given(problems())
def test_snap_1_is_snap_with_n_1(case):
    network, params, window = case
    by_traces, by_pattern = (gradient_of(rule, params, window) for rule in (Snap1(network), Snap(network, order=1)))
    np.testing.assert_allclose(by_traces, by_pattern, rtol=1e-10, atol=1e-13)


def test_snap_1_carries_n_times_m_numbers():
    network, params, window = problem(np.random.default_rng(0), Network(3, (5,), 2, "tanh"), 1, 4, 1, slice(0, 4))
    assert Snap1(network).step(params, window, Snap1(network).init(params, 1)).carry.e[1].size == 5 * (3 + 5 + 1)


# --- Eligibility traces


def without_recurrence(case):
    network, params, window = case
    for R in params.R.values():
        R[...] = 0
    return case


@given(problems(max_depth=1, leak=(0.0, 0.3, 0.9)))
def test_rflo_is_exact_without_recurrence(case):
    network, params, window = without_recurrence(case)
    assert_equal(network, gradient_of(RULES["rflo"](network), params, window), exact(network, params, window), 1e-11)


def test_rflo_replaces_the_jacobian_by_the_leak():
    """What is carried after T steps of which only the first saw an input: its immediate influence times leak^(T - 1)."""
    network = Network(1, (3,), 1, "tanh", "mse", leak=0.8)
    network, params, window = problem(np.random.default_rng(0), network, 1, 5, 1, slice(0, 5))
    window.x[:, 1:] = 0
    carries = [RULES["rflo"](network).init(params, 1)]
    for t in range(5):
        one = Window(window.x[:, t : t + 1], window.y[:, t : t + 1], slice(0, 1))
        carries.append(RULES["rflo"](network).step(params, one, carries[-1]).carry)
    np.testing.assert_allclose(carries[5].e[1][:, :, 0], 0.8**4 * carries[1].e[1][:, :, 0], rtol=1e-12)


@given(problems(leak=(0.0,)))
def test_rflo_without_a_leak_is_one_step_truncation(case):
    network, params, window = case
    elman = gradient_of(RULES["elman"](network), params, window)
    np.testing.assert_allclose(gradient_of(RULES["rflo"](network), params, window), elman, rtol=1e-12, atol=1e-15)


def made_diagonal(case):
    network, params, window = case
    Diagonal(network).prepare(params)
    return case


@pytest.mark.parametrize("rule", ["eprop", "snap1"])
@given(problems(max_depth=1))
def test_traces_are_rtrl_where_the_jacobian_is_diagonal(rule, case):
    """For every parameter, those of R that are zero too: they act on their own unit alone."""
    network, params, window = made_diagonal(case)
    assert_equal(network, gradient_of(RULES[rule](network), params, window), exact(network, params, window), 1e-11)


@given(problems())
def test_e_prop_with_symmetric_feedback_is_snap_1(case):
    network, params, window = case
    np.testing.assert_array_equal(*(gradient_of(RULES[rule](network), params, window) for rule in ("eprop", "snap1")))


@given(problems())
def test_random_feedback_that_is_the_readouts_own_is_symmetric(case):
    """With W_L set to the rule's own B, its gradient of the top layer is that of symmetric feedback."""
    network, params, window = case
    L, top = network.depth, network.sizes[-1]
    B = noise.normals(0, 0, L, (len(params.vector), network.outputs, top), np.dtype(float)) / np.sqrt(top)
    params.W[L][...] = B.swapaxes(1, 2)
    by_random, symmetric = (
        network.parameters(gradient_of(RULES[rule](network), params, window)) for rule in ("eprop-random", "eprop")
    )
    for layer in (L, L + 1):
        np.testing.assert_allclose(by_random.V[layer], symmetric.V[layer], rtol=1e-10, atol=1e-14)


@given(problems(max_depth=1))
def test_the_diagonal_rule_is_exact_for_what_its_network_has(case):
    network, params, window = made_diagonal(case)
    expected = network.parameters(exact(network, params, window))
    Diagonal(network).prepare(expected)
    assert_equal(network, gradient_of(Diagonal(network), params, window), expected.vector, 1e-11)


def test_the_diagonal_network_stays_diagonal_and_carries_n_times_m_numbers():
    network, params, window = made_diagonal(problem(np.random.default_rng(0), Network(2, (4,), 2, "tanh"), 2, 6, 1, slice(0, 6)))
    rule = Diagonal(network)
    step = rule.step(params, window, rule.init(params, 1))
    off = ~np.eye(4, dtype=bool)
    assert not network.parameters(step.gradient).R[1][:, off].any() and network.parameters(step.gradient).R[1][:, ~off].all()
    assert step.carry.e[1][0].size == 4 * (2 + 4 + 1)


# --- Rules that draw noise


def draws(rule, case, count):
    """Gradients of the first replicate's problem, drawn so many times, (draw, parameter), and the exact one."""
    network, params, window = case
    many = network.parameters(np.repeat(params.vector[:1], count, axis=0))
    repeated = Window(np.repeat(window.x[:1], count, axis=0), np.repeat(window.y[:1], count, axis=0), window.counted)
    one = network.parameters(params.vector[:1])
    return gradient_of(rule, many, repeated), exact(network, one, Window(window.x[:1], window.y[:1], window.counted))[0]


def variance(rule, case, count=2000):
    found, truth = draws(rule, case, count)
    return np.square(found - found.mean(0)).sum(1).mean() / np.square(truth).sum()


def distance(found, truth):
    """How far the mean lies from the truth: in standard errors, where there is noise, and as it is, where there is none."""
    error = found.std(0, ddof=1) / np.sqrt(len(found))
    noisy = error > 1e-12 * np.abs(truth).max()
    still = np.abs(found - truth)[:, ~noisy].max(initial=0)
    return np.abs(found.mean(0) - truth)[noisy] / error[noisy], still


@pytest.mark.parametrize(("hidden", "leak"), [((4,), 0.3), ((3, 2), 0.0)])
@pytest.mark.parametrize("rule", UNBIASED)
def test_the_mean_over_draws_is_exact_for_every_parameter(rule, hidden, leak):
    network = Network(2, hidden, 2, "tanh", "mse", leak=leak)
    case = problem(np.random.default_rng(1), network, 1, 6, 2, slice(0, 6))
    far, still = distance(*draws(RULES[rule](network), case, 40_000))
    assert len(far) and far.max() < 5 and still < 1e-12
    along = draws(RULES[rule](network), case, 4000)
    size = np.linalg.norm(along[1])
    assert (along[0] @ along[1]).std() / size**2 / np.sqrt(40_000) < 0.02  # a bias of a tenth would have been seen


@pytest.mark.parametrize("rule", UNBIASED)
def test_the_mean_over_draws_is_exact_when_windows_are_handed_on(rule):
    network = Network(2, (3,), 2, "tanh", "mse")
    case = problem(np.random.default_rng(2), network, 1, 6, 2, slice(0, 6))
    _, params, window = case
    many = network.parameters(np.repeat(params.vector, 20_000, axis=0))
    found = in_windows(
        RULES[rule](network), many, Window(*(np.repeat(a, 20_000, axis=0) for a in window[:2]), window.counted), 2
    )[0]
    assert distance(found, exact(*case)[0])[0].max() < 5


@pytest.mark.parametrize("rule", UNBIASED)
@settings(max_examples=20)
@given(problems(max_time=9), st.integers(1, 9))
def test_noise_does_not_depend_on_the_window_nor_on_neighbours(rule, case, length):
    network, params, window = case
    steps, replicates = window.x.shape[1], len(params.vector)
    _, _, window = problem(np.random.default_rng(0), network, replicates, steps, window.x.shape[2], slice(0, steps))
    rule = RULES[rule](network, seed=5)
    whole = gradient_of(rule, params, window)
    np.testing.assert_allclose(in_windows(rule, params, window, length)[0], whole, rtol=1e-8, atol=1e-11)
    first = gradient_of(rule, network.parameters(params.vector[:1]), Window(window.x[:1], window.y[:1], window.counted))
    np.testing.assert_allclose(first[0], whole[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("rule", UNBIASED)
def test_other_sequences_and_other_seeds_draw_other_noise(rule):
    network, params, window = problem(np.random.default_rng(0), Network(2, (3,), 2, "tanh"), 2, 5, 2, slice(0, 5))
    one = RULES[rule](network)
    step = one.step(params, window, one.init(params, 2))
    again = one.step(params, window, one.reset(params, 2, step.carry))
    other = gradient_of(RULES[rule](network, seed=1), params, window)
    assert not np.allclose(step.gradient, again.gradient) and not np.allclose(step.gradient, other)
    np.testing.assert_allclose(step.outputs, again.outputs, rtol=1e-12)


NETWORKS = [(4, 6, 1.0), (8, 12, 1.0), (8, 12, 0.5), (16, 8, 1.0)]
"""Units, steps, and a factor of R."""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("units", "steps", "recurrence"), NETWORKS)
def test_the_noise_of_kronecker_factors_is_less_than_of_rank_one_and_that_of_optimal_sums_no_more(units, steps, recurrence, seed):
    network = Network(2, (units,), 2, "tanh", "mse")
    case = random_case(np.random.default_rng(seed), network, 1, steps, 1, "every step", recurrence)
    case = network, case.params, case.window
    uoro, kf, ok_1, ok_2 = (
        variance(rule(network), case) for rule in (RULES["uoro"], KfRtrl, partial(OkRtrl, rank=1), partial(OkRtrl, rank=2))
    )
    assert kf < uoro / 1.5 and ok_1 <= kf * 1.05 and ok_2 < ok_1


def test_kronecker_factors_are_mixed_at_the_scales_of_least_variance():
    """X_0 Y_1 and X_1 Y_0 are what is crossed; at the best scales they have the same norm, the geometric mean."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(2, 3, 2, 5)) * [[1.0], [9.0]], rng.normal(size=(2, 3, 2, 7)) * [[4.0], [0.3]]
    rule = KfRtrl(Network(2, (2,), 2))
    whole = np.einsum("rbaj,rbak->rbjk", X, Y)
    crossed = []
    for sign in (1.0, -1.0):
        x, y = rule.reduced(X, Y, np.full((2, 3, 2), sign))
        crossed.append(np.einsum("rbj,rbk->rbjk", x[:, :, 0], y[:, :, 0]) - whole)
    np.testing.assert_allclose(crossed[0], -crossed[1])
    size = np.prod([norm(a) for a in (X[:, :, 0], X[:, :, 1], Y[:, :, 0], Y[:, :, 1])], axis=0)
    inner = np.vecdot(X[:, :, 0], X[:, :, 1]) * np.vecdot(Y[:, :, 0], Y[:, :, 1])
    np.testing.assert_allclose(np.square(crossed[0]).sum((2, 3)), 2 * (size + inner))


@given(problems(max_units=3, max_time=5))
@settings(max_examples=25)
def test_the_optimal_sum_is_exact_at_full_rank(case):
    network, params, window = case
    full = OkRtrl(network, rank=max(network.joint))
    assert_equal(network, gradient_of(full, params, window), exact(network, params, window), 1e-9)


@given(st.lists(st.floats(0, 10), min_size=2, max_size=6), st.integers(0, 2**32))
def test_the_random_diagonal_is_the_diagonal_on_average(values, seed):
    """Over all signs, not some draws; and its variance is that of the theorem: the square of what is mixed over its terms."""
    sigma = np.sort(np.array(values))[::-1]
    count = len(sigma)
    every = 1 - 2 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(float)
    K = diagonal(np.broadcast_to(sigma, every.shape), every)
    assert K.shape == (2**count, count, count - 1)
    products = K @ K.swapaxes(1, 2)
    np.testing.assert_allclose(products.mean(0), np.diag(sigma), atol=1e-9 * max(1, sigma[0]))
    r = count - 1
    m = next(m for m in range(r) if (r - m) * sigma[m] <= sigma[m:].sum() * (1 + 1e-12))
    least = sigma[m:].sum() ** 2 / (r - m) - np.square(sigma[m:]).sum()
    np.testing.assert_allclose(np.square(products - np.diag(sigma)).sum((1, 2)).mean(), least, atol=1e-8 * max(1, sigma[0]) ** 2)


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32), st.booleans())
def test_orthonormal_rows_give_back_what_they_were_made_of(count, width, seed, dependent):
    rows = np.random.default_rng(seed).normal(size=(3, count, width))
    if dependent:
        rows[:, -1] = 2 * rows[:, 0]
    Q, L = orthonormal(rows)
    np.testing.assert_allclose(L @ Q, rows, atol=1e-12)
    products = Q @ Q.swapaxes(1, 2)
    np.testing.assert_allclose(products, np.round(products), atol=1e-12)  # ones, zeros where a row is, and nothing beside


def test_the_variance_of_forward_gradients_grows_with_the_number_of_parameters():
    """For normal directions it is the squared norm of the gradient times the number of parameters, plus one."""
    for units in (2, 4, 8):
        network = Network(2, (units,), 2, "tanh", "mse")
        case = problem(np.random.default_rng(units), network, 1, 5, 2, slice(0, 5))
        found = variance(RULES["forward-gradient"](network), case, 20_000)
        assert found == pytest.approx(network.parameter_count + 1, rel=0.1)


@given(st.integers(1, 5), st.integers(1, 80), st.integers(0, 100), st.integers(0, 1000))
def test_signs_are_each_replicates_own(replicates, size, seed, draw):
    dtype = np.dtype(np.float32)
    found = noise.signs(seed, 0, draw, 20, (replicates, size), dtype)
    assert found.dtype == dtype and found.shape == (replicates, 20, size) and set(np.unique(found)) <= {-1, 1}
    for draws in (partial(noise.signs, draw=draw, steps=20), partial(noise.normals, draw=draw)):
        many = draws(seed, 0, shape=(replicates, size), dtype=dtype)
        for first in range(replicates):
            some = draws(seed, first, shape=(max(1, replicates - 2 - first), size), dtype=dtype)
            np.testing.assert_array_equal(some, many[first : first + len(some)])


@given(st.integers(0, 40), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_signs_are_the_same_however_many_are_asked_for_at_once(draw, windows):
    ends = np.cumsum([draw, *windows]).tolist()
    cut = [noise.signs(0, 0, begin, end - begin, (3, 2, 5), np.dtype(float)) for begin, end in pairwise(ends)]
    whole = noise.signs(0, 0, draw, sum(windows), (3, 2, 5), np.dtype(float))
    np.testing.assert_array_equal(np.concatenate(cut, axis=1), whole)
    cut[0][...] = 0  # what is handed out is the caller's
    np.testing.assert_array_equal(noise.signs(0, 0, draw, sum(windows), (3, 2, 5), np.dtype(float)), whole)


def test_no_draw_goes_on_where_another_began():
    words = [tuple(word) for word in noise.signs(0, 0, 0, 64, (1, 4096), np.dtype(np.int8)).reshape(-1, 64).tolist()]
    assert len(set(words)) == len(words)


def test_signs_are_fair_and_independent():
    draws = noise.signs(0, 0, 0, 40, (1000, 7, 3), np.dtype(float)).reshape(1000, 40, 21)
    found = draws[:, 0]
    for products in (found.T @ found - 1000 * np.eye(21), *(found.T @ draws[:, later] for later in (1, 15, 16, 39))):
        assert np.abs(products).max() < 5 * np.sqrt(1000)
    assert np.abs(found.mean()) < 5 / np.sqrt(found.size)

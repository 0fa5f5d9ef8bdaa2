"""A recording repeats what the function does, bit by bit, or does not record at all."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import problems

from rnnbench import GradientRule
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network, Window
from rnnbench.recording import Recorded, Repeated, Tape, leaves
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer


def sequences(rng, network, steps, batch, counted, dtype, replicates=2):
    """A window of random data."""
    shape = (replicates, len(np.arange(steps)[counted]), batch)
    classes = network.loss == "softmax_crossentropy"
    y = rng.integers(0, network.outputs, shape) if classes else rng.integers(0, 2, (*shape, network.outputs)).astype(dtype)
    return Window(rng.normal(size=(replicates, steps, batch, network.inputs)).astype(dtype), y, counted)


def by_hand(rule, method, params, batch, windows):
    """The weights after every window, by the pure functions; None begins other sequences."""
    carry, state = rule.init(params, batch), method.init(params.vector)
    for window in windows:
        if window is None:
            carry = rule.reset(params, batch, carry)
            continue
        step = rule.step(params, window, carry)
        carry = step.carry
        if window.y.shape[1]:
            change, state = method.update(step.gradient, state)
            params.vector[...] += change
        yield step.outputs, params.vector.copy()


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=25)
@given(data=st.data())
def test_training_has_the_bits_of_step_and_update(name, data):
    network, _, _ = data.draw(problems(max_depth=2))
    try:
        rule = RULES[name](network)
    except NotImplementedError:
        return
    batch, dtype = data.draw(st.integers(1, 3)), data.draw(st.sampled_from(["float32", "float64"]))
    method = optimizer(data.draw(st.sampled_from(["sgd", "adam"])), 0.05, 0.0)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    kinds = [(1, slice(0, 1)), (3, slice(0, 3)), (3, slice(2, 3)), (4, np.array([0, 2])), (2, slice(0, 0))]
    chosen = data.draw(st.lists(st.sampled_from([*range(len(kinds)), None]), min_size=2, max_size=6))
    # Each several times, as nothing is repeated that comes once.
    windows = [
        None if k is None else sequences(rng, network, kinds[k][0], batch, kinds[k][1], dtype) for k in chosen for _ in "abc"
    ]
    start = rng.normal(0, 0.5, (2, network.parameter_count)).astype(dtype)
    one, other = network.parameters(start.copy()), network.parameters(start.copy())
    for params in (one, other):
        rule.prepare(params)
    learner = Learner(rule, one, batch, method)
    with np.errstate(all="ignore"):
        expected = by_hand(rule, method, other, batch, windows)
        for window in windows:
            if window is None:
                learner.begin()
                continue
            outputs, weights = next(expected)
            np.testing.assert_array_equal(learner.see(window)[0], outputs)
            np.testing.assert_array_equal(one.vector, weights)
    assert not rule.repeats or learner.repeated.refused is None
    assert rule.repeats or name == "replay"  # whose windows grow


def repeatedly(function, times=3):
    """A function of one array, called on several in a row: what it returned, and whether it was recorded."""
    repeated = Repeated(lambda kind, held, given, carried: (function(*given), carried), None)
    arrays = [np.random.default_rng(k).normal(size=(3, 4)) for k in range(times)]
    found = [np.array(repeated(None, (array,), None)[0]) for array in arrays]
    for array, result in zip(arrays, found, strict=True):
        np.testing.assert_array_equal(result, function(array))
    return repeated.refused


def by_items(a):
    out = np.zeros(4)
    out[...] = a[0]
    return out


def added_to(a):
    out = np.zeros((3, 4))
    out += a
    return out


def into_another_dtype(a):
    out = np.empty_like(a, dtype=np.float32)
    out[...] = a
    return out


def a_list_into_an_array(a):
    out = np.zeros_like(a)
    out[0, :2] = [a[0, 0], 1.0]
    return out


@pytest.mark.parametrize(
    "function",
    [
        lambda a: a if a[0, 0] > 0 else -a,
        lambda a: a * float(a.sum()),
        lambda a: a * math.sqrt(abs(a[0, 0])),
        lambda a: np.array(a) * 2,
        lambda a: np.asarray(a[0]).copy(),
        lambda a: np.array([a[0, 0], 1.0]),
        lambda a: np.ascontiguousarray(a.swapaxes(0, 1)),
        lambda a: a[a[:, 0].argsort()],
        lambda a: a[a > 0],
        lambda a: np.array(a.tolist()),
        lambda a: np.array(list(a.flat)),
        by_items,
        added_to,
    ],
)
def test_what_depends_on_the_numbers_runs_as_it_is(function):
    assert repeatedly(function, 4) is not None


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.tanh(a) @ np.ones((4, 2)),
        lambda a: a.swapaxes(0, 1).copy() + 1,
        lambda a: np.concatenate([a, 2 * a])[::-1].sum(0),
        lambda a: np.where(a > 0, a, -a).mean(axis=1),
        lambda a: np.linalg.svd(a, full_matrices=False)[1],
        lambda a: a.astype(np.float32).reshape(2, 6),
        lambda a: a.take(np.array([2, 0]), axis=0) + a[[1, 1]],
        lambda a: np.divide(1, a, out=np.ones_like(a), where=a > 0),
        lambda a: np.einsum("ij,kj->ik", a, a),
        lambda a: np.zeros_like(a) + np.ones_like(a) * a.max(),
        lambda a: np.maximum(a, 0) + np.minimum(a, 0),
        lambda a: np.linspace(0, 1, 4) + a,
        lambda a: a * np.float64(2),
        into_another_dtype,
        a_list_into_an_array,
    ],
)
def test_calls_of_numpy_are_recorded(function):
    assert repeatedly(function) is None


class Mine(GradientRule):
    """Counts how often it was called."""

    def step(self, params, window, carry):
        type(self).calls = getattr(type(self), "calls", 0) + 1
        return RULES["bptt"](self.network).step(params, window, carry)


def test_a_rule_of_ones_own_is_called_at_every_window_unless_it_says_that_it_repeats():
    rng, network = np.random.default_rng(0), Network(1, (2,), 1, "tanh", "mse")
    window = sequences(rng, network, 3, 1, slice(0, 3), "float64")

    def calls(kind):
        learner = Learner(kind(network), network.parameters(rng.normal(size=(2, 11))), 1, optimizer("sgd", 0.1))
        for _ in range(5):
            learner.see(window)
        return kind.calls

    assert calls(Mine) == 5
    assert calls(type("Repeating", (Mine,), {"repeats": True, "calls": 0})) < 5


def test_arguments_of_another_shape_are_recorded_anew():
    repeated = Repeated(lambda kind, held, given, carried: (given[0].sum(), carried), None)
    for shape in [(2,), (3,), (2,), (3,)]:
        assert repeated(None, (np.ones(shape),), ())[0] == shape[0]
    assert len(repeated.programs) == 2
    assert repeated(None, (np.ones(2, np.float32),), ())[0].dtype == np.float32


@pytest.mark.parametrize("name", RULES)
def test_no_rule_reads_what_nothing_has_written(name, monkeypatch):
    """New arrays are full of NaN, and it makes no difference."""
    network = Network(2, (3, 2), 2, "tanh", "softmax_crossentropy")
    try:
        rule = RULES[name](network)
    except NotImplementedError:
        return
    params = network.parameters(np.random.default_rng(0).normal(0, 0.5, (2, network.parameter_count)))

    def gradients():
        rng, carry, found = np.random.default_rng(1), rule.init(params, 2), []
        for steps, counted in [(1, slice(0, 1)), (3, slice(2, 3)), (2, slice(0, 0)), (3, np.array([0, 2]))]:
            step = rule.step(params, sequences(rng, network, steps, 2, counted, "float64"), carry)
            carry = step.carry
            found += [step.gradient, *leaves(step.carry)]
        return found

    expected = gradients()
    empty = np.empty

    def full_of_nan(*arguments, **named):
        array = empty(*arguments, **named)
        if array.dtype.kind == "f":
            array.fill(np.nan)
        return array

    def like(prototype, dtype=None, order="K", subok=True, shape=None, **named):
        return full_of_nan(prototype.shape if shape is None else shape, dtype or prototype.dtype)

    monkeypatch.setattr(np, "empty", full_of_nan)
    monkeypatch.setattr(np, "empty_like", like)
    for one, other in zip(gradients(), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_recording_takes_no_more_memory_than_the_step_that_it_repeats():
    """Arrays that are done with are written to again: of sensitivities and Jacobians there are two, however long the window."""
    network = Network(1, (32,), 2)
    params = network.parameters(np.zeros((1, network.parameter_count)))

    def taken(steps):
        learner = Learner(RULES["rtrl"](network), params, 1)
        window = sequences(np.random.default_rng(0), network, steps, 1, slice(steps - 1, steps), "float64", replicates=1)
        for _ in range(3):
            learner.see(window)
        arrays = {}
        for program in learner.repeated.programs.values():
            for call in program.calls:
                for array in leaves([call.args, call.keywords]):
                    if isinstance(array, np.ndarray):
                        whole = array if array.base is None else array.base
                        arrays[id(whole)] = getattr(whole, "nbytes", 0)
        return sum(arrays.values())

    sensitivities = 32 * 32 * (1 + 32 + 1) * 8
    assert taken(60) - taken(10) < sensitivities / 2


def test_what_is_handed_on_under_another_name_is_not_mixed_up():
    def swapped(kind, held, given, carried):
        return carried[0] + given[0], (carried[1], carried[0])

    repeated, carried = Repeated(swapped, None), (np.zeros(2), np.ones(2))
    found = []
    for _ in range(5):
        result, carried = repeated(None, (np.zeros(2),), carried)
        found.append(result[0])
    assert found == [0, 1, 0, 1, 0] and repeated.refused is None


def test_what_makes_too_many_calls_updates_once_at_each_call(monkeypatch):
    def counting(kind, held, given, carried):
        held += given[0] * 1
        return given[0], carried

    for most in range(4):
        monkeypatch.setattr("rnnbench.recording.MOST_CALLS", most)
        held = np.zeros(2)
        repeated = Repeated(counting, held)
        for _ in range(3):
            repeated(None, (np.ones(2),), ())
        assert held[0] == 3 and (repeated.refused is None) == (most > 1)


def test_a_stand_in_tells_why_it_cannot_be_recorded():
    stand_in = Recorded(np.zeros(3), Tape())
    with pytest.raises(TypeError, match="decides by the numbers"):
        bool(stand_in)
    with pytest.raises(TypeError, match="an ordinary array"):
        np.asarray(stand_in)
    with pytest.raises(TypeError, match="asks an array for its strides"):
        _ = stand_in.strides


def test_the_function_itself_fails_as_it_would():
    def failing(kind, held, given, carried):
        raise ValueError("what the user is told")

    with pytest.raises(ValueError, match="what the user is told"):
        Repeated(failing, None)(None, (np.zeros(2),), ())

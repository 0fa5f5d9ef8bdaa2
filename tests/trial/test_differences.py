"""A gradient against differences of its own loss: right ones pass, wrong ones are named, what cannot be told is refused."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnbench
from rnnbench.errors import RuleError
from rnnbench.files import module_in
from rnnbench.trial.differences import CannotJudgeError, GradientError, check_grads, compare, from_update
from rnnbench.trial.structures import leaves, mapped

PAGE = (Path(__file__).parents[2] / "docs" / "your-code.md").read_text(encoding="utf-8")


def run(p, x):
    states = [np.zeros(len(p["R"]))]
    for v in x:
        states.append(np.tanh(v @ p["W"] + states[-1] @ p["R"] + p["b"]))
    return states, [s @ p["V"] for s in states[1:]]


def loss(p, x, y):
    return sum(((o - t) ** 2).sum() for o, t in zip(run(p, x)[1], y))


def gradient(p, x, y, recurrence=lambda R: R, past=1.0):
    states, outputs = run(p, x)
    g = {name: np.zeros_like(array) for name, array in p.items()}
    later = np.zeros(len(p["R"]))
    for t in reversed(range(len(x))):
        do = 2 * (outputs[t] - y[t])
        dz = (p["V"] @ do + past * later) * (1 - states[t + 1] ** 2)
        g["V"] += np.outer(states[t + 1], do)
        g["W"] += np.outer(x[t], dz)
        g["R"] += np.outer(states[t], dz)
        g["b"] += dz
        later = recurrence(p["R"]) @ dz
    return g


def problem(seed=0, steps=6):
    rng = np.random.default_rng(seed)
    shapes = {"W": (3, 4), "R": (4, 4), "b": (4,), "V": (4, 2)}
    params = {name: 0.5 * rng.normal(size=shape) for name, shape in shapes.items()}
    return params, rng.normal(size=(steps, 3)), rng.normal(size=(steps, 2))


@settings(max_examples=10)
@given(st.integers(0, 1000), st.integers(3, 9))
def test_an_exact_gradient_is_exact(seed, steps):
    found = check_grads(loss, gradient, *problem(seed, steps))
    assert found.exact and found.method == "complex steps" and found.probes == 5
    assert max(one.error for one in found.parameters) < 1e-12


def by(name, change):
    return lambda p, x, y: {key: change(g, p[key], x) if key == name else g for key, g in gradient(p, x, y).items()}


def clipped_by_norm(p, x, y):
    g = gradient(p, x, y)
    size = np.sqrt(sum(np.sum(array**2) for array in g.values()))
    return {name: array * min(1, 0.1 / size) for name, array in g.items()}


WRONG = {
    "sign": (by("b", lambda g, p, x: -g), {"b"}, "the sign is wrong"),
    "factor": (by("V", lambda g, p, x: 0.5 * g), {"V"}, "multiplied by 0.5"),
    "mean": (by("W", lambda g, p, x: g / len(x)), {"W"}, "divided by the number of steps"),
    "transpose": (by("R", lambda g, p, x: g.T), {"R"}, "it is the transpose of the derivative"),
    "reshaped": (by("W", lambda g, p, x: g.T.reshape(g.shape)), {"W"}, "it is the transpose of the derivative, reshaped"),
    "decay": (by("W", lambda g, p, x: g + 0.01 * p), {"W"}, "0.01 times the parameters is added"),
    "clipped": (by("R", lambda g, p, x: np.clip(g, -0.1, 0.1)), {"R"}, "every element is cut off (clipped by element) at 0.1"),
    "norm": (clipped_by_norm, {"W", "R", "b", "V"}, "the norm of the whole gradient is always 0.1"),
    "unit": (by("V", lambda g, p, x: g / np.linalg.norm(g)), {"V"}, "its norm is always 1"),
    "zero": (by("R", lambda g, p, x: 0 * g), {"R"}, "it is zero everywhere"),
    "nan": (by("b", lambda g, p, x: g + np.nan), {"b"}, "it is not finite"),
    "turned": (
        lambda p, x, y: gradient(p, x, y, lambda R: R.T),
        {"W", "R", "b"},
        "exact for sequences of one",
    ),
    "one step": (lambda p, x, y: gradient(p, x, y, past=0), {"W", "R", "b"}, "exact for sequences of one"),
    "no law": (by("W", lambda g, p, x: g + np.sin(x).sum()), {"W"}, "no simple law explains the difference"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name):
    wrong, parameters, words = WRONG[name]
    with pytest.raises(GradientError) as raised:
        check_grads(loss, wrong, *problem())
    found = compare(loss, wrong, *problem())
    assert {one.parameter for one in found.parameters if not one.exact} == {f'p["{key}"]' for key in parameters}
    assert all(words in one.words for one in found.parameters if not one.exact), found
    assert words in str(raised.value) and isinstance(raised.value, AssertionError)


def test_the_message_says_what_is_right_too():
    with pytest.raises(GradientError) as raised:
        check_grads(loss, WRONG["sign"][0], *problem())
    assert str(raised.value).splitlines() == [
        'The gradient is wrong in p["b"] (against complex steps of the loss, on 5 inputs).',
        'It is exact in p["W"], p["R"], p["V"].',
        '  p["b"]: the sign is wrong (relative error 2.0e+00).',
    ]


def test_code_without_complex_numbers_is_held_against_differences():
    def real(p, x, y):
        return float(loss(p, x, y))

    def single(p, x, y):
        return np.float32(loss(mapped(lambda array: array.astype(np.float32), p), x.astype(np.float32), y.astype(np.float32)))

    assert check_grads(real, gradient, *problem()).method == "central differences"
    assert check_grads(single, gradient, *problem()).method == "central differences in float32"
    for of in (real, single):
        with pytest.raises(GradientError, match=re.escape("multiplied by 0.5")):
            check_grads(of, WRONG["factor"][0], *problem())


def test_a_complex_step_that_the_loss_swallows_is_not_believed():
    def magnitude(p, x, y):
        return np.abs(loss(p, x, y))

    assert check_grads(magnitude, gradient, *problem()).method == "central differences"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"steps": 2}, "a sequence of 2 steps"),
        ({"dead": True}, 'the derivative by p["W"] is zero at these inputs'),
    ],
)
def test_what_cannot_be_told_is_no_pass(changed, words):
    params, x, y = problem(steps=changed.get("steps", 6))
    with pytest.raises(CannotJudgeError, match=re.escape(words)):
        check_grads(loss, gradient, params, 0 * x if changed.get("dead") else x, y)


def test_an_axis_of_the_batch_is_not_taken_for_steps():
    """Two sequences of five steps, batch first: no step is counted, and nothing is said of steps."""

    def of_batch(p, x, y):
        return sum(loss(p, *one) for one in zip(x, y))

    def slopes(p, x, y):
        each = [gradient(p, *one, past=0) for one in zip(x, y)]
        return {name: sum(one[name] for one in each) for name in p}

    _, x, y = problem(steps=5)
    found = compare(of_batch, slopes, problem()[0], np.stack([x, x[::-1]]), np.stack([y, y]))
    assert not found.exact and found.probes == 3 and "one step" not in str(found)


def test_parameters_come_as_they_are():
    params, x, y = problem()
    flat = tuple(params.values())
    assert check_grads(lambda W, R, b, V, x, y: loss(dict(zip("WRbV", (W, R, b, V))), x, y), spread_gradient, flat, x, y).exact
    space = SimpleNamespace(**params, size=4, name="net")
    found = check_grads(
        lambda net, x, y: loss({k: getattr(net, k) for k in "WRbV"}, x, y),
        lambda net, x, y: gradient({k: getattr(net, k) for k in "WRbV"}, x, y),
        space,
        x,
        y,
    )
    assert [one.parameter for one in found.parameters] == ["net.W", "net.R", "net.b", "net.V"]
    nested = {"cell": [params["W"], params["R"]], "rest": (params["b"], None, params["V"])}
    assert [name for name, _ in leaves(nested, "p")] == ['p["cell"][0]', 'p["cell"][1]', 'p["rest"][0]', 'p["rest"][2]']


class Tensor:
    """An array as PyTorch has it: with its graph it gives no NumPy array, and it is sliced in no negative steps."""

    def __init__(self, array, graph=True):
        self.array, self.shape, self.graph = np.asarray(array), np.shape(array), graph

    def __array__(self, *of, **how):
        assert not self.graph
        return self.array

    def __getitem__(self, at):
        assert not isinstance(at, slice) or at.step is None
        return Tensor(self.array[at], self.graph)

    def detach(self):
        return Tensor(self.array, graph=False)

    def flip(self, axis):
        return Tensor(np.flip(self.array, axis), self.graph)


def test_arrays_of_other_libraries_are_taken():
    params, x, y = problem()

    def of(array):
        """As torch.as_tensor takes an array."""
        assert isinstance(array, Tensor) or all(stride > 0 for stride in array.strides)
        return array.array if isinstance(array, Tensor) else array

    def total(p, x, y):
        return Tensor(loss(mapped(of, p), of(x), of(y)))

    def slopes(p, x, y):
        return {name: Tensor(slope) for name, slope in gradient(p, of(x), of(y)).items()}

    for inputs in ((params, x, y), (mapped(Tensor, params), Tensor(x), Tensor(y))):
        found = check_grads(total, slopes, *inputs)
        assert found.method == "complex steps" and found.probes == 5


def spread_gradient(W, R, b, V, x, y):
    return tuple(gradient(dict(zip("WRbV", (W, R, b, V))), x, y).values())


def test_code_that_updates_its_weights():
    params, x, y = problem()

    def update(p, x, y):
        for name, slope in gradient(p, x, y).items():
            p[name] -= 0.01 * slope

    before = {name: array.copy() for name, array in params.items()}
    found = compare(loss, from_update(update, 0.01), params, x, y)
    assert found.exact and all((before[name] == array).all() for name, array in params.items())
    assert not compare(loss, from_update(update, 0.02), params, x, y).exact


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (lambda g: {**g, "W": g["W"].T}, 'gradient returns (4, 3) for p["W"], which is (3, 4)'),
        (lambda g: [g["W"]], "gradient returns 1 arrays, and there are 4 parameters"),
    ],
)
def test_what_is_no_gradient_is_said_to_be_none(result, words):
    with pytest.raises(RuleError, match=re.escape(words)):
        check_grads(loss, lambda p, x, y: result(gradient(p, x, y)), *problem())


def test_a_loss_is_a_number():
    with pytest.raises(RuleError, match=re.escape("loss returns an array (2,), not a number")):
        check_grads(lambda p, x, y: np.ones(2), gradient, *problem())


def test_the_example_of_the_page(tmp_path):
    text = re.search(r"# test_leaky.py.*?(?=```)", PAGE, flags=re.DOTALL)[0]
    (tmp_path / "leaky.py").write_text(text, encoding="utf-8")
    module = module_in(tmp_path / "leaky.py")
    module.test_gradient()
    (tmp_path / "slip.py").write_text(text.replace("LEAK * dx + R @ dz", "R @ dz"), encoding="utf-8")
    with pytest.raises(rnnbench.GradientError, match="what goes from step to step is wrong or missing"):
        module_in(tmp_path / "slip.py").test_gradient()

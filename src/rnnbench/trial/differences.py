"""A gradient against its own loss: complex steps where the code allows them, central differences where it does not.

This needs no convention: any network, leak, dropout with a fixed mask, attention. What can be said without knowing the paths
through time is said; the rest is `functions.try_functions`.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import RuleError
from rnnbench.trial import laws
from rnnbench.trial.structures import as_array, leaves, mapped, rebuilt

Function = Callable[..., Any]
Loss = Callable[[Any, Any, Any], Any]
"""Parameters, x and y -> the loss as a NumPy scalar."""
COMPLEX_STEP = 1e-30
STEP = 1e-3
"""Of central differences, relative to the size of a parameter; two such, extrapolated, err by the sixth power of it."""
TOLERANCE = {"complex steps": 1e-9, "central differences": 1e-6, "central differences in float32": 5e-3}
"""Relative error up to which a gradient counts as that of its loss."""
FLAT = 1e-9
"""A derivative below this share of the whole gradient is zero whatever the gradient's code does."""
LEAST = 3
"""Steps that a sequence must have: in two, from a state of zero, what goes wrong through time meets a zero."""


class GradientError(AssertionError):
    """A gradient is not that of its loss; the message is the diagnosis."""


class CannotJudgeError(ValueError):
    """The inputs cannot tell a right gradient from a wrong one; the message says why."""


@dataclass(frozen=True)
class Compared:
    """What was found of one array of parameters. error: relative, the worst of all inputs tried. words: what is wrong, or ""."""

    parameter: str
    exact: bool
    error: float
    words: str


@dataclass(frozen=True)
class Comparison:
    """A gradient against differences of its own loss. method: how the derivative was taken. probes: on how many inputs."""

    exact: bool
    method: str
    probes: int
    parameters: tuple[Compared, ...]

    def __str__(self) -> str:
        wrong = [one for one in self.parameters if not one.exact]
        right = [one.parameter for one in self.parameters if one.exact]
        how = f"against {self.method} of the loss, on {self.probes} inputs"
        if not wrong:
            return f"The gradient is exact ({how})."
        lines = [f"The gradient is wrong in {', '.join(one.parameter for one in wrong)} ({how})."]
        lines += [f"It is exact in {', '.join(right)}."] if right else []
        return "\n".join([*lines, *(f"  {one.parameter}: {one.words} (relative error {one.error:.1e})." for one in wrong)])


class Probe(NamedTuple):
    """Inputs, and the derivatives there by array: the gradient's and the loss's. steps: of the sequence, None if not known."""

    params: list[Array]
    steps: int | None
    found: list[Array]
    true: list[Array]


def arrays_of(params: Any) -> list[Array]:
    """The arrays of a structure, copies in float64."""
    return [np.array(array, float) for _, array in leaves(params)]


def norm(arrays: Sequence[Array]) -> float:
    """The norm of all of them together."""
    return float(np.sqrt(sum(np.sum(array**2) for array in arrays)))


def call(function: Function, params: Any, x: Any, y: Any, spread: bool) -> Any:
    """Call a loss or a gradient with its parameters as one argument, or spread over several."""
    with np.errstate(all="ignore"):
        return function(*params, x, y) if spread else function(params, x, y)


def value(loss: Function, spread: bool, params: Any, x: Any, y: Any) -> Any:
    """The loss as a NumPy scalar. Raises RuleError where it is no number."""
    found = call(loss, params, x, y, spread)
    found = as_array(found[0] if isinstance(found, tuple) else found)
    if found.size != 1:
        raise RuleError(f"loss returns an array {found.shape}, not a number")
    return found.reshape(-1)[0]


def derivative(loss: Loss, params: Any, x: Any, y: Any, method: str) -> list[Array]:
    """dL/dtheta of every array of the parameters."""
    arrays = arrays_of(params)

    def at(number: int, place: tuple[int, ...], change: complex) -> Any:
        moved = [array.astype(complex) if method == "complex steps" else array.copy() for array in arrays]
        moved[number][place] += change
        return loss(rebuilt(params, iter(moved)), x, y)

    found = []
    for number, array in enumerate(arrays):
        slope = np.empty_like(array)
        step = (1e-2 if method.endswith("float32") else STEP) * max(1.0, float(np.abs(array).max(initial=0)))
        for place in np.ndindex(array.shape):
            if method == "complex steps":
                slope[place] = np.imag(at(number, place, 1j * COMPLEX_STEP)) / COMPLEX_STEP
            else:
                wide, half = ((float(at(number, place, h)) - float(at(number, place, -h))) / (2 * h) for h in (step, step / 2))
                slope[place] = (4 * half - wide) / 3
        found.append(slope)
    return found


def method_of(loss: Loss, params: Any, x: Any, y: Any) -> str:
    """Complex steps if the loss takes complex numbers and gives the same derivative along a line; else differences."""
    arrays = arrays_of(params)
    rng = np.random.default_rng(0)
    line = [rng.normal(size=array.shape) for array in arrays]

    def along(step: complex) -> Any:
        moved = iter([array + step * direction for array, direction in zip(arrays, line, strict=True)])
        return loss(rebuilt(params, moved), x, y)

    if loss(params, x, y).dtype == np.float32 or along(0.0).dtype == np.float32:
        return "central differences in float32"
    slope = (float(along(1e-5)) - float(along(-1e-5))) / 2e-5
    try:
        by_complex = float(np.imag(along(1j * COMPLEX_STEP))) / COMPLEX_STEP
    except Exception:
        return "central differences"
    return "complex steps" if np.isclose(by_complex, slope, rtol=1e-4, atol=1e-8) else "central differences"


def gradient_at(gradient: Function, params: Any, x: Any, y: Any, spread: bool, names: Sequence[str]) -> list[Array]:
    """What the gradient's code gives, by array. Raises RuleError where that is not shaped like the parameters."""
    result = call(gradient, mapped(lambda array: np.array(array, float), params), x, y, spread)
    known = list(leaves(params))
    found = list(leaves(result))
    if len(found) == len(known) + 1 and found[0][1].size == 1:
        found = found[1:]  # (loss, gradient)
    if len(found) != len(known):
        raise RuleError(f"gradient returns {len(found)} arrays, and there are {len(known)} parameters")
    for name, (_, array), (_, one) in zip(names, known, found, strict=True):
        if one.shape != array.shape:
            raise RuleError(f"gradient returns {one.shape} for {name}, which is {array.shape}")
    return [one.astype(float) for _, one in found]


def compare(loss: Function, gradient: Function, params: Any, x: Any, y: Any, seed: int = 0) -> Comparison:
    """Hold a gradient against its own loss, at these parameters and at others near them, and on the first steps of the sequence.

    Raises CannotJudgeError where the inputs cannot tell, RuleError where the code returns what is no gradient.
    """
    spread = isinstance(params, tuple) and not hasattr(params, "_fields") and _takes(loss, len(params) + 2)
    names = [name for name, _ in _named(loss, params, spread)]
    of = partial(value, loss, spread)
    steps = _steps(of, params, x, y)
    if steps is not None and steps < LEAST:
        raise CannotJudgeError(
            f"cannot judge: a sequence of {steps} steps from the state at rest has next to no way through time, where most errors"
            f" are; give {LEAST} steps or more"
        )
    method = method_of(of, params, x, y)

    def probe(params: Any, x: Any, y: Any, steps: int | None) -> Probe:
        found = gradient_at(gradient, params, x, y, spread, names)
        return Probe(arrays_of(params), steps, found, derivative(of, params, x, y, method))

    rng = np.random.default_rng(seed)
    probes = []
    for scale in (0.0, 0.1, 0.3):
        moved = [a + scale * rng.normal(size=a.shape) * max(0.1, float(np.abs(a).mean())) for a in arrays_of(params)]
        probes.append(probe(rebuilt(params, iter(moved)), x, y, steps))
    probes += [probe(params, *first, few) for few, first in _first_steps(of, params, x, y, steps)]
    whole = [one for one in probes if one.steps == steps]
    total = max(norm(one.true) for one in whole)
    tolerance = TOLERANCE[method]
    compared = []
    for number, name in enumerate(names):
        if all(float(np.abs(one.true[number]).max(initial=0)) <= FLAT * max(total, 1e-300) for one in whole):
            raise CannotJudgeError(
                f"cannot judge: the derivative by {name} is zero at these inputs, whatever the gradient's code does; give"
                " parameters that are not zero, inputs that differ, and units that are not saturated"
            )
        errors = [_error(one, number) for one in probes]
        wrong = [not error <= tolerance for error in errors]
        words = _said(number, probes, wrong, tolerance) if any(wrong) else ""
        compared.append(Compared(name, not any(wrong), max(errors, key=lambda e: np.inf if np.isnan(e) else e), words))
    return Comparison(all(one.exact for one in compared), method, len(probes), tuple(compared))


def _named(loss: Function, params: Any, spread: bool) -> Iterator[tuple[str, Array]]:
    try:
        own = list(inspect.signature(loss).parameters)
    except (TypeError, ValueError):
        own = []
    if spread:
        for number, one in enumerate(params):
            yield from leaves(one, own[number] if number < len(own) else f"params[{number}]")
    else:
        yield from leaves(params, own[0] if own else "params")


def _takes(function: Function, count: int) -> bool:
    """Whether a function can be called with so many arguments."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _length(x: Any) -> int | None:
    """How much there is along the first axis; None for what has none."""
    shape = getattr(x, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else None
    return len(x) if isinstance(x, Sequence) else None


def _backwards(x: Any) -> Any:
    """In reversed order. PyTorch slices in no negative steps, and takes no NumPy array that is such a slice."""
    if hasattr(x, "flip"):
        return x.flip(0)
    return x[::-1].copy() if isinstance(x, np.ndarray) else x[::-1]


def _steps(loss: Loss, params: Any, x: Any, y: Any) -> int | None:
    """The number of steps, where the first axis is that of time: the loss then feels the order; None where it is not."""
    count = _length(x)
    if count is None or count < 2:
        return None
    try:
        back = (_backwards(x), _backwards(y) if _length(y) == count else y)
        forward, backward = (float(np.real(loss(params, *given))) for given in ((x, y), back))
    except Exception:
        return None
    return None if np.isclose(forward, backward, rtol=1e-9) else count


def _first_steps(loss: Loss, params: Any, x: Any, y: Any, steps: int | None) -> Iterator[tuple[int, tuple[Any, Any]]]:
    """The first one and two steps of the sequence, with their targets or with all of them, where the loss takes them."""
    for count in (1, 2) if steps else ():
        few = x[:count], y[:count] if _length(y) == steps else y
        try:
            finite = np.isfinite(float(np.real(loss(params, *few))))
        except Exception:
            continue
        if finite:
            yield count, few


def _error(probe: Probe, number: int) -> float:
    """Relative to the array's own derivative, but for one that is next to nothing beside the others."""
    found, true = probe.found[number], probe.true[number]
    scale = max(float(np.linalg.norm(true)), 1e-3 * norm(probe.true))
    difference = float(np.linalg.norm(found - true))
    return difference / scale if scale > 0 else (0.0 if difference == 0 else np.inf)


def _said(number: int, probes: Sequence[Probe], wrong: Sequence[bool], tolerance: float) -> str:
    """What is wrong, in words that are true of every input tried."""
    bad = [probe for probe, is_wrong in zip(probes, wrong, strict=True) if is_wrong]
    words = _law(number, bad, min(10 * tolerance, 0.02))
    if words:
        return words
    right = {probe.steps for probe, is_wrong in zip(probes, wrong, strict=True) if not is_wrong}
    wrong_at = {probe.steps for probe in bad}
    if 1 in right and 1 not in wrong_at:
        if 2 in right and 2 not in wrong_at:
            return "exact for sequences of one and of two steps, and wrong for longer ones"
        return "exact for sequences of one step, and wrong for longer ones: what goes from step to step is wrong or missing"
    return "no simple law explains the difference"


def _law(number: int, bad: Sequence[Probe], near: float) -> str:
    """The first law that holds on all of the inputs; "" for none."""
    ratios = [float((p.found[number] * p.true[number]).sum() / max((p.true[number] ** 2).sum(), 1e-300)) for p in bad]
    steps = [float(p.steps or 0) for p in bad]
    if all(steps) and len(set(steps)) > 1:
        scaled = (r * p.true[number] for p, r in zip(bad, ratios, strict=True))
        if all(laws.close(p.found[number], one, near) for p, one in zip(bad, scaled, strict=True)):
            for law, said in ((1, "multiplied by the number of steps"), (-1, "divided by the number of steps")):
                if np.allclose(ratios, [s**law for s in steps], rtol=3 * near):
                    return said
    instances = [laws.Instance(p.found[number], p.true[number], p.params[number], norm(p.found)) for p in bad]
    return laws.distortion(instances, near)


def check_grads(loss: Function, gradient: Function, params: Any, x: Any, y: Any, seed: int = 0) -> Comparison:
    """Return what was found of a gradient that is that of its loss; raise GradientError with the diagnosis for any other.

    loss(params, x, y) is a number, gradient(params, x, y) its derivatives, shaped like the parameters: an array, or a list,
    tuple, dict or object of arrays, nested. A tuple may be spread over several arguments: loss(W, R, b, x, y).

    Raises CannotJudgeError where the inputs cannot tell a right gradient from a wrong one.
    """
    found = compare(loss, gradient, params, x, y, seed)
    if not found.exact:
        raise GradientError(str(found))
    return found


def from_update(step: Callable[..., Any], learning_rate: float) -> Function:
    """The gradient function of code that changes its parameters in place by plain gradient descent and returns nothing.

    step(params, x, y) or step(W, R, b, x, y): one update of -learning_rate * gradient.
    """

    def gradient(*arguments: Any) -> Any:
        *params, x, y = arguments
        before = [array.copy() for _, array in leaves(params)]
        given = mapped(np.copy, params)
        step(*given, x, y)
        slopes = [(b - a) / learning_rate for b, (_, a) in zip(before, leaves(given), strict=True)]
        made = rebuilt(params, iter(slopes))
        return tuple(made) if len(made) > 1 else made[0]

    return gradient

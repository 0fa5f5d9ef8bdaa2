"""What the contract of gradient rules asks, tried on a rule: see `rnnbench.gradients.base`."""

import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from rnnbench.activations import ACTIVATIONS
from rnnbench.arrays import Array
from rnnbench.errors import RuleError
from rnnbench.gradients import GradientRule, Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.losses import LOSSES
from rnnbench.network import Network, Parameters, Window
from rnnbench.seeds import stream
from rnnbench.trial import paths
from rnnbench.trial.cases import Case, layers, random_case, sizes
from rnnbench.trial.exactness import EXACT, same
from rnnbench.trial.slips import exact, sharp

Factory = Callable[[Network], GradientRule]
"""Network -> rule; a subclass of GradientRule is one."""


def fitted(rule: Factory, case: Case) -> Case:
    """A case that the rule's code takes: those weights at zero that its network does not have; see also `Takes`."""
    case = getattr(rule, "takes", ANY).of(case)
    one, network = guarded(case, lambda: rule(case.network)), case.network
    params = network.parameters(case.params.vector.copy())
    guarded(case, lambda: one.prepare(params))
    there = (params.vector != 0).any(0) | (case.params.vector == 0).all(0)
    there &= True if case.there is None else case.there
    return case if there.all() else case._replace(params=params, there=there)


@dataclass(frozen=True)
class Takes:
    """What a rule's code takes, and no other: indices for inputs, states for outputs, one output, one sequence at a time."""

    indices: bool = False
    no_readout: bool = False
    one_output: bool = False
    one_sequence: bool = False

    def of(self, case: Case) -> Case:
        """A case of that kind, as like as can be."""
        if self.no_readout:
            case = case.with_states_as_outputs()
        if self.one_output and case.network.outputs > 1:
            case = case.with_one_output()
        if self.one_sequence and case.batch > 1:
            window = case.window
            case = case._replace(window=window._replace(x=window.x[:, :, :1], y=window.y[:, :, :1]))
        return case.with_indices() if self.indices else case


ANY = Takes()


def copies(case: Case) -> tuple[Parameters, Window]:
    """The parameters and window of a case, for a rule to do with as it likes."""
    window = Window(case.window.x.copy(), case.window.y.copy(), copy.copy(case.window.counted))
    return case.network.parameters(case.params.vector.copy()), window


def guarded(case: Case, call: Callable[[], Any]) -> Any:
    """Call a rule; whatever it raises, but NotImplementedError, becomes a RuleError that names the case.

    How NumPy handles floating-point errors is afterwards as it was before.
    """
    try:
        with np.errstate():
            return call()
    except NotImplementedError:
        raise
    except Exception as error:
        raise RuleError(f"the rule raised {type(error).__name__} on {_told(case)}: {error}") from error


def step(one: GradientRule, case: Case) -> Step:
    """What a rule makes of a case, on copies of it. Raises RuleError where the gradient is none."""
    params, window = copies(case)
    found = guarded(case, lambda: one.step(params, window, one.init(params, case.batch)))
    if not hasattr(found, "gradient"):
        if inspect.iscoroutine(found):
            found.close()
        raise RuleError(f"the rule's step returned {_kind(found)}, not a rnnbench.Step, on {_told(case)}")
    gradient, shape = found.gradient, case.params.vector.shape
    if type(gradient) is not np.ndarray or gradient.shape != shape or gradient.dtype.kind != "f":
        told = f"an array {gradient.shape} of {gradient.dtype}" if type(gradient) is np.ndarray else _kind(gradient)
        raise RuleError(f"the rule's gradient is {told}, not an array {shape} (replicate, parameter) of floats, on {_told(case)}")
    return found


def _kind(found: object) -> str:
    """What something is, with its article."""
    if found is None:
        return "None"
    name = type(found).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def gradient(rule: Factory, case: Case) -> Array:
    """The rule's gradient of a case, (replicate, parameter), float64. Raises RuleError as `step` does."""
    return step(guarded(case, lambda: rule(case.network)), case).gradient.astype(np.float64)


def _told(case: Case) -> str:
    network = case.network
    return (
        f"{layers(case.depth)} of {', '.join(map(str, network.hidden))} {network.activation} units, {network.loss},"
        f" {case.steps} steps, batch {case.batch}, {len(case.params.vector)} replicates, loss at {case.loss_at}"
    )


def a_case(rule: Factory, depth: int, seed: int, activations: list[str], losses: list[str]) -> Case:
    """A case with two replicates that the rule supports. Raises NotImplementedError where it supports none of this depth."""
    refused = NotImplementedError()
    for activation, loss in product(activations or ACTIVATIONS, losses or LOSSES):
        case = random_case(stream(seed, "contract", depth), Network(2, sizes(depth), 2, activation, loss), 2, 7, 3, "every step")
        try:
            case = fitted(rule, case)
            gradient(rule, case)
        except NotImplementedError as error:
            refused = error
        else:
            return case
    raise refused


def close(a: Array, b: Array) -> bool:
    """Equal but for rounding."""
    return np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)


def breaches(rule: Factory, case: Case, noisy: bool) -> Iterator[str]:
    """What a rule does that the contract forbids, in sentences.

    noisy: the rule draws noise, of each replicate by its place, so a replicate alone draws another.
    """
    network = case.network
    one = rule(network)
    params, window = copies(case)
    first = guarded(case, lambda: one.step(params, window, one.init(params, case.batch)))
    given = case.params.vector, case.window.x, case.window.y
    if not all(map(np.array_equal, (params.vector, window.x, window.y), given)):
        yield "step changes its arguments"
    if first.gradient.dtype != case.params.vector.dtype:
        yield f"the gradient is {first.gradient.dtype} where the weights are {case.params.vector.dtype}"
    at_rest = network.rest(len(params.vector), case.batch, params.vector.dtype)
    outputs = network.forward(case.params, case.window, at_rest).outputs
    if np.shape(first.outputs) != outputs.shape or not np.allclose(first.outputs, outputs, rtol=1e-6, atol=1e-6):
        yield "step's outputs are not those of the forward pass at the counted steps"

    def again(carry: Any) -> Array:
        return guarded(case, lambda: one.step(*copies(case), carry)).gradient

    kept = guarded(case, lambda: copy.deepcopy(first.carry))
    try:
        on_copy, on_itself, once_more = again(kept), again(first.carry), again(first.carry)
    except NotImplementedError:  # it takes whole sequences only
        pass
    else:
        if not close(on_copy, on_itself):
            yield "step, called again with the same arguments, gives another gradient"
        elif not close(on_itself, once_more):
            yield "step changes the carry that it is given"
    if not noisy:
        together = gradient(rule, case)
        for r in range(len(together)):
            if not close(gradient(rule, _replicate(case, r))[0], together[r]):
                yield "a replicate's gradient depends on the replicates beside it"
                break


def _replicate(case: Case, r: int) -> Case:
    params = case.network.parameters(case.params.vector[r : r + 1])
    return case._replace(params=params, window=case.window._replace(x=case.window.x[r : r + 1], y=case.window.y[r : r + 1]))


def corners(rule: Factory, case: Case) -> Iterator[str]:
    """Where a rule that is exact elsewhere is not: networks, windows and states that runs have, and that are easily forgotten."""
    network, _, window = case[:3]
    some = np.array([1, 3])
    asked = {
        "where only some steps of the window count": case._replace(window=Window(window.x, window.y[:, some], some)),
        "where no step of the window counts": case._replace(window=Window(window.x, window.y[:, :0], slice(0, 0))),
        "where all replicates share the inputs": case._replace(window=window._replace(x=window.x[:1])),
        "where the state at rest is not zero": case._replace(network=replace(network, at_rest=0.5)),
        "where all layers have as many units as there are inputs and outputs": _square(case),
        "where it is large": case.louder(LOUDER),
    }
    for where, one in asked.items():
        try:
            one = fitted(rule, one)
            found = gradient(rule, one)
        except NotImplementedError:
            continue
        if one.counted and not sharp(one):
            continue
        truth = exact(one) if one.counted else np.zeros_like(found)
        if not same(one.network, found, truth):
            yield f"the gradient is wrong {where}"
    yield from _kept(rule, case)


LOUDER = 30.0
"""By what the weights of the output are multiplied, for a gradient that clipping would cut off."""


def _square(case: Case) -> Case:
    """A like problem in which every matrix is square."""
    network = replace(case.network, inputs=3, hidden=(3,) * case.depth, outputs=3)
    return random_case(stream(0, "square", case.depth), network, len(case.params.vector), case.steps, case.batch, case.loss_at)


def _kept(rule: Factory, case: Case) -> Iterator[str]:
    """What a rule keeps from call to call that it must not: weights, and arrays that it gave away."""
    other = case._replace(params=case.network.parameters(-0.7 * case.params.vector))
    one = rule(case.network)
    first = step(one, case)
    given = copy.deepcopy(first)
    second = step(one, other)
    if not close(second.gradient, gradient(rule, other)):
        yield "the gradient depends on the weights of the call before"
    arrays = zip(_arrays(first), _arrays(given), strict=True)
    if not all(np.array_equal(now, before, equal_nan=True) for now, before in arrays):
        yield "step writes into arrays that it returned before"


def _arrays(found: Any) -> Iterator[Array]:
    """All arrays in a result: of its tuples, lists, dicts and dataclasses."""
    if isinstance(found, np.ndarray):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from _arrays(value)
    elif isinstance(found, tuple | list):
        for value in found:
            yield from _arrays(value)
    elif is_dataclass(found) and not isinstance(found, type):
        yield from _arrays(list(vars(found).values()))


def forgets_leak(rule: Factory, case: Case) -> bool:
    """Whether a rule takes a network of leaky units, and gives another gradient than theirs."""
    leaky = case._replace(network=replace(case.network, leak=0.3))
    try:
        found = gradient(rule, fitted(rule, leaky))
    except NotImplementedError:
        return False
    return not same(leaky.network, found, gradient(Bptt, leaky))


def unreset(rule: Factory, case: Case) -> set[str]:
    """The parameters whose gradient of a sequence differs when another sequence came before it: init does not reset them."""
    one = rule(case.network)
    step(one, case)
    fresh, fresh_again, used = (
        case.network.parameters(g).blocks() for g in (gradient(rule, case), gradient(rule, case), step(one, case).gradient)
    )
    return {name for name in fresh if close(fresh[name], fresh_again[name]) and not close(fresh[name], used[name])}


def paths_of(rule: Factory, depth: int, like: Network, steps: int, seed: int) -> tuple[Case, paths.Parts]:
    """Networks of the rule's kind with the loss at the last step, and their exact gradient taken apart."""
    case, parts = paths.probe(depth, like.activation, like.loss, steps, seed)
    own = fitted(rule, case)
    return (case, parts) if own is case else (own, paths.parts(own))


def handed_on(rule: Factory, supported: Case, seed: int, length: int) -> dict[str, str]:
    """What the gradient of each recurrent parameter is when a sequence comes in windows of `length` steps, the carry handed on.

    The loss is at the last step. "whole": every path is there. "cut": some are, and the others are not, as in truncated BPTT.
    "neither": something else.
    """
    case, parts = paths_of(rule, supported.depth, supported.network, 8, seed)
    one = rule(case.network)
    params, window = copies(case)
    carry = guarded(case, lambda: one.init(params, case.batch))
    for begin in range(0, case.steps, length):
        end = min(begin + length, case.steps)
        counts = end == case.steps
        part = Window(window.x[:, begin:end], window.y[:, : int(counts)], slice(end - begin - counts, end - begin))
        now = guarded(case, partial(one.step, params, part, carry))
        carry = now.carry
    found = {}
    for name, block in case.network.parameters(now.gradient.astype(np.float64)).blocks().items():
        if name in parts:
            weights = paths.weigh(block, parts[name])
            told = np.array([w for w in weights.weight.values() if not np.isnan(w)])
            true = sum(parts[name].values())
            whole = np.linalg.norm(block - true) <= EXACT * np.linalg.norm(true)
            cut = weights.fits and bool(np.isclose(told, np.rint(told), atol=1e-6).all()) and set(np.rint(told)) <= {0, 1}
            found[name] = "whole" if whole else "cut" if cut else "neither"
    return found

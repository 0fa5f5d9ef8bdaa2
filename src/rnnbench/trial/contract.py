"""What the contract of gradient rules asks, tried on a rule: see `rnnbench.gradients.base`."""

import copy
from collections.abc import Callable

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.network import Network, Window
from rnnbench.seeds import stream
from rnnbench.trial.cases import Case, layers, random_case
from rnnbench.trial.exactness import EXACT, gradient_of
from rnnbench.trial.slips import exact

Factory = Callable[[Network], GradientRule]
"""Network -> rule; a subclass of GradientRule is one."""


class RuleError(ValueError):
    """A rule fails, or returns what is no gradient; the message says on which case."""


def gradient(rule: Factory, case: Case) -> Array:
    """The rule's gradient of a case, (replicate, parameter). Raises RuleError, naming the case."""
    where = (
        f"on {layers(case.depth)} of {', '.join(map(str, case.network.hidden))} {case.network.activation} units,"
        f" {case.steps} steps, batch {case.batch}, {len(case.params.vector)} replicates, loss at {case.loss_at}"
    )
    try:
        found = gradient_of(rule(case.network), case.params, case.window)
    except NotImplementedError:
        raise
    except Exception as error:
        raise RuleError(f"the rule raised {type(error).__name__} {where}: {error}") from error
    shape = case.params.vector.shape
    if not isinstance(found, np.ndarray) or found.shape != shape:
        told = f"an array {found.shape}" if isinstance(found, np.ndarray) else f"a {type(found).__name__}"
        raise RuleError(f"the rule's gradient is {told}, not an array {shape} (replicate, parameter) {where}")
    return found


def a_case(depth: int, seed: int, replicates: int = 2) -> Case:
    """One case of a depth for everything but exactness."""
    network = Network(2, (3, 4, 2)[:depth] if depth <= 3 else (3,) * depth, 2, "tanh", "softmax_crossentropy")
    return random_case(stream(seed, "contract", depth), network, replicates, 7, 3, "every step")


def breaches(rule: Factory, depth: int, seed: int, noisy: bool) -> list[str]:
    """What a rule does that the contract forbids, in sentences. Raises RuleError as `gradient` does.

    noisy: the rule draws noise, of each replicate by its place, so a replicate alone draws another.
    """
    case = a_case(depth, seed)
    network, params, window, _ = case
    found = []
    one = rule(network)
    before = params.vector.copy(), window.x.copy(), window.y.copy()
    together = gradient(rule, case)
    first = one.step(params, window, one.init(params, case.batch))
    after = params.vector, window.x, window.y
    if not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)):
        found.append("step changes its arguments")
        for changed, kept in zip(after, before, strict=True):
            changed[...] = kept
    outputs = network.forward(params, window, network.rest(len(params.vector), case.batch, params.vector.dtype)).outputs
    if np.shape(first.outputs) != outputs.shape or not np.allclose(first.outputs, outputs, rtol=1e-10, atol=1e-12):
        found.append("step's outputs are not those of the forward pass at the counted steps")
    carry = first.carry
    twice = [one.step(params, window, copy.deepcopy(carry)).gradient, one.step(params, window, carry).gradient]
    twice.append(one.step(params, window, carry).gradient)
    if not np.array_equal(twice[0], twice[1], equal_nan=True):
        found.append("step, called again with the same arguments, gives another gradient")
    elif not np.array_equal(twice[1], twice[2], equal_nan=True):
        found.append("step changes the carry that it is given")
    for r in range(0 if noisy else len(params.vector)):
        single = Case(
            network,
            network.parameters(params.vector[r : r + 1].copy()),
            Window(window.x[r : r + 1], window.y[r : r + 1], window.counted),
            case.loss_at,
        )
        if not np.allclose(gradient(rule, single)[0], together[r], rtol=1e-9, atol=1e-12):
            found.append("a replicate's gradient depends on the replicates beside it")
            break
    return found


def unreset(rule: Factory, depth: int, seed: int) -> set[str]:
    """The parameters whose gradient of a sequence differs when another sequence came before it: init does not reset them."""
    case = a_case(depth, seed)
    one = rule(case.network)
    first, second = (case.network.parameters(gradient_of(one, case.params, case.window)).blocks() for _ in range(2))
    return {name for name in first if not np.array_equal(first[name], second[name], equal_nan=True)}


def handed_on(rule: Factory, depth: int, seed: int, length: int) -> dict[str, str]:
    """What the gradient of each recurrent parameter is when a sequence comes in windows of `length` steps, the carry handed on.

    "whole": the rule's gradient of the whole sequence. "cut": the exact one, cut at the borders of windows, as TBPTT. "neither".
    """
    case = a_case(depth, seed)
    network, params, window, _ = case
    one = rule(network)
    carry = one.init(params, case.batch)
    state = network.rest(len(params.vector), case.batch, params.vector.dtype)
    total, cut = np.zeros_like(params.vector), network.zeros_like(params)
    for begin in range(0, case.steps, length):
        end = min(begin + length, case.steps)
        part = Window(window.x[:, begin:end], window.y[:, begin:end], slice(0, end - begin))
        step = one.step(params, part, carry)
        carry = step.carry
        share = (end - begin) / case.steps
        total += share * step.gradient
        for name, block in exact(Case(network, params, part, case.loss_at), state).items():
            cut.blocks()[name][...] += share * block
        state = network.forward(params, part, state).state()
    whole = network.parameters(gradient_of(rule(network), params, window)).blocks()
    found = {}
    for name, block in network.parameters(total).blocks().items():
        if name in (f"W{depth}", f"b{depth}"):
            continue
        scale = EXACT * max(np.linalg.norm(whole[name]), 1e-3 * np.linalg.norm(total))
        same, truncated = (np.linalg.norm(block - of[name]) <= scale for of in (whole, cut.blocks()))
        found[name] = "whole" if same else "cut" if truncated else "neither"
    return found

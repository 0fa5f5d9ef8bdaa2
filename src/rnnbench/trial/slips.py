"""The usual slips of a hand-derived gradient, each as the gradient that it gives, and in words.

The exact gradient goes backward through the window. With c_i^t = dL/dx_i^t:

    dz_i^t = c_i^t f'(z_i^t)          c_i^{t-1} += dz_i^t R_i^T          c_{i-1}^t += dz_i^t W_{i-1}^T
    dL/dV_i = sum_t (u_i^t)^T dz_i^t

A slip changes one symbol there. Forward recursions (RTRL) sum the same products in another order, so a slip made in one of them
is found here too; where the two ways differ in what a slip means, there are two entries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from rnnbench.activations import Activation
from rnnbench.arrays import Array
from rnnbench.gradients.base import from_outputs
from rnnbench.network import Activity, Parameters
from rnnbench.trial.cases import Case

Slope = Callable[[Activation, Array, Array], Array]
"""f, x_i^t and x_i^{t-1}, each (replicate, T, batch, n) -> what is taken for f'(z_i^t)."""


def at_this_step(f: Activation, x: Array, before: Array) -> Array:
    """The right one."""
    return f.derivative(x)


def at_the_step_before(f: Activation, x: Array, before: Array) -> Array:
    """f'(z^{t-1}); before the first step, at the state at rest."""
    return f.derivative(before)


def at_the_step_after(f: Activation, x: Array, before: Array) -> Array:
    """f'(z^{t+1}); at the last step, there is none and it is taken at that step."""
    return f.derivative(np.concatenate([x[:, 1:], x[:, -1:]], axis=1))


def left_out(f: Activation, x: Array, before: Array) -> Array:
    """1, as if the units were linear."""
    return np.ones_like(x)


def of_x(f: Activation, x: Array, before: Array) -> Array:
    """f'(x): the activation is applied once more before its derivative is read off."""
    again = np.empty_like(x)
    f.value(x, again)
    return f.derivative(again)


def of_tanh(f: Activation, x: Array, before: Array) -> Array:
    """The difference 1 - x^2, whatever the activation is."""
    return 1 - x * x


def of_logistic(f: Activation, x: Array, before: Array) -> Array:
    """The product x (1 - x), whatever the activation is."""
    return x * (1 - x)


def of_the_loss(case: Case, o: Array) -> Array:
    """The right dL/do, but for the mean over batch and steps."""
    return case.network.loss_function.gradient(o, case.window.y)


def _without_target(case: Case, o: Array) -> Array:
    """The target is not subtracted from the prediction."""
    if case.network.loss == "softmax_crossentropy":
        return case.network.loss_function.predict(o)
    return case.network.loss_function.gradient(o, np.zeros_like(case.window.y))


def _of_another_step(case: Case, o: Array, later: int) -> Array:
    """The target of so many steps later, round the end of the sequence to its other end."""
    return case.network.loss_function.gradient(o, np.roll(case.window.y, -later, axis=1))


def _last_everywhere(case: Case, o: Array) -> Array:
    """The error of the last step that counts, at every one."""
    return np.repeat(of_the_loss(case, o)[:, -1:], case.counted, axis=1)


def _last_alone(case: Case, o: Array) -> Array:
    """The error of the last step that counts, and of no other."""
    found = np.zeros_like(o)
    found[:, -1] = of_the_loss(case, o)[:, -1]
    return found


def _without_slope(case: Case, o: Array) -> Array:
    """Without the derivative of logistic outputs, p (1 - p)."""
    if case.network.loss != "logistic_mse":
        return of_the_loss(case, o)
    return 2 * (case.network.loss_function.predict(o) - case.window.y) / o.shape[-1]


@dataclass(frozen=True)
class Slip:
    """One changed symbol.

    name: as the field would call it. words: what the gradient then lacks, or has wrong.
    of: the kinds of parameter that it can be in, by the first letter of their names.
    here: f' where a parameter acts; passing: f' on the way back; arrived: f' for what came back through time (both, if given).
    recurrence: what becomes of R_i^T on the way back. past_above: whether a layer hears of the past of the layers above it.
    shifted: dL/dx^t meets what belongs to step t - 1. inputs: which u_i^t meets dz_i^t. outer: what becomes of the product of
    the two. turned: the block is transposed. every: nothing goes back across a cut at every so many steps (0: no cuts).
    lags: how many lags of each step's loss are there (0: all). error: dL/do from o, at the counted steps.
    """

    name: str
    words: str
    of: str = "WRb"
    here: Slope = at_this_step
    passing: Slope = at_this_step
    arrived: Slope | None = None
    recurrence: Callable[[Array], Array] = lambda R: R.swapaxes(1, 2)
    past_above: bool = True
    shifted: bool = False
    inputs: Callable[[Array], Array] = lambda u: u[:, :-1]
    outer: Callable[[Array, Array], Array] = lambda u, dz: np.einsum("rtbj,rtbk->rjk", u, dz)
    turned: bool = False
    every: int = 0
    lags: int = 0
    error: Callable[[Case, Array], Array] = of_the_loss


def _following(u: Array) -> Array:
    """U^{t+1} in place of u^t, whose recurrent part is x^t."""
    return u[:, 1:]


def _previous(u: Array) -> Array:
    """U^{t-1} in place of u^t; nothing before the first step."""
    return np.concatenate([np.zeros_like(u[:, :1]), u[:, :-2]], axis=1)


def _another(u: Array, later: int) -> Array:
    """What belongs to so many steps later, round the end of the sequence to its other end."""
    return np.roll(u[:, :-1], -later, axis=1)


def _identity(R: Array) -> Array:
    """1 in place of R."""
    return np.broadcast_to(np.eye(R.shape[-1]), R.shape)


def _wrapped(u: Array) -> Array:
    """x^T in place of the state before the first step, as Python's index -1 gives it."""
    found = u[:, :-1].copy()
    found[:, 0] = u[:, -1]
    return found


def _reversed(u: Array) -> Array:
    """U^t in the order of the way back."""
    return u[:, -2::-1]


def _of_first(u: Array, dz: Array) -> Array:
    """The term of the first step alone."""
    return np.einsum("rtbj,rtbk->rjk", u[:, :1], dz[:, :1])


def _of_last(u: Array, dz: Array) -> Array:
    """The term of the last step alone."""
    return np.einsum("rtbj,rtbk->rjk", u[:, -1:], dz[:, -1:])


def _but_first(u: Array, dz: Array) -> Array:
    """All terms but that of the first step."""
    return np.einsum("rtbj,rtbk->rjk", u[:, 1:], dz[:, 1:])


def _spread(u: Array, dz: Array) -> Array:
    """Without delta_{n,k}: every unit n takes the immediate term of every k."""
    return np.einsum("rtbj,rtbn->rj", u, dz)[..., None] * np.ones(dz.shape[-1])


NONE = Slip("none", "")
RECURRENCE_MISSING = Slip(
    "recurrence missing",
    "only lag 0 is right; all paths through x^{t-1} are missing, as if the layer were feed-forward",
    recurrence=lambda R: np.zeros_like(R),
)
ASSIGNED = "it is assigned (=) where terms should be added (+=)"
FIRST_ALONE = f"only the term of the first step is there: {ASSIGNED}, in a loop that goes back"
LAST_ALONE = f"only the term of the last step is there: {ASSIGNED}"
WRAPPED = "x^T stands for the state before the first step, as an index of -1 gives it"
TRUNCATED = "it is truncated BPTT over"
TRANSPOSED = "R stands where its transpose belongs: the sum over R[l, n] runs over the wrong index"
BANK = (
    RECURRENCE_MISSING,
    Slip(
        "upper layers' past missing",
        "only what goes up at once and through its own layer's past is there; all paths through the past of the layers above"
        " are missing",
        past_above=False,
    ),
    Slip(
        "transposed R",
        TRANSPOSED,
        recurrence=lambda R: R,
    ),
    Slip("first step alone", FIRST_ALONE, outer=_of_first),
    Slip("last step alone", LAST_ALONE, outer=_of_last),
    Slip("first step alone, transposed R", f"{FIRST_ALONE}; and {TRANSPOSED}", recurrence=lambda R: R, outer=_of_first),
    Slip("first step left out", "the term of the first step is missing: the loop ends one step early", of="Wb", outer=_but_first),
    Slip(
        "last state for the first",
        WRAPPED,
        of="R",
        inputs=_wrapped,
    ),
    *(
        Slip(f"cut every {k} steps", f"the sequence is cut every {k} steps: all that goes back across a cut is missing", every=k)
        for k in range(2, 11)
    ),
    *(
        Slip(
            f"truncated at {k} steps",
            f"{TRUNCATED} {k} steps: lags 0 to {k - 1} are there, and none before",
            lags=k,
        )
        for k in range(2, 21)
    ),
    Slip("target missing", "the target is not subtracted from the prediction", error=_without_target),
    Slip(
        "slope of the outputs missing",
        "the derivative of the logistic output, p (1 - p), is left out",
        error=_without_slope,
    ),
    Slip(
        "target of the next step",
        "the target of the next step is taken, and at the last step that of the first",
        error=partial(_of_another_step, later=1),
    ),
    Slip(
        "target of the step before",
        "the target of the step before is taken, and at the first step that of the last, as an index of -1 gives it",
        error=partial(_of_another_step, later=-1),
    ),
    Slip("last error alone", "the error of the last step alone is there", error=_last_alone),
    Slip("last error everywhere", "the error of the last step is taken at every step", error=_last_everywhere),
    Slip("R left out", "what comes back from step t + 1 is not multiplied by R", recurrence=_identity),
    Slip(
        "input of the step before, wrapped",
        "x^{t-1} stands where x^t belongs, and at the first step x^T, as an index of -1 gives it",
        of="W",
        inputs=partial(_another, later=-1),
    ),
    Slip(
        "input of the next step",
        "x^{t+1} stands where x^t belongs, and at the last step that of the first",
        of="W",
        inputs=partial(_another, later=1),
    ),
    Slip("steps reversed", "dL/dz^t meets the inputs of the steps in reversed order", of="WR", inputs=_reversed),
    Slip(
        "f' of the step before",
        "f'(z^{t-1}) stands where f'(z^t) belongs",
        here=at_the_step_before,
        passing=at_the_step_before,
    ),
    Slip(
        "f' of the step before, in the recursion",
        "what is carried is multiplied by f'(z^{t-1}) where f'(z^t) belongs; the immediate term is right",
        passing=at_the_step_before,
    ),
    Slip(
        "f' of the step before, in the immediate term",
        "the immediate term is multiplied by f'(z^{t-1}) where f'(z^t) belongs; what is carried is right",
        here=at_the_step_before,
    ),
    Slip(
        "f' of the step after",
        "what comes back from step t + 1 is multiplied by f'(z^{t+1}) where f'(z^t) belongs",
        arrived=at_the_step_after,
    ),
    Slip("f' missing", "f'(z^t) is left out everywhere, as if the units were linear", here=left_out, passing=left_out),
    Slip("f' missing in the recursion", "what is carried is not multiplied by f'(z^t)", passing=left_out),
    Slip("f' missing in the immediate term", "the immediate term is not multiplied by f'(z^t)", here=left_out),
    Slip("f' missing on the way back", "what comes back from step t + 1 is not multiplied by f'(z^t)", arrived=left_out),
    Slip(
        "f' missing on the way from the outputs",
        "what comes from the outputs is not multiplied by f'(z^t); what comes back from step t + 1 is",
        here=left_out,
        passing=left_out,
        arrived=at_this_step,
    ),
    Slip("f' of x for f' of z", "f' is taken of x^t, to which f was applied already, instead of z^t", here=of_x, passing=of_x),
    Slip("tanh's derivative", "1 - x^2 is taken for f', whatever the activation is", here=of_tanh, passing=of_tanh),
    Slip("logistic's derivative", "x (1 - x) is taken for f', whatever the activation is", here=of_logistic, passing=of_logistic),
    Slip("x^t for x^{t-1}", "x^t stands where x^{t-1} belongs", of="R", inputs=_following),
    Slip("input of the step before", "x_{i-1}^{t-1} stands where x_{i-1}^t belongs", of="W", inputs=_previous),
    Slip("delta dropped", "without delta_{n,k} the immediate term is added for every unit n, not for n = k alone", outer=_spread),
    Slip(
        "delta on the wrong axis",
        "the result is the transpose of the derivative: the immediate term stands at n = j in place of n = k",
        of="R",
        turned=True,
    ),
    Slip(
        "sensitivities of the step before",
        "dL/dx^t meets the sensitivities of step t - 1: the newest step is left out",
        shifted=True,
    ),
)


def exact(case: Case) -> Array:
    """The exact gradient of a window that starts at rest, (replicate, parameter)."""
    found = case.network.zeros_like(case.params)
    for name, block in gradient(case, NONE).items():
        found.blocks()[name][...] = block
    return found.vector


def gradient(case: Case, slip: Slip) -> dict[str, Array]:
    """The gradient by parameter block with a slip in it.

    But for an error of the outputs, a slip is in the recurrent layers, and the blocks of the readout are exact. Blocks that it
    cannot be in are left out.
    """
    network, params = case.network, case.params
    assert not network.leak, "the slips are those of units that do not leak"
    state = network.rest(len(params.vector), case.batch, params.vector.dtype)
    activity = network.forward(params, case.window, state)
    found = network.zeros_like(params)
    do = slip.error(case, activity.outputs) / (case.counted * case.batch)
    credit = from_outputs(network, params, case.window, activity, do, found)
    if slip.lags:
        _truncated(case, slip.lags, activity, credit, found)
        return case.restricted(found).blocks()
    if slip.shifted:
        credit = np.concatenate([credit[:, 1:], np.zeros_like(credit[:, :1])], axis=1)
    present = credit
    for i in range(network.depth, 0, -1):
        x = activity.x[i]
        before = activity.u[i][:, :-1, :, network.sizes[i - 1] : -1]
        here, passing = slip.here(network.f, x, before), slip.passing(network.f, x, before)
        arrived = None if slip.arrived is None else slip.arrived(network.f, x, before)
        back = slip.recurrence(params.R[i])
        acting, passed = np.empty_like(x), np.empty_like(x)
        from_next = np.zeros_like(x[:, 0])
        for t in range(case.steps - 1, -1, -1):
            acting[:, t] = credit[:, t] * here[:, t] + from_next * (here if arrived is None else arrived)[:, t]
            passed[:, t] = credit[:, t] * passing[:, t] + from_next * (passing if arrived is None else arrived)[:, t]
            from_next = passed[:, t] @ back * (not slip.every or t % slip.every > 0)
        u = activity.u[i].copy()
        u[:, -1, :, : network.sizes[i - 1]] = 0  # there is no input after the last step
        found.V[i][...] = slip.outer(slip.inputs(u), acting)
        if i > 1:
            down = params.W[i - 1].swapaxes(1, 2)[:, None]
            present = (present * passing) @ down
            credit = passed @ down if slip.past_above else present
    blocks = {name: block for name, block in case.restricted(found).blocks().items() if name[0] in slip.of}
    return {name: block.swapaxes(1, 2) if slip.turned else block for name, block in blocks.items()}


def _truncated(case: Case, lags: int, activity: Activity, credit: Array, found: Parameters) -> None:
    """Write the gradient in which each step's loss is followed back over so many lags.

    of_lag[k][:, t] is dL^{t+k}/dx_i^t for each lag k.
    """
    network, params = case.network, case.params
    of_lag = [credit, *(np.zeros_like(credit) for _ in range(lags - 1))]
    for i in range(network.depth, 0, -1):
        slope, back = network.f.derivative(activity.x[i]), params.R[i].swapaxes(1, 2)[:, None]
        before = np.zeros_like(slope)
        dz = []
        for own in of_lag:
            before = (own + before) * slope
            dz.append(before)
            before = np.concatenate([before[:, 1:] @ back, np.zeros_like(before[:, :1])], axis=1)
        found.V[i][...] = np.einsum("rtbj,rtbk->rjk", activity.u[i][:, :-1], sum(dz))
        if i > 1:
            down = params.W[i - 1].swapaxes(1, 2)[:, None]
            of_lag = [one @ down for one in dz]

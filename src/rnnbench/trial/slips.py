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
from typing import NamedTuple

import numpy as np

from rnnbench.activations import Activation
from rnnbench.arrays import Array
from rnnbench.gradients.base import everywhere, from_outputs
from rnnbench.network import Activity, Parameters
from rnnbench.trial.cases import Case
from rnnbench.trial.exactness import EXACT, relative_errors

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


def at_the_last_step(f: Activation, x: Array, before: Array) -> Array:
    """f'(z^T) at every step."""
    return np.broadcast_to(f.derivative(x[:, -1:]), x.shape)


def left_out(f: Activation, x: Array, before: Array) -> Array:
    """1, as if the units were linear."""
    return np.ones_like(x)


def left_out_at_the_last_step(f: Activation, x: Array, before: Array) -> Array:
    """1 at the last step alone."""
    found = f.derivative(x)
    found[:, -1] = 1
    return found


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


def _error_of_another_step(case: Case, o: Array, later: int, wrapped: bool = True) -> Array:
    """The error of so many steps later; wrapped: round the end of the sequence to its other end, else nothing there."""
    found = np.roll(of_the_loss(case, o), -later, axis=1)
    if not wrapped:
        found[:, -later:] = 0
    return found


def _but_last_error(case: Case, o: Array) -> Array:
    """No error at the last step that counts."""
    found = of_the_loss(case, o).copy()
    found[:, -1] = 0
    return found


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


class Flow(NamedTuple):
    """What goes through one recurrent layer, each (replicate, T, batch, n): dL/dx^t from above, and f' where it is asked for.

    here: where a parameter acts. passing: on the way back. arrived: for what came back through time, in place of both; None:
    both. descending: on the way down to the layer below; None: as on the way back.
    """

    credit: Array
    here: Array
    passing: Array
    arrived: Array | None
    descending: Array | None


Recursion = Callable[[Flow, Array], tuple[Array, Array]]
"""A layer's flow and its R^T (replicate, n, n) -> dL/dz^t as parameters meet it, and as it goes down to the layer below."""


def backward(flow: Flow, back: Array, every: int = 0, added: bool = False, forward: bool = False) -> tuple[Array, Array]:
    """The right one: dz^t = (dL/dx^t + dz^{t+1} R^T) f'(z^t).

    every: nothing goes back across a cut at every so many steps (0: no cuts). added: what comes back is added to what came back
    before. forward: the loop goes the wrong way.
    """
    acting, down = np.empty_like(flow.credit), np.empty_like(flow.credit)
    from_next = np.zeros_like(flow.credit[:, 0])
    steps = range(flow.credit.shape[1])
    for t in steps if forward else reversed(steps):
        arrived = None if flow.arrived is None else flow.arrived[:, t]
        here, passing, credit = flow.here[:, t], flow.passing[:, t], flow.credit[:, t]
        acting[:, t] = credit * here + from_next * (here if arrived is None else arrived)
        passed = credit * passing + from_next * (passing if arrived is None else arrived)
        down[:, t] = passed if flow.descending is None else (credit + from_next) * flow.descending[:, t]
        came = passed @ back * (not every or t % every > 0)
        from_next = from_next + came if added else came
    return acting, down


def _overwritten(flow: Flow, back: Array) -> tuple[Array, Array]:
    """Sensitivities that are overwritten, unit by unit, while they are read.

    p_k^t = f'(z_k^t) (sum_{l<k} p_l^t R_lk + sum_{l>=k} p_l^{t-1} R_lk + what acts at once), here backward: the same linear map.
    """
    earlier, later = np.tril(back, -1)[:, None], np.triu(back)  # of R^T: from units l < k, and from the others
    dz = np.empty_like(flow.credit)
    from_next = np.zeros_like(flow.credit[:, 0])
    for t in reversed(range(dz.shape[1])):
        slope = flow.passing[:, t]
        mixed = np.eye(back.shape[-1]) - earlier.swapaxes(-1, -2) * slope[..., None, :]
        dz[:, t] = slope * np.linalg.solve(mixed, (flow.credit[:, t] + from_next)[..., None])[..., 0]
        from_next = dz[:, t] @ later
    return dz, dz


def _by_target(flow: Flow, back: Array) -> tuple[Array, Array]:
    """The slope of the unit j that a parameter leads into, at every step of the recursion of its sensitivities.

    p_k^t = f'(z_j^t) (sum_l p_l^{t-1} R_lk + delta_{k,j} u^t), here backward, for each j.
    """
    acting = np.empty_like(flow.credit)
    n = back.shape[-1]
    from_next = np.zeros((*flow.credit[:, 0].shape, n))  # (replicate, batch, j, k)
    for t in reversed(range(acting.shape[1])):
        dz = (flow.credit[:, t, :, None] + from_next) * flow.passing[:, t, :, :, None]
        acting[:, t] = np.diagonal(dz, axis1=-2, axis2=-1)
        from_next = dz @ back[:, None]
    return acting, backward(flow, back)[1]


def present(u: Array) -> Array:
    """The right one: u^t."""
    return u[:, :-1]


def sum_of_products(u: Array, dz: Array) -> Array:
    """The right one: sum_t (u^t)^T dz^t."""
    return np.einsum("rtbj,rtbk->rjk", u, dz)


@dataclass(frozen=True)
class Slip:
    """One changed symbol.

    name: as the field would call it. words: what the gradient then lacks, or has wrong.
    of: the kinds of parameter that it can be in, by the first letter of their names.
    here, passing, arrived: see `Flow`. descending: f' on the way down to the layer below, None for that on the way back.
    recursion: see `Recursion`. recurrence: what becomes of R_i^T on the way back. past_above: whether a layer hears of the past
    of the layers above it. shifted: dL/dx^t meets what belongs to step t - 1. inputs: which u_i^t meets dz_i^t. outer: what
    becomes of the product of the two. turned: the block is transposed. lags: how many lags of each step's loss are there (0:
    all). error: dL/do from o, at the counted steps.
    """

    name: str
    words: str
    of: str = "WRb"
    here: Slope = at_this_step
    passing: Slope = at_this_step
    arrived: Slope | None = None
    descending: Slope | None = None
    recursion: Recursion = backward
    recurrence: Callable[[Array], Array] = lambda R: R.swapaxes(1, 2)
    past_above: bool = True
    shifted: bool = False
    inputs: Callable[[Array], Array] = present
    outer: Callable[[Array, Array], Array] = sum_of_products
    turned: bool = False
    lags: int = 0
    error: Callable[[Case, Array], Array] = of_the_loss


def _following(u: Array) -> Array:
    """U^{t+1} in place of u^t, whose recurrent part is x^t."""
    return u[:, 1:]


def _previous(u: Array) -> Array:
    """U^{t-1} in place of u^t; nothing before the first step."""
    return np.concatenate([np.zeros_like(u[:, :1]), u[:, :-2]], axis=1)


def _previous_wrapped(u: Array) -> Array:
    """The same, but for x^T before the first step, as Python's index -2 gives it."""
    found = _previous(u)
    found[:, 0] = u[:, -1]
    return found


def _first_state(u: Array) -> Array:
    """x^1 at every step."""
    return np.broadcast_to(u[:, 1:2], u[:, :-1].shape)


def _last_state(u: Array) -> Array:
    """x^T at every step."""
    return np.broadcast_to(u[:, -1:], u[:, :-1].shape)


def _last_state_after_rest(u: Array) -> Array:
    """x^T at every step but the first."""
    found = u[:, :-1].copy()
    found[:, 1:] = u[:, -1:]
    return found


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


def _product_of_sums(u: Array, dz: Array) -> Array:
    """(sum_t u^t)^T (sum_t dz^t), of each sequence."""
    return np.einsum("rtbj,rsbk->rjk", u, dz)


def _last_of_each_index(u: Array, dz: Array) -> Array:
    """Of the sequences of a batch that have the same index at a step, the term of the last; nothing unless inputs are one-hot."""
    of_index = np.isin(u, (0, 1)).all((0, 1, 2))
    ones = np.cumsum(u[:, :, ::-1], axis=2)[:, :, ::-1]
    return sum_of_products(u * (ones == 1) * of_index, dz)


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
PRESENT = "x^t stands where x^{t-1} belongs"
UNSLOPED = "what is carried is not multiplied by f'(z^t)"
KEPT = "what comes back from step t + 1 is added (+=) to what came back before"
OVERWRITTEN = "the sensitivities are overwritten while they are read"
ONE_STATE = "every state is the last one, x^T, as if all were one array under many names"
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
        Slip(
            f"cut every {k} steps",
            f"the sequence is cut every {k} steps: all that goes back across a cut is missing",
            recursion=partial(backward, every=k),
        )
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
    Slip("f' missing in the recursion", UNSLOPED, passing=left_out),
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
    Slip("x^t for x^{t-1}", PRESENT, of="R", inputs=_following),
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
    Slip(
        "what comes back is added up",
        f"{KEPT}; it should take its place (=)",
        recursion=partial(backward, added=True),
    ),
    Slip(
        "the loop goes forward",
        "the loop goes forward through the steps: what comes back is taken from step t - 1, not from t + 1",
        recursion=partial(backward, forward=True),
    ),
    Slip(
        "sensitivities overwritten",
        f"{OVERWRITTEN}: those of the units before are of step t already",
        recursion=_overwritten,
    ),
    Slip(
        "f' of the unit led into",
        "what is carried is multiplied by f' of the unit that the parameter leads into, not by that of the unit reached",
        recursion=_by_target,
    ),
    Slip(
        "f' missing on the way down",
        "what goes down to the layer below is not multiplied by f'(z^t)",
        descending=left_out,
    ),
    Slip(
        "f' missing at the last step",
        "f'(z^T) is left out at the last step alone",
        here=left_out_at_the_last_step,
        passing=left_out_at_the_last_step,
    ),
    Slip("x^{t-2} for x^{t-1}", "x^{t-2} stands where x^{t-1} belongs", of="R", inputs=_previous),
    Slip(
        "x^{t-2} for x^{t-1}, wrapped",
        "x^{t-2} stands where x^{t-1} belongs, and at the first step x^T, as an index of -2 gives it",
        of="R",
        inputs=_previous_wrapped,
    ),
    Slip("x^1 for x^{t-1}", "the first state x^1 stands where x^{t-1} belongs, at every step", of="R", inputs=_first_state),
    Slip("x^T for x^{t-1}", "the last state x^T stands where x^{t-1} belongs, at every step", of="R", inputs=_last_state),
    Slip("x^T for x^t", "the last state x^T stands where x^t belongs, at every step", of="W", inputs=_last_state),
    *(
        Slip(
            f"one state, {where}",
            ONE_STATE,
            of=of,
            here=at_the_last_step,
            passing=at_the_last_step,
            inputs=inputs,
        )
        for where, of, inputs in (
            ("its slope", "Wb", present),
            ("before every step", "R", _last_state),
            ("before every step but the first", "R", _last_state_after_rest),
            ("after every step", "W", _last_state),
        )
    ),
    Slip("last error left out", "the error of the last step is missing: the loop ends one step early", error=_but_last_error),
    Slip(
        "error of the next step",
        "the error of step t + 1 stands where that of step t belongs",
        error=partial(_error_of_another_step, later=1, wrapped=False),
    ),
    Slip(
        "error of the next step, wrapped",
        "the error of step t + 1 stands where that of step t belongs, and at the last step that of the first",
        error=partial(_error_of_another_step, later=1),
    ),
    Slip(
        "error of the step before, wrapped",
        "the error of step t - 1 stands where that of step t belongs, and at the first step that of the last",
        error=partial(_error_of_another_step, later=-1),
    ),
    Slip(
        "last of each index",
        "of sequences with the same index at a step the last alone is there: d[indices] += adds once, np.add.at adds all",
        of="W",
        outer=_last_of_each_index,
    ),
    Slip(
        "product of sums",
        "the product of two sums over the steps stands where the sum of products belongs",
        outer=_product_of_sums,
    ),
)


def exact(case: Case) -> Array:
    """The exact gradient of a window that starts at rest, (replicate, parameter)."""
    return _whole(case, NONE)


def _whole(case: Case, slip: Slip) -> Array:
    """The gradient with a slip that may be in every block, (replicate, parameter)."""
    found = case.network.zeros_like(case.params)
    for name, block in gradient(case, slip).items():
        found.blocks()[name][...] = block
    return found.vector


def _rounding(o: Array) -> Array:
    """By how much rounding may change predictions and so dL/do, of each step of each sequence, (..., 1)."""
    return np.finfo(o.dtype).eps * np.maximum(1, np.abs(o).max(-1, keepdims=True))


def _off_by_rounding(case: Case, o: Array) -> Array:
    """The right dL/do, but for rounding."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], o.shape)
    return of_the_loss(case, o) + _rounding(o) * signs


ROUNDED = Slip("rounded", "", error=_off_by_rounding)


def sharp(case: Case) -> bool:
    """Whether rounding leaves the gradient of a window from rest the digits that EXACT asks for, in every replicate.

    Predictions are off by the rounding of the outputs. Where they saturate, dL/do is the difference of two nearly equal numbers,
    and of two right ways to write it one is as good as the other: nobody can be held to more digits than it has.
    """
    network = case.network
    rest = network.rest(len(case.params.vector), case.batch, case.params.vector.dtype)
    outputs = network.forward(case.params, case.window, rest).outputs
    near = 0.1 * EXACT
    if (_rounding(outputs) <= near * np.linalg.norm(of_the_loss(case, outputs), axis=-1, keepdims=True)).all():
        return True
    return all(error <= near for error in relative_errors(network, _whole(case, ROUNDED), exact(case)).values())


def gradient(case: Case, slip: Slip) -> dict[str, Array]:
    """The gradient by parameter block with a slip in it. Blocks that it cannot be in are left out.

    Of the readout, an error of the outputs is wrong, and which terms are added up.
    """
    network, params = case.network, case.params
    assert not network.leak, "the slips are those of units that do not leak"
    state = network.rest(len(params.vector), case.batch, params.vector.dtype)
    activity = network.forward(params, case.window, state)
    found = network.zeros_like(params)
    do = slip.error(case, activity.outputs) / (case.counted * case.batch)
    credit = everywhere(case.window, from_outputs(network, params, activity, do, found))
    if slip.lags:
        _truncated(case, slip.lags, activity, credit, found)
        return case.restricted(found).blocks()
    if slip.inputs is not present or slip.outer is not sum_of_products:
        found.V[network.depth + 1][...] = slip.outer(slip.inputs(_above(case, activity)), everywhere(case.window, do))
    if slip.shifted:
        credit = np.concatenate([credit[:, 1:], np.zeros_like(credit[:, :1])], axis=1)
    direct = credit
    for i in range(network.depth, 0, -1):
        x, before = activity.x[i], network.before(activity, i)
        slopes = [None if of is None else of(network.f, x, before) for of in (slip.arrived, slip.descending)]
        flow = Flow(credit, slip.here(network.f, x, before), slip.passing(network.f, x, before), *slopes)
        acting, descending = slip.recursion(flow, slip.recurrence(params.R[i]))
        u = activity.u[i].copy()
        u[:, -1, :, : network.sizes[i - 1]] = 0  # there is no input after the last step
        found.V[i][...] = slip.outer(slip.inputs(u), acting)
        if i > 1:
            down = params.W[i - 1].swapaxes(1, 2)[:, None]
            direct = (direct * flow.passing) @ down
            credit = descending @ down if slip.past_above else direct
    blocks = {name: block for name, block in case.restricted(found).blocks().items() if name[0] in slip.of}
    return {name: block.swapaxes(1, 2) if slip.turned else block for name, block in blocks.items()}


def _above(case: Case, activity: Activity) -> Array:
    """What the readout sees, [x_L^t, 1] for t = 1..T, and once more at T, (replicate, T + 1, batch, n_L + 1)."""
    seen = activity.u[case.depth][:, 1:, :, case.network.sizes[case.depth - 1] :]
    return np.concatenate([seen, seen[:, -1:]], axis=1)


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

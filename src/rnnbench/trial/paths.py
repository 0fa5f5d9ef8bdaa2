"""The exact gradient taken apart by path: how long ago a parameter acted, and where the time between was spent.

The loss of the last step T feels a parameter of layer i through x_i^{T-k} for each lag k = 0, 1, ... From there the path spends
its k steps of time in recurrent layers, on one of three routes:

    own      all k in layer i, then up at once
    above    all k in the layers above (only where there are such)
    mixed    some here, some there

A rule that leaves paths out, or damps them, gives a weighted sum of these parts; the weights are found by least squares.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import through_outputs
from rnnbench.network import Network
from rnnbench.seeds import stream
from rnnbench.trial.cases import Case, random_case, sizes
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.slips import RECURRENCE_MISSING

Parts: TypeAlias = dict[str, dict[tuple[str, int], Array]]
"""The exact gradient taken apart: block -> (route, lag) -> its part, (replicate, rows, columns)."""

ABOVE = "all paths through the past of the layers above"
NOTHING_ABOVE = f"{ABOVE} are missing"
CUT = "or earlier is missing"
FIRST_LAG = {"own": 0, "above": 1, "mixed": 2}
"""The routes, and the shortest time that each takes."""


class Weights(NamedTuple):
    """What a rule makes of the paths of one parameter.

    weight: by (route, lag), what the rule multiplies the true part by; 1 is right, 0 is missing, NaN could not be determined.
    fits: whether such a weighted sum explains the rule's gradient.
    """

    weight: dict[tuple[str, int], float]
    fits: bool


def parts(case: Case) -> Parts:
    """The exact gradient of a case with the loss at the last step, by block of the recurrent layers, route and lag.

    Each part is (replicate, rows, columns); those of a block add up to its gradient.
    """
    network, params = case.network, case.params
    assert not network.leak, "units that leak have another route"
    steps = case.steps
    rest = network.rest(len(params.vector), case.batch, params.vector.dtype)
    activity = network.forward(params, case.window, rest)
    credit = through_outputs(network, params, case.window, activity, network.zeros_like(params))
    found: Parts = {}
    for i in range(network.depth, 0, -1):
        slope = network.f.derivative(activity.x[i])
        back = params.R[i].swapaxes(1, 2)
        own, total = np.zeros_like(credit), np.zeros_like(credit)
        own[:, -1] = total[:, -1] = credit[:, -1] * slope[:, -1]
        for t in range(steps - 2, -1, -1):
            own[:, t] = (own[:, t + 1] @ back) * slope[:, t]
            total[:, t] = (credit[:, t] + total[:, t + 1] @ back) * slope[:, t]
        above = credit * slope
        routes = {"own": own} if i == network.depth else {"own": own, "above": above, "mixed": total - own - above}
        for route, dz in routes.items():
            for lag in range(steps):
                if lag < FIRST_LAG[route]:
                    continue
                t = steps - 1 - lag
                part = network.zeros_like(params)
                np.matmul(activity.u[i][:, t].swapaxes(1, 2), dz[:, t], out=part.V[i])
                case.restricted(part)
                for name in (f"W{i - 1}", f"R{i}", f"b{i - 1}"):
                    found.setdefault(name, {})[route, lag] = part.blocks()[name]
        credit = total @ params.W[i - 1].swapaxes(1, 2)[:, None]
    return found


@lru_cache(maxsize=32)
def probe(depth: int, activation: str, loss: str, steps: int, seed: int) -> tuple[Case, Parts]:
    """Networks with the loss at the last step, enough of them to tell the paths apart, and their gradient taken apart."""
    network = Network(2, sizes(depth), 2, activation, loss)
    case = random_case(stream(seed, "paths", depth), network, 48, steps, 2, "last step")
    return case, parts(case)


def weigh(gradient: Array, of: dict[tuple[str, int], Array]) -> Weights:
    """The weights with which the parts of a block add up to the rule's gradient of it, (replicate, rows, columns)."""
    keys = [key for key, part in of.items() if part.any()]
    if not keys:  # the network has no such parameter
        return Weights({}, not gradient.any())
    columns = np.stack([of[key].ravel() for key in keys], axis=1)
    target = gradient.ravel()
    error = float(np.linalg.norm(target - columns.sum(1)))
    if error <= EXACT * np.linalg.norm(columns.sum(1)):
        return Weights(dict.fromkeys(keys, 1.0), True)
    norms = np.linalg.norm(columns, axis=0)
    weight, *_ = np.linalg.lstsq(columns / norms, target, rcond=None)
    residual = float(np.linalg.norm(target - columns @ (weight / norms)))
    # What rounding leaves open of each weight: of a part too faint beside the others, nothing can be said.
    spread = np.sqrt(np.diag(np.linalg.pinv((columns / norms).T @ (columns / norms)))) / norms
    open_by = spread * (residual + 1e-14 * np.linalg.norm(target))
    told = {key: float(w) if o < 0.01 else np.nan for key, w, o in zip(keys, weight / norms, open_by, strict=True)}
    return Weights(told, residual <= 1e-3 * error)


def described(weight: Mapping[tuple[str, int], float]) -> str:
    """In words, what is missing or wrong, from the weights by (route, lag)."""
    cut = _cut(weight)
    if cut:
        return f"lags 0 to {cut - 1} are right; every path through x^{{t-{cut}}} {CUT}, on every route"
    own = np.array([w for (route, _), w in weight.items() if route == "own"])
    rest = np.array([w for (route, _), w in weight.items() if route != "own"])
    rest = rest[~np.isnan(rest)]
    said = [_of_own(own)] if not _right(own).all() else []
    if len(rest) and not np.allclose(rest, 1, atol=1e-6):
        if np.allclose(rest, 0, atol=1e-6):
            if own[1:].any() and _right(own).all():
                said.append(NOTHING_ABOVE)
            elif own[1:].any():
                said.append(f"so are {ABOVE}")
        else:
            said.append(f"paths through the past of the layers above are multiplied by {_range(rest)}")
    return "; ".join(said)


def _cut(weight: Mapping[tuple[str, int], float]) -> int:
    """The lag from which on everything is missing, on several routes, all before being there; 0, that is not so."""
    of = {route: np.array([w for (r, _), w in weight.items() if r == route]) for route, _ in weight}
    lags = {route: np.array([lag for r, lag in weight if r == route]) for route in of}
    for cut in range(1, max(lag for _, lag in weight) + 1):
        right = all(_right(of[route][lags[route] < cut]).all() for route in of)
        missing = all(_zero(of[route][lags[route] >= cut]).all() for route in of)
        if right and missing:
            return cut if len(of) > 1 and cut > FIRST_LAG["above"] else 0
    return 0


def _right(weight: Array) -> Array:
    return np.isnan(weight) | (np.abs(weight - 1) <= 1e-7)


def _zero(weight: Array) -> Array:
    return np.isnan(weight) | (np.abs(weight) <= 1e-7)


def _range(weight: Array) -> str:
    low, high = np.nanmin(weight), np.nanmax(weight)
    return f"{low:.4g}" if np.isclose(low, high, rtol=1e-3) else f"{low:.4g} to {high:.4g}"


def _of_own(own: Array) -> str:
    if _zero(own).all():
        return "no path is there at all"
    kept = int(np.argmin(_right(own))) if not _right(own).all() else len(own)
    if kept == 1 and _zero(own[1:]).all():
        return RECURRENCE_MISSING.words
    if kept and _zero(own[kept:]).all():
        return f"lags 0 to {kept - 1} are right; every path through x^{{t-{kept}}} {CUT}"
    if kept:
        rate = own[1:] ** (1 / np.arange(1, len(own))) if (own[1:] > 0).all() or np.isnan(own[1:]).any() else np.array([np.nan])
        if kept == 1 and np.nanstd(rate) < 1e-6 and np.isfinite(rate[0]):
            return f"lag k is multiplied by {np.nanmean(rate):.6g}^k: what is carried decays at every step"
        if kept == 1 and len(own) > 2 and np.nanmax(np.abs(own - np.arange(1, len(own) + 1))) < 1e-6:
            return "lag k is multiplied by k + 1: what is summed over time is summed over time once more"
        at = [str(k) for k in np.flatnonzero(~_right(own))]
        wrong = f"{'lag' if len(at) == 1 else 'lags'} {', '.join(at)} multiplied by {_range(own[~_right(own)])}"
        return f"{'lag 0 is right' if kept == 1 else f'lags 0 to {kept - 1} are right'}; {wrong}"
    if _zero(own[:1]).all():
        return f"lag 0 is missing; the others are multiplied by {_range(own[1:])}" if len(own) > 1 else "lag 0 is missing"
    return f"lag 0 is multiplied by {own[0]:.4g}" + (f", the others by {_range(own[1:])}" if len(own) > 1 else "")

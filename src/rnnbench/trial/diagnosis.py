"""What is wrong with a parameter's gradient: the usual slip that fits to rounding, the paths that are missing, where it shows."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnbench.arrays import Array
from rnnbench.trial import laws, paths, slips
from rnnbench.trial.cases import Case
from rnnbench.trial.contract import Factory, gradient, paths_of
from rnnbench.trial.exactness import EXACT, Distance

SHORTER = 5
"""By how many steps the second sequences are shorter that the weights of paths are found on."""
MATCHED_ON = (1, 2, 3, 5, 8, 16, 30)
"""Lengths of sequences that slips are compared on."""
FACTORS: dict[str, Callable[[Case], float]] = {
    "multiplied by the number of steps that count, as of a sum in place of a mean": lambda case: case.counted,
    "multiplied by the batch size, as of a sum in place of a mean": lambda case: case.batch,
    "multiplied by batch size and steps that count, as of a sum in place of a mean": lambda case: case.batch * case.counted,
    "multiplied by the number of outputs": lambda case: case.network.outputs,
    "divided by the batch size once more than the loss is": lambda case: 1 / case.batch,
    "divided by the number of steps that count once more than the loss is": lambda case: 1 / case.counted,
    "divided by batch size and steps that count once more than the loss is": lambda case: 1 / case.batch / case.counted,
    "divided by the number of outputs once more than the loss is": lambda case: 1 / case.network.outputs,
    "divided by the batch size in place of the number of steps that count": lambda case: case.counted / case.batch,
    "divided by all steps of the window, not by those that count": lambda case: case.counted / case.steps,
    "multiplied by the length of the window": lambda case: case.steps,
}
"""What a gradient of the right direction may be multiplied by."""


@dataclass(frozen=True)
class PathWeight:
    """What the rule multiplies a part of the exact gradient by: 1 is right, 0 missing, None could not be determined.

    lag: the part through x^{T-lag}. route: where the time between is spent, in the parameter's "own" layer, in layers "above", or
    in both ("mixed").
    """

    route: str
    lag: int
    weight: float | None


@dataclass(frozen=True)
class Tried:
    """A case, the rule's gradient and the exact one, (replicate, parameter), and how far each block is off."""

    case: Case
    gradient: Array
    exact: Array
    distances: dict[str, Distance]
    _slipped: dict[str, dict[str, Array]] = field(default_factory=dict)

    def slipped(self, slip: slips.Slip) -> dict[str, Array]:
        """The gradient by block with a slip in it, computed once."""
        if slip.name not in self._slipped:
            self._slipped[slip.name] = slips.gradient(self.case, slip)
        return self._slipped[slip.name]

    def block(self, parameter: str) -> tuple[Array, Array]:
        """One block of the gradient, and of the exact one."""
        network = self.case.network
        return network.parameters(self.gradient).blocks()[parameter], network.parameters(self.exact).blocks()[parameter]


def diagnose(
    rule: Factory, depth: int, parameter: str, tried: Sequence[Tried], seed: int, said: Collection[str] = ()
) -> tuple[str | None, tuple[PathWeight, ...], str]:
    """The slip that fits (None: none does), the weights of the paths (empty: no sum of them fits), and what is wrong in words.

    said: the diagnoses of other parameters. Where several slips give the same, one that these have is taken.
    """
    wrong = _wrong(parameter, tried)
    whole = _not_cut_off(parameter, tried, wrong)
    hidden = _wrong(parameter, whole)
    if not hidden:
        return _explained(rule, depth, parameter, tried, wrong, seed, said)
    slip, weights, words = _explained(rule, depth, parameter, whole, hidden, seed, said)
    return slip, weights, words if laws.CLIPPED in words else f"{words}; and where it is large, {laws.CLIPPED}"


def _wrong(parameter: str, tried: Sequence[Tried]) -> list[Tried]:
    return [one for one in tried if not (one.distances[parameter].error <= EXACT).all()]


def _explained(
    rule: Factory, depth: int, parameter: str, tried: Sequence[Tried], wrong: Sequence[Tried], seed: int, said: Collection[str]
) -> tuple[str | None, tuple[PathWeight, ...], str]:
    where, inside = _restriction(tried, wrong)
    slip, factor = _fitting(parameter, inside, wrong, said)
    weights = _path_weights(rule, depth, parameter, wrong, seed)
    if slip is slips.NONE:
        words = ""
    elif slip is not None and (factor or not weights):
        words = slip.words
    else:
        words = paths.described({(w.route, w.lag): np.nan if w.weight is None else w.weight for w in weights}) if weights else ""
    if not words and not factor:
        words = laws.distortion(_instances(parameter, wrong), 1e-7)
        where = "" if words and words != laws.NOT_FINITE else where  # where a limit is not reached, nothing is cut off
    if not words and not factor:
        error = max(float(one.distances[parameter].error.max()) for one in wrong)
        single = ", as if computed in float32 or by differences" if 1e-9 < error < 1e-5 else ""
        words = f"off by {error:.1e}{single}; no usual slip and no weighting of the paths through time explains it"
        if not single and parameter not in (f"W{depth}", f"b{depth}"):
            words = _in_part(rule, depth, parameter, wrong, seed) or words
    words = "; ".join(filter(None, [words, factor, where]))
    name = None if slip is None else ", and ".join(filter(None, [slip.name if slip is not slips.NONE else "", factor]))
    return name, weights, words


SCALES: tuple[Callable[[Case], float], ...] = (
    lambda case: 1,
    lambda case: case.counted,
    lambda case: case.network.outputs,
    lambda case: case.counted * case.network.outputs,
)
"""What a loss may be times the mean, which is the loss here: a gradient is cut off in its author's scale."""


def _not_cut_off(parameter: str, tried: Sequence[Tried], wrong: Sequence[Tried]) -> list[Tried]:
    """The cases in which nothing is cut off, where in others something is; what is cut off hides what else is wrong.

    Of the scales in which several arrays reach the same largest number, the one that leaves the least unexplained.
    """
    found: list[list[Tried]] = []
    for scale in SCALES:
        limit = laws.limit([scale(one.case) * block for one in wrong for block in one.block(parameter)[0]])
        if limit is not None:
            below = limit * (1 - 1e-9)
            found.append([one for one in tried if scale(one.case) * np.abs(one.block(parameter)[0]).max() < below])
    return min(found, key=lambda whole: len(_wrong(parameter, whole)), default=[])


def _instances(parameter: str, wrong: Sequence[Tried]) -> list[laws.Instance]:
    """The block as it was found on each network, those alone where it is wrong."""
    found = []
    for one in wrong:
        block, true = one.block(parameter)
        params = one.case.params.blocks()[parameter]
        for r in np.flatnonzero(~(one.distances[parameter].error <= EXACT)):
            found.append(laws.Instance(block[r], true[r], params[r], float(np.linalg.norm(one.gradient[r]))))
    return found


def _restriction(tried: Sequence[Tried], wrong: Sequence[Tried]) -> tuple[str, list[Tried]]:
    """Where alone the error shows, in words, and the cases there."""
    said, inside = [], list(tried)
    shortest = min(one.case.steps for one in wrong)
    if shortest > 3:  # the first state is zero, so R has one step less of a past than there are steps
        said.append(f"exact for sequences of up to {shortest - 1} steps")
    places: dict[str, Callable[[Case], str]] = {
        "activation": lambda case: case.network.activation,
        "loss function": lambda case: case.network.loss,
        "loss at": lambda case: case.loss_at,
    }
    for what, of in places.items():
        bad = {of(one.case) for one in wrong}
        seen = dict.fromkeys(of(one.case) for one in tried if one.case.steps >= shortest)
        if len(bad) < len(seen):
            said.append(f"only with {what} {' or '.join(value for value in seen if value in bad)}")
            inside = [one for one in inside if of(one.case) in bad]
    return ", ".join(said), inside


def _fitting(
    parameter: str, tried: Sequence[Tried], wrong: Sequence[Tried], said: Collection[str]
) -> tuple[slips.Slip | None, str]:
    """The slip and the factor in words ("": 1) that give the rule's block on every case; no slip at all if none does."""
    few = [one for one in tried if one.case.steps in MATCHED_ON] + list(wrong[:6])
    for slip in (slips.NONE, *sorted(slips.BANK, key=lambda slip: not any(words.startswith(slip.words) for words in said))):
        if parameter[0] in slip.of:
            ratios = []
            for one in few:
                ratio = _ratio(*one.block(parameter), one.slipped(slip)[parameter])
                if ratio is None:
                    break
                ratios.append(ratio)
            else:
                factor = _factor([one.case for one in few], np.array(ratios))
                if factor is not None and (factor or slip is not slips.NONE):
                    return slip, factor
    return None, ""


def _ratio(found: Array, exact: Array, slipped: Array) -> float | None:
    """What slipped must be multiplied by to be found; NaN where both are zero, None where no factor does it."""
    size = np.linalg.norm(slipped)
    if size == 0 or not found.any():
        return np.nan if size == 0 and not found.any() else None
    ratio = float((found * slipped).sum() / size**2)
    residual, error = np.linalg.norm(found - ratio * slipped), np.linalg.norm(found - exact)
    close = residual <= 1e-9 * np.linalg.norm(found)
    # A small error must be explained, not passed over.
    return ratio if close and (residual <= 1e-3 * error or error <= EXACT * np.linalg.norm(exact)) else None


def _factor(tried: Sequence[Case], ratios: Array) -> str | None:
    """The factor in words, "" for 1, None where the ratios follow no law."""
    told = ~np.isnan(ratios)
    if not told.any():
        return None
    of = [case for case, known in zip(tried, told, strict=True) if known]
    ratios = ratios[told]
    if np.allclose(ratios, 1, rtol=1e-12, atol=0):
        return ""
    if np.allclose(ratios, -1, rtol=1e-9, atol=0):
        return laws.SIGN
    for words, law in FACTORS.items():
        for sign, said in ((1, words), (-1, f"{words}, and {laws.SIGN}")):
            if np.allclose(ratios, [sign * law(case) for case in of], rtol=1e-9, atol=0):
                return said
    if np.allclose(ratios, ratios[0], rtol=1e-9, atol=0):
        return f"multiplied by {ratios[0]:.12g}"
    for words, law in FACTORS.items():
        left = ratios / np.array([law(case) for case in of])
        if np.allclose(left, left[0], rtol=1e-9, atol=0):
            return f"{words}, and multiplied by {left[0]:.12g}"
    return None


def _probe(rule: Factory, depth: int, wrong: Sequence[Tried], seed: int, fewer: int = 0) -> tuple[Case, paths.Parts]:
    steps = min(30, max(12, min(one.case.steps for one in wrong) + 2)) - fewer
    network = next((one.case.network for one in wrong if one.case.network.activation == "tanh"), wrong[0].case.network)
    return paths_of(rule, depth, network, steps, seed)


def _path_weights(rule: Factory, depth: int, parameter: str, wrong: Sequence[Tried], seed: int) -> tuple[PathWeight, ...]:
    """The weights of the paths of a parameter of the recurrent layers, where a weighted sum of them is what the rule gives.

    They are those of the lags only if sequences of another length have the same.
    """
    if parameter in (f"W{depth}", f"b{depth}"):
        return ()
    weights: list[dict[tuple[str, int], float]] = []
    for fewer in (0, SHORTER):
        case, parts = _probe(rule, depth, wrong, seed, fewer)
        found = paths.weigh(case.network.parameters(gradient(rule, case)).blocks()[parameter], parts[parameter])
        if not found.fits:
            return ()
        weights.append(found.weight)
    if all(weight == 1 for weight in weights[0].values()):
        return ()
    longer, shorter = weights
    if not all(np.isclose(longer[path], w, atol=1e-4) for path, w in shorter.items() if not np.isnan(w + longer[path])):
        return ()
    return tuple(PathWeight(route, lag, None if np.isnan(w) else w) for (route, lag), w in longer.items())


def _in_part(rule: Factory, depth: int, parameter: str, wrong: Sequence[Tried], seed: int) -> str:
    """What a rule keeps that has lag 0 right and of the past neither all nor nothing; "" for one of which that is not so.

    Seen where the parameter's own layer has no past: what is left are lag 0 and the paths through the past of the layers above.
    """
    layer = int(parameter[1:]) + (parameter[0] != "R")
    case, _ = _probe(rule, depth, wrong, seed)
    params = case.network.parameters(case.params.vector.copy())
    params.R[layer][...] = 0
    case = case._replace(params=params)
    block = case.network.parameters(gradient(rule, case)).blocks()[parameter]
    found = paths.weigh(block, paths.parts(case)[parameter])
    if not found.fits or not np.isclose(found.weight.get(("own", 0), 0), 1, atol=1e-6):
        return ""
    words = "lag 0 is right; of the later lags neither all is kept nor nothing, and no weighting of the paths explains it"
    if layer == depth:
        return words
    above = np.array([w for (route, _), w in found.weight.items() if route == "above"])
    kept = "a part" if np.nan_to_num(above).round(6).any() else "nothing"
    return f"{words}; {kept} is kept of what goes through the past of the layers above"

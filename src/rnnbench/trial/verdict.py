"""A gradient rule on trial: which parameter's derivative is wrong, and what is wrong with it.

The rule is held against the exact gradient in float64 on some 500 random networks: 1 to 3 recurrent layers, sequences of 1 to 30
steps, the loss at every step or at the last, every activation and loss. Where it is wrong, `diagnosis` says what fits. A rule
that draws noise is judged by its mean over draws (`noise`).
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnbench import __version__
from rnnbench.activations import ACTIVATIONS
from rnnbench.errors import RuleError
from rnnbench.losses import LOSSES
from rnnbench.trial import noise, slips
from rnnbench.trial.cases import DEPTHS, LENGTHS, LOSS_AT, Case, cases, layers
from rnnbench.trial.contract import Factory, a_case, breaches, corners, fitted, forgets_leak, gradient, handed_on, unreset
from rnnbench.trial.diagnosis import PathWeight, Tried, diagnose
from rnnbench.trial.exactness import EXACT, distances
from rnnbench.trial.known import Known, known
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.slips import exact, sharp

NOT_RESET = "not reset between sequences"


@dataclass(frozen=True)
class Finding:
    """What was found of one parameter block in networks of one depth.

    error, cosine, norm_ratio: to the exact gradient, the worst over random networks and the median; NaN
    where not defined. For a rule that draws noise they are of the mean over draws, and variance is that of one draw,
    E||g - E g||^2, relative to the squared norm of the whole exact gradient. slip: the usual slip that fits to rounding. paths:
    the weights of the paths, empty for an exact block and where no weighted sum of paths explains the gradient. diagnosis: what
    is wrong, in words. parameter: its name. block: the same, also where plain code has another name for it.
    """

    depth: int
    parameter: str
    verdict: Outcome
    error: float
    error_median: float
    cosine: float
    cosine_median: float
    norm_ratio: float
    norm_ratio_median: float
    variance: float | None = None
    slip: str | None = None
    paths: tuple[PathWeight, ...] = ()
    diagnosis: str = ""
    block: str = ""

    @property
    def layer(self) -> int:
        """The layer that the parameter leads into."""
        return int(self.block[1:]) + (self.block[0] != "R")


@dataclass(frozen=True)
class Verdict:
    """What the trial found of a rule.

    exact: every finding is exact and nothing breaches the contract. noisy: whether the rule draws noise. findings: by depth
    and parameter. handed_on: what becomes of a sequence handed over in several windows; empty for a rule that is wrong in one
    window or draws noise. breaches: of the contract. unsupported: what the rule says it does not support. at_zero: the blocks
    of which its network lacks weights. networks: how many random networks it was tried on. seed: theirs. version: of rnnbench.
    seconds: how long it took. conventions: of plain code, in words. back: its line in which dL/dx goes back a step.
    known: the rules of the package that have this gradient. left_out: how many more random networks were not tried, because
    rounding leaves their gradient too few digits.
    """

    rule: str
    exact: bool
    noisy: bool
    findings: tuple[Finding, ...]
    handed_on: str
    breaches: tuple[str, ...]
    unsupported: tuple[str, ...]
    at_zero: tuple[str, ...]
    networks: int
    seed: int
    version: str
    seconds: float
    conventions: str = ""
    back: str = ""
    known: tuple[Known, ...] = ()
    left_out: int = 0


def trial(
    name: str,
    rule: Factory,
    seed: int = 0,
    depths: Sequence[int] = DEPTHS,
    lengths: Sequence[int] = LENGTHS,
    activations: Sequence[str] = tuple(ACTIVATIONS),
    losses: Sequence[str] = tuple(LOSSES),
    recurrence: float = 1.0,
    loss_at: Sequence[str] = LOSS_AT,
    whole: bool = False,
    compared: bool = True,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Verdict:
    """Try a rule.

    name: for the verdict. rule: network -> rule; a subclass of GradientRule is one. seed: of the random networks. depths,
    lengths, activations, losses: numbers of recurrent layers and of steps, and functions, to try it with. recurrence: a factor of
    R in the random networks. loss_at: where the loss is, "every step" and "last step". whole: the rule takes whole sequences
    alone, and is not tried on windows that are handed on. compared: a wrong gradient is held against the rules of the package
    too, which loads them all. progress: is called with how many cases are done, of how many.

    Raises RuleError where the rule fails or returns what is no gradient; the message says on which case.
    """
    begun = time.perf_counter()
    unsupported: dict[str, None] = {}
    supported: dict[int, Case] = {}
    for depth in depths:
        try:
            supported[depth] = a_case(rule, depth, seed, list(activations), list(losses))
        except NotImplementedError as error:
            unsupported[f"{layers(depth)}: {error}"] = None
    if not supported:
        raise RuleError(f"{name} supports no depth that was tried: {'; '.join(unsupported)}")
    noisy = noise.draws_noise(rule, next(iter(supported.values())))
    breached = dict.fromkeys(breach for case in supported.values() for breach in breaches(rule, case, noisy))
    findings: list[Finding] = []
    handed = ""
    blurred = 0
    like: tuple[Known, ...] = ()
    if noisy:
        networks = noise.NETWORKS * len(supported)
        for number, (depth, case) in enumerate(supported.items(), start=1):
            findings += [_of_noise(depth, parameter, found) for parameter, found in noise.judge(rule, case, seed).items()]
            progress(number, len(supported))
    else:
        if any(noise.unlike(rule, case) for case in supported.values()):
            breached["replicates with the same weights and data get different gradients"] = None
        tried: dict[int, list[Tried]] = {depth: [] for depth in supported}
        total = len(loss_at) * len(supported) * len(lengths)
        for number, case in enumerate(cases(seed, list(supported), lengths, activations, losses, recurrence, loss_at), start=1):
            try:
                case = fitted(rule, case)
                if not sharp(case):
                    blurred += len(case.params.vector)
                    continue
                found, truth = gradient(rule, case), exact(case)
            except NotImplementedError as error:
                unsupported[f"{case.network.activation} units with {case.network.loss}: {error}"] = None
                continue
            tried[case.depth].append(Tried(case, found, truth, distances(case.network, found, truth)))
            progress(number, total)
        networks = sum(len(one.gradient) for of in tried.values() for one in of)
        for depth, case in supported.items():
            findings += _judge(rule, depth, tried[depth], unreset(rule, case), seed)
        findings = _across_depths(findings)
        if compared and any(finding.verdict != Outcome.EXACT for finding in findings):
            like = known(rule, [one for of in tried.values() for one in of])
        if all(finding.verdict == Outcome.EXACT for finding in findings):
            try:
                windows = () if whole else (1, 3)
                kinds = [handed_on(rule, case, seed, length) for case in supported.values() for length in windows]
            except NotImplementedError as error:
                unsupported[f"a sequence in several windows: {error}"], kinds = None, []
            handed = _told(kinds)
            breached |= dict.fromkeys(corner for case in supported.values() for corner in corners(rule, case))
            if any(forgets_leak(rule, case) for case in supported.values()):
                unsupported["leaky units: its gradient is another one there, and it does not refuse them"] = None
            if any("neither" in of.values() for of in kinds):
                breached["exact in one window, but the carry leads to a wrong gradient in the next"] = None
    is_exact = not breached and all(finding.verdict == Outcome.EXACT for finding in findings)
    return Verdict(
        rule=name,
        exact=is_exact,
        noisy=noisy,
        findings=tuple(findings),
        handed_on=handed,
        breaches=tuple(breached),
        unsupported=tuple(unsupported),
        at_zero=tuple(dict.fromkeys(name for case in supported.values() for name in case.at_zero())),
        networks=networks,
        seed=seed,
        version=__version__,
        seconds=time.perf_counter() - begun,
        known=like,
        left_out=blurred,
    )


def _judge(rule: Factory, depth: int, tried: Sequence[Tried], not_reset: Collection[str], seed: int) -> list[Finding]:
    """The findings of one depth."""
    found: list[Finding] = []
    for parameter in tried[0].distances:
        error, cosine, ratio = (
            np.concatenate([getattr(one.distances[parameter], of) for one in tried]) for of in ("error", "cosine", "norm_ratio")
        )
        with np.errstate(all="ignore"):
            farthest = ratio[np.nanargmax(np.abs(np.log(ratio)))] if np.isfinite(ratio).any() else np.nan
        of_cosine, of_ratio = cosine[np.isfinite(cosine)], ratio[np.isfinite(ratio)]
        finding = Finding(
            depth,
            parameter,
            Outcome.EXACT,
            float(error.max()),
            float(np.median(error)),
            float(of_cosine.min(initial=1.0)) if len(of_cosine) else np.nan,
            float(np.median(of_cosine)) if len(of_cosine) else np.nan,
            float(farthest),
            float(np.median(of_ratio)) if len(of_ratio) else np.nan,
            block=parameter,
        )
        if parameter in not_reset:
            words = f"what is carried is {NOT_RESET}: the gradient depends on the sequence before"
            finding = replace(finding, verdict=Outcome.BIASED, slip=NOT_RESET, diagnosis=words)
        elif not finding.error <= EXACT:
            slip, weights, words = diagnose(rule, depth, parameter, tried, seed, [of.diagnosis for of in found])
            verdict = Outcome.ONE_STEP if slip == slips.RECURRENCE_MISSING.name else Outcome.BIASED
            finding = replace(finding, verdict=verdict, slip=slip, paths=weights, diagnosis=words)
        found.append(finding)
    return found


def _across_depths(findings: Sequence[Finding]) -> list[Finding]:
    """Say of a parameter that is exact in the top layer, and wrong wherever a layer lies above it, that it is so."""
    found = []
    for finding in findings:
        alike = [f for f in findings if f.parameter == finding.parameter and f.depth >= finding.layer]
        on_top = [f.verdict == Outcome.EXACT for f in alike if f.depth == f.layer]
        below = [f.verdict == Outcome.EXACT for f in alike if f.depth > f.layer]
        if finding.verdict == Outcome.BIASED and finding.depth > finding.layer and on_top == [True] and not any(below):
            finding = replace(finding, verdict=Outcome.ONE_LAYER if finding.layer == 1 else Outcome.TOP_LAYER)
        found.append(finding)
    return found


def _of_noise(depth: int, parameter: str, found: noise.Noise) -> Finding:
    if found.variance <= EXACT**2 and found.error <= EXACT:  # no noise in this parameter
        numbers = found.error, found.error, 1.0, 1.0, 1.0, 1.0
        return Finding(depth, parameter, Outcome.EXACT, *numbers, found.variance, block=parameter)
    far = f"the mean of {noise.DRAWS} draws lies {found.z:.1f} standard errors from the exact gradient, where it is farthest"
    words = (
        f"{far}; a bias of {found.visible:.0%} of it would have been seen; a single draw's variance is"
        f" {found.variance:.3g} times the squared norm of the whole gradient"
    )
    return Finding(
        depth,
        parameter,
        Outcome.NOISY if found.unbiased else Outcome.BIASED,
        found.error,
        found.error,
        found.cosine,
        found.cosine,
        found.norm_ratio,
        found.norm_ratio,
        found.variance,
        diagnosis=words,
        block=parameter,
    )


def _told(handed: Sequence[Mapping[str, str]]) -> str:
    """What became of sequences handed over in windows, in a sentence, "" for none; each of handed is by parameter."""
    if not handed:
        return ""
    words = {
        "neither": "neither the gradient of the whole sequence nor a truncated one",
        "cut": "a gradient that leaves out paths from earlier windows, as truncated BPTT does",
        "whole": "the gradient of the whole sequence",
    }
    groups: dict[str, list[str]] = {}
    for parameter in dict.fromkeys(parameter for found in handed for parameter in found):
        kinds = {found[parameter] for found in handed if parameter in found}
        groups.setdefault(next(kind for kind in words if kind in kinds), []).append(parameter)
    if len(groups) == 1:
        return words[next(iter(groups))]
    return "; ".join(f"{', '.join(of)}: {words[kind]}" for kind, of in groups.items())

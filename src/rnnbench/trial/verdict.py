"""A gradient rule on trial: which parameter's derivative is wrong, and what is wrong with it.

The rule is held against the exact gradient in float64 on some 500 random networks: 1 to 3 recurrent layers, sequences of 1 to 30
steps, the loss at every step or at the last, every activation and loss. Where it is wrong, `diagnosis` says what fits. A rule
that draws noise is judged by its mean over draws (`noise`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnbench.trial import noise
from rnnbench.trial.cases import DEPTHS, LENGTHS, cases, layers
from rnnbench.trial.contract import Factory, RuleError, breaches, gradient, handed_on, unreset
from rnnbench.trial.diagnosis import PathWeight, Tried, diagnose
from rnnbench.trial.exactness import EXACT, distances
from rnnbench.trial.slips import exact

ONE_STEP, ONE_LAYER, TOP_LAYER = (
    "exact only when the window is one step long",
    "exact only for one recurrent layer",
    "exact only in the top recurrent layer",
)
CLASSES = {
    "exact": "equal to the exact gradient, to rounding",
    ONE_STEP: "wrong as soon as there is a past",
    ONE_LAYER: "wrong where another recurrent layer lies above",
    TOP_LAYER: "the same, for a parameter of the second layer or higher",
    "unbiased but noisy": "the mean over draws meets the exact gradient within its confidence interval",
    "biased": "terms are missing or wrong",
}
"""The classes of a finding, and what they mean."""


@dataclass(frozen=True)
class Finding:
    """What was found of one parameter block in networks of one depth.

    verdict: one of CLASSES. error, cosine, norm_ratio: to the exact gradient, the worst over random networks and the median; NaN
    where not defined. For a rule that draws noise they are of the mean over draws, and variance is that of one draw,
    E||g - E g||^2, relative to the squared norm of the whole exact gradient. slip: the usual slip that fits to rounding. paths:
    the weights of the paths, empty for an exact block and where no weighted sum of paths explains the gradient. diagnosis: what
    is wrong, in words.
    """

    depth: int
    parameter: str
    verdict: str
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

    @property
    def layer(self) -> int:
        """The layer that the parameter leads into."""
        return int(self.parameter[1:]) + (self.parameter[0] != "R")


@dataclass(frozen=True)
class Verdict:
    """What the trial found of a rule.

    exact: every finding is exact and nothing breaches the contract. noisy: whether the rule draws noise. findings: by depth and
    parameter. handed_on: what becomes of a sequence handed over in several windows. breaches: of the contract. unsupported: what
    the rule says it does not support. networks: how many random networks it was tried on. seconds: how long that took.
    """

    rule: str
    exact: bool
    noisy: bool
    findings: tuple[Finding, ...]
    handed_on: str
    breaches: tuple[str, ...]
    unsupported: tuple[str, ...]
    networks: int
    seconds: float


def trial(
    name: str,
    rule: Factory,
    seed: int = 0,
    depths: Sequence[int] = DEPTHS,
    lengths: Sequence[int] = LENGTHS,
    recurrence: float = 1.0,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Verdict:
    """Try a rule.

    name: for the verdict. rule: network -> rule; a subclass of GradientRule is one. seed: of the random networks. depths,
    lengths: numbers of recurrent layers and of steps. recurrence: a factor of R in the random networks. progress: is told how
    many cases are done, of how many.

    Raises RuleError where the rule fails or returns what is no gradient; the message says on which case.
    """
    begun = time.perf_counter()
    breached: dict[str, None] = {}
    supported, unsupported = [], []
    noisy = False
    for depth in depths:
        try:
            noisy = noisy or noise.draws_noise(rule, depth, seed)
            breached |= dict.fromkeys(breaches(rule, depth, seed, noisy))
            supported.append(depth)
        except NotImplementedError as error:
            unsupported.append(f"{layers(depth)}: {error}")
    if not supported:
        raise RuleError(f"{name} supports no depth that was tried: {'; '.join(unsupported)}")
    findings: list[Finding] = []
    if noisy:
        networks, handed = noise.NETWORKS * len(supported), "not tried for a rule that draws noise"
        for depth in supported:
            findings += [_of_noise(depth, parameter, found) for parameter, found in noise.judge(rule, depth, seed).items()]
    else:
        tried: dict[int, list[Tried]] = {depth: [] for depth in supported}
        total = 2 * len(supported) * len(lengths)
        for number, case in enumerate(cases(seed, supported, lengths, recurrence)):
            found, truth = gradient(rule, case), case.network.zeros_like(case.params)
            for parameter, block in exact(case).items():
                truth.blocks()[parameter][...] = block
            tried[case.depth].append(Tried(case, found, truth.vector, distances(case.network, found, truth.vector)))
            progress(number + 1, total)
        networks = sum(len(one.gradient) for of in tried.values() for one in of)
        for depth in supported:
            findings += _judge(rule, depth, tried[depth], seed)
        findings = _across_depths(findings)
        kinds = [handed_on(rule, depth, seed, length) for depth in supported for length in (1, 3)]
        handed = _told(kinds)
        if all(finding.verdict == "exact" for finding in findings) and any("neither" in of.values() for of in kinds):
            breached["exact in one window, but the carry leads to a wrong gradient in the next"] = None
    is_exact = not breached and all(finding.verdict == "exact" for finding in findings)
    return Verdict(
        name, is_exact, noisy, tuple(findings), handed, tuple(breached), tuple(unsupported), networks, time.perf_counter() - begun
    )


def _judge(rule: Factory, depth: int, tried: Sequence[Tried], seed: int) -> list[Finding]:
    """The findings of one depth."""
    not_reset = unreset(rule, depth, seed)
    found = []
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
            "exact",
            float(error.max()),
            float(np.median(error)),
            float(of_cosine.min(initial=1.0)) if len(of_cosine) else np.nan,
            float(np.median(of_cosine)) if len(of_cosine) else np.nan,
            float(farthest),
            float(np.median(of_ratio)) if len(of_ratio) else np.nan,
        )
        if parameter in not_reset:
            words = "what is carried is not reset between sequences: the gradient depends on the sequence before"
            finding = replace(finding, verdict="biased", slip="not reset between sequences", diagnosis=words)
        elif not finding.error <= EXACT:
            slip, weights, words = diagnose(rule, depth, parameter, tried, seed)
            wrong_at = min(one.case.steps for one in tried if not (one.distances[parameter].error <= EXACT).all())
            verdict = ONE_STEP if wrong_at == 2 else "biased"
            finding = replace(finding, verdict=verdict, slip=slip, paths=weights, diagnosis=words)
        found.append(finding)
    return found


def _across_depths(findings: Sequence[Finding]) -> list[Finding]:
    """Say of a parameter that is wrong with a layer above it, and exact without, that it is so."""
    right_on_top = {f.parameter for f in findings if f.verdict == "exact" and f.layer == f.depth}
    found = []
    for finding in findings:
        if finding.verdict != "exact" and finding.layer < finding.depth and finding.parameter in right_on_top:
            finding = replace(finding, verdict=ONE_LAYER if finding.layer == 1 else TOP_LAYER)
        found.append(finding)
    return found


def _of_noise(depth: int, parameter: str, found: noise.Noise) -> Finding:
    if found.variance == 0 and found.unbiased:
        return Finding(depth, parameter, "exact", found.error, found.error, 1.0, 1.0, 1.0, 1.0, 0.0)
    far = f"the mean of {noise.DRAWS} draws lies {found.z:.1f} standard errors from the exact gradient, where it is farthest"
    words = (
        f"{far}; a bias of {found.visible:.0%} of it would have been seen; a single draw's variance is"
        f" {found.variance:.3g} times the squared norm of the whole gradient"
    )
    return Finding(
        depth,
        parameter,
        "unbiased but noisy" if found.unbiased else "biased",
        found.error,
        found.error,
        found.cosine,
        found.cosine,
        found.norm_ratio,
        found.norm_ratio,
        found.variance,
        diagnosis=words,
    )


def _told(handed: Sequence[Mapping[str, str]]) -> str:
    """What became of sequences handed over in windows, in a sentence; each of handed is by parameter."""
    words = {
        "neither": "neither the gradient of the whole sequence nor the one cut at the borders of windows",
        "cut": "the gradient cut at the borders of windows, as truncated BPTT gives it",
        "whole": "the gradient of the whole sequence",
    }
    groups: dict[str, list[str]] = {}
    for parameter in dict.fromkeys(parameter for found in handed for parameter in found):
        kinds = {found[parameter] for found in handed if parameter in found}
        groups.setdefault(next(kind for kind in words if kind in kinds), []).append(parameter)
    if len(groups) == 1:
        return words[next(iter(groups))]
    return "; ".join(f"{', '.join(of)}: {words[kind]}" for kind, of in groups.items())

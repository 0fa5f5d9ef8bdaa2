"""Rules that draw noise: is the mean over draws the exact gradient, and how far does one draw lie from it?"""

from itertools import combinations
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.network import Window
from rnnbench.seeds import stream
from rnnbench.trial.cases import Case, random_case
from rnnbench.trial.contract import Factory, close, fitted, gradient
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.slips import exact

DRAWS = 2**14
NETWORKS = 2
LEVEL = 1e-4
"""Chance of accusing an unbiased rule, of each parameter block."""


class Noise(NamedTuple):
    """Of one parameter block, the worst over networks but for what is said to be their mean or least.

    unbiased: no component of the mean, nor its projection on the exact gradient, lies outside its confidence interval.
    z: the largest distance in standard errors. visible: the bias along the exact gradient, relative to it, that would be seen
    (the least). variance: E||g - E g||^2 relative to the squared norm of the whole exact gradient (the mean), so that the
    blocks' variances add up to the rule's. error: of the mean, relative.
    cosine, norm_ratio: of the mean to the exact gradient.
    """

    unbiased: bool
    z: float
    visible: float
    variance: float
    error: float
    cosine: float
    norm_ratio: float


def draws_noise(rule: Factory, case: Case) -> bool:
    """Whether replicates with the same weights and data all get different gradients: replicates draw independently."""
    gradients = _on_repeated(rule, case, 4)
    return not any(close(a, b) for a, b in combinations(gradients, 2))


def unlike(rule: Factory, case: Case) -> bool:
    """Whether some replicates with the same weights and data get different gradients."""
    gradients = _on_repeated(rule, case, 4)
    return any(not close(gradients[0], other) for other in gradients[1:])


def _on_repeated(rule: Factory, case: Case, times: int) -> Array:
    """The gradient of the first replicate's problem, the same in every replicate."""
    params = case.network.parameters(np.repeat(case.params.vector[:1], times, axis=0))
    x, y = (np.repeat(a[:1], times, axis=0) for a in case.window[:2])
    return gradient(rule, case._replace(params=params, window=Window(x, y, case.window.counted)))


def judge(rule: Factory, supported: Case, seed: int) -> dict[str, Noise]:
    """The mean over DRAWS draws against the exact gradient, by parameter block, on networks like the one supported."""
    found: dict[str, list[Noise]] = {}
    for number in range(NETWORKS):
        rng = stream(seed, "noise", supported.depth, number)
        case = fitted(rule, random_case(rng, supported.network, 1, 5, 2, ("every step", "last step")[number % 2]))
        draws, truth = _on_repeated(rule, case, DRAWS), exact(case)
        blocks = case.network.parameters(truth).blocks()
        for name, of in case.network.parameters(draws).blocks().items():
            found.setdefault(name, []).append(
                _of_block(of.reshape(DRAWS, -1), blocks[name].ravel(), float(np.square(truth).sum()))
            )
    return {
        name: Noise(
            all(n.unbiased for n in of),
            max(n.z for n in of),
            min(n.visible for n in of),
            sum(n.variance for n in of) / len(of),
            max(n.error for n in of),
            min(n.cosine for n in of),
            max((n.norm_ratio for n in of), key=lambda ratio: abs(np.log(ratio)) if ratio > 0 else np.inf),
        )
        for name, of in found.items()
    }


def _of_block(draws: Array, truth: Array, whole: float) -> Noise:
    """Of draws (draw, parameter), the exact gradient, and the squared norm of that of all blocks."""
    size = np.linalg.norm(truth)
    along = draws @ truth / size
    looked_at = np.column_stack([draws, along])
    mean, standard_error = looked_at.mean(0), looked_at.std(0, ddof=1) / np.sqrt(len(draws))
    distance = np.abs(mean - np.append(truth, size))
    rounding = EXACT * size
    z = np.where(distance <= rounding, 0, distance / np.maximum(standard_error, rounding))
    bound = -NormalDist().inv_cdf(LEVEL / 2 / len(z) / NETWORKS)
    centre = mean[:-1]
    return Noise(
        bool((z <= bound).all()),
        float(z.max()),
        float(bound * standard_error[-1] / size),
        float(np.square(draws - centre).sum(1).mean() / whole),
        float(np.linalg.norm(centre - truth) / size),
        float(centre @ truth / np.linalg.norm(centre) / size) if centre.any() else np.nan,
        float(np.linalg.norm(centre) / size),
    )

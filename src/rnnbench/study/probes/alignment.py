"""How alike gradients are, pair by pair: direction, length and signs.

Source: O. Marschall, K. Cho and C. Savin, A unified framework of online learning algorithms for training recurrent neural
networks, JMLR 21 (2020), section 5, who compare algorithms by the alignment of their gradients on one trajectory of weights.
"""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array


class Alignment(NamedTuple):
    """Each (replicate, gradient, gradient), row a and column b; NaN where one of the two is zero or not finite.

    cosine: a.b / (|a| |b|). norm_ratio: |a| / |b|. sign_agreement: the share of parameters in which a and b have the same
    sign, among those in which not both are zero; 1/2 is chance, and a zero beside what is none does not agree.
    """

    cosine: Array
    norm_ratio: Array
    sign_agreement: Array


def alignment(gradients: Array) -> Alignment:
    """Every pair of gradients (gradient, replicate, parameter)."""
    gradients = np.moveaxis(gradients, 0, 1)
    norms = np.linalg.norm(gradients, axis=-1, keepdims=True)
    defined = np.isfinite(norms) & (norms > 0)
    norms = np.where(defined, norms, np.nan)
    units = np.where(defined, gradients, np.nan) / norms
    # With signs s in -1, 0, 1: sum s_a s_b counts agreements less disagreements, sum |s_a| |s_b| their sum.
    signs = np.sign(units)
    moves = np.abs(signs)
    counts, both = moves.sum(-1, keepdims=True), moves @ moves.swapaxes(1, 2)
    agree = (both + signs @ signs.swapaxes(1, 2)) / 2
    return Alignment(
        units @ units.swapaxes(1, 2),
        norms / norms.swapaxes(1, 2),
        agree / (counts + counts.swapaxes(1, 2) - both),
    )

"""RTRL over a few of the paths."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import in_range
from rnnbench.gradients.base import Claim
from rnnbench.gradients.parts import noise
from rnnbench.gradients.parts.influence import Influence
from rnnbench.network import Parameters


@dataclass(frozen=True)
class SparseRtrl(Influence):
    """RTRL's influence, brought to the next step over K of the n paths that lead into a unit from its own layer:

        P_i^t[l; j, k] = dx_i^t[l]/dz_i^t[l] ( sum_{m in S_i(l)} R_i[m, l] P_i^{t-1}[m; j, k] + delta_{l,k} u_i^t[j] )
                       + leak P_i^{t-1}[l; j, k]
        S_i(l): K = ceil(share n) units of the layer, drawn once for each unit l and replicate

    A share of 1 is RTRL, layer by layer; with 0 nothing is propagated, which is `elman` where nothing leaks. The source carries
    4 of 64 paths, a sixteenth, and says that so few recover most of what RTRL gains where there is an error at every step. The
    states themselves are computed with all of R.

    Bias: paths over the others are dropped, and nothing makes up for their size; in lower layers, the past of the layers above.
    Deterministic, as S is fixed; the trial, in which every replicate has an S of its own, takes that for noise.
    Reading: S is drawn once, not at each step, and for each unit by itself. The influence is stored densely and multiplied by an
    R with zeros, so what is computed is that of the paper, and the cost is RTRL's: O(n^4) time, O(n^3) memory.

    Source: A. Shalev-Merin, Massive redundancy in gradient transport enables sparse online learning, arXiv:2603.15195 (2026).
    """

    share: float = 1 / 16
    claim = Claim.BIASED
    source = "Shalev-Merin 2026"

    def __post_init__(self) -> None:
        in_range("share", self.share, 0, 1)

    def paths(self, params: Parameters, i: int) -> Array:
        return params.R[i] * chosen(self.seed, self.first, i, params.R[i].shape, self.share, params.R[i].dtype)


@lru_cache(maxsize=4)  # the same at every step
def chosen(seed: int, first: int, i: int, shape: tuple[int, int, int], share: float, dtype: np.dtype) -> Array:
    """1 where unit m is in S_i(l), else 0: (replicate, m, l), as many in each column; not to be written to."""
    place = noise.normals(seed, first, i, shape, dtype).argsort(axis=1).argsort(axis=1)
    found = (place < np.ceil(share * shape[1])).astype(dtype)
    found.setflags(write=False)
    return found

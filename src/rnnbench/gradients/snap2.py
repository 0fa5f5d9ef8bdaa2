"""The sparse n-step approximation of RTRL."""

from dataclasses import dataclass

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import in_range
from rnnbench.gradients.base import Claim
from rnnbench.gradients.parts.influence import Influence
from rnnbench.network import Parameters


@dataclass(frozen=True)
class Snap(Influence):
    """SnAp-n: RTRL's influence, of which an entry is kept where the parameter can reach the unit within n steps:

        P_i^t[l; j, k] = dx_i^t[l]/dz_i^t[l] ( sum_m R_i[m, l] P_i^{t-1}[m; j, k] + delta_{l,k} u_i^t[j] )
                       + leak P_i^{t-1}[l; j, k]
        if there is a way from k to l of at most n - 1 weights of R_i that are not zero, else 0

    A parameter reaches its own unit k in the first step, and those that k leads to one step later. With a dense R the pattern is
    full from n = 2 on, and the rule is RTRL, layer by layer; it is made for sparse networks.

    Bias: paths over units outside of the pattern are dropped; none if it is full and no layer lies above. Deterministic.
    Reading: a weight of zero is taken for one that is not there, at the weights of the present window. As in `Snap1`, the past
    of the layers above is dropped. The influence is stored densely, so what is computed is that of the paper, and the cost is
    RTRL's: O(n^4) time, O(n^3) memory.

    Source: J. Menick et al., ICLR 2021, section 3 and figure 1.
    """

    order: int = 2
    claim = Claim.ONE_LAYER
    source = "Menick et al. 2021"

    def __post_init__(self) -> None:
        in_range("order", self.order, 1)

    def kept(self, params: Parameters, i: int) -> Array:
        return within(params.R[i], self.order - 1)


def within(R: Array, steps: int) -> Array:
    """Whether unit k reaches unit l over at most so many weights of R (replicate, k, l) that are not zero: (replicate, l, k)."""
    there = (R != 0) | np.eye(R.shape[1], dtype=bool)
    reached = np.broadcast_to(np.eye(R.shape[1], dtype=bool), R.shape)
    for _ in range(min(steps, R.shape[1])):
        reached = (reached.astype(np.intp) @ there.astype(np.intp)) > 0
    return reached.swapaxes(1, 2)

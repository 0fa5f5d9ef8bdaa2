"""The sparse one-step approximation of RTRL."""

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.parts.eligibility import Eligibility
from rnnbench.network import Parameters


class Snap1(Eligibility):
    """SnAp-1: each unit keeps its own parameters' influence on itself, carried by the diagonal of the Jacobian,

        a_i^t[k] = dx_i^t[k]/dx_i^{t-1}[k] = dx_i^t[k]/dz_i^t[k] R_i[k, k] + leak

    in `Eligibility`. That is `Snap` with n = 1, in O(n m) where that takes O(n^3 m): n units of m parameters each.

    Bias: every path through another unit is dropped. Lag 0 is exact, later lags are there in part. Deterministic.
    Reading: the layers below and above are to a layer what input and readout are; the past of the layers above is dropped.
    Not to be confused with one-step truncation, which drops the unit's own past too.

    Source: J. Menick, E. Elsen, U. Evci, S. Osindero, K. Simonyan and A. Graves, Practical real time recurrent learning with a
    sparse approximation, ICLR 2021, section 3.
    """

    source = "Menick et al. 2021"

    def kept(self, params: Parameters, i: int, slope: Array) -> Array:
        return slope * np.einsum("rkk->rk", params.R[i])[:, None, None] + self.network.leak

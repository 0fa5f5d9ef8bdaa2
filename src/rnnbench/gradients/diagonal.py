"""RTRL for element-wise recurrence."""

import numpy as np

from rnnbench.gradients.base import Claim, Step
from rnnbench.gradients.parts.eligibility import EligibilityCarry
from rnnbench.gradients.snap1 import Snap1
from rnnbench.network import Parameters, Window


class Diagonal(Snap1):
    """A network in which a unit's recurrence is its own weight R_i[k, k] alone, the others being zero and staying so:

        dx_i^t[k]/dV_i[j, k] = ( dx_i^t[k]/dz_i^t[k] R_i[k, k] + leak ) dx_i^{t-1}[k]/dV_i[j, k] + dx_i^t[k]/dz_i^t[k] u_i^t[j]

    A parameter then reaches no other unit of its layer, so that RTRL's influence has n m entries that are not zero, and SnAp-1 is
    all of it. Exact for one layer, in O(n m) time and memory. Bias: in lower layers, the past of the layers above is dropped.
    Not to be confused with SnAp-1 on a full R: here it is the network that is simpler, and the gradient that is right.

    Source: K. Irie, A. Gopalakrishnan and J. Schmidhuber, Exploring the promise and limits of real-time recurrent learning, ICLR
    2024, section 3; N. Zucchet, R. Meier, S. Schug, A. Mujika and J. Sacramento, Online learning of long-range dependencies,
    NeurIPS 2023, section 3; before both M. C. Mozer, Complex Systems 3 (1989).
    """

    claim = Claim.ONE_LAYER
    source = "Irie et al. 2024"

    def prepare(self, params: Parameters) -> None:
        for R in params.R.values():
            R *= np.eye(R.shape[1], dtype=R.dtype)

    def step(self, params: Parameters, window: Window, carry: EligibilityCarry) -> Step:
        step = super().step(params, window, carry)
        self.prepare(self.network.parameters(step.gradient))
        return step

"""Random feedback local online learning, with the feedback of the readout."""

from dataclasses import dataclass

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import in_range
from rnnbench.gradients.parts.eligibility import Eligibility
from rnnbench.network import Parameters


@dataclass(frozen=True)
class Rflo(Eligibility):
    """The Jacobian of the recurrence is dropped but for the leak, the share of its old value that a unit keeps:

        a_i^t[k] = leak

    in `Eligibility`: what a synapse remembers fades at the rate at which its unit forgets. `share` puts another number in its
    place, as others do in networks whose units do not leak; .9 is 1 - 1/tau of tau = 10.

    Bias: every path through R is dropped, so it is exact where R = 0. In a network whose units do not leak there is nothing left
    of the past, and the rule is one-step truncation (`Elman`). Deterministic. O(n m) time and memory.
    Reading: the paper's 1 - 1/tau is the leak. Its random feedback is replaced by the readout's own weights, as in Marschall et
    al., so that what is dropped of time shows alone; `EpropRandom` has random feedback. With a share of its own it is exact
    nowhere, R = 0 included.

    Source: J. M. Murray, Local online learning in recurrent networks with random feedback, eLife 8 (2019), equations 3 to 5;
    O. Marschall, K. Cho and C. Savin, JMLR 21 (2020), section 3.
    """

    share: float | None = None
    source = "Murray 2019"

    def __post_init__(self) -> None:
        in_range("share", self.share or 0, 0, 1)

    def kept(self, params: Parameters, i: int, slope: Array) -> Array:
        return np.array(self.network.leak if self.share is None else self.share, slope.dtype)

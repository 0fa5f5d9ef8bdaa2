"""Backpropagation through all that was seen, at the present weights."""

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step, step_numbers
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.tbptt import joined
from rnnbench.network import Parameters, Window


class Replay(GradientRule):
    """The inputs of a sequence are kept, and every window is run anew from the sequence's begin, with the present weights:

        dL/dtheta, L = the losses of the window, through every step since the begin, by `Bptt`

    While the weights stand still it is BPTT of whole sequences, cut by windows. Where they move at every step it is what RTRL is
    not: RTRL's sensitivities, and the state itself, were made by weights that are gone. So the two differ by what is stale, and
    by nothing else. Not for use, but to be held against `rtrl`.

    Exact, and never stale. Time of a step O(n^2 t) at step t of a sequence, memory O(m t), m inputs.

    Source: the chain rule. R. J. Williams and D. Zipser, Neural Computation 1 (1989), note that RTRL follows this gradient only
    as far as the learning rate is small.
    """

    claim = Claim.EXACT
    cost = Cost(time=2, memory=1)
    source = "Williams and Zipser 1989"
    repeats = False  # a window is longer than the one before it

    def init(self, params: Parameters, batch: int) -> Array | None:
        return None

    def step(self, params: Parameters, window: Window, carry: Array | None) -> Step:
        x = joined(carry, window.x)
        before = x.shape[1] - window.x.shape[1]
        counted = before + np.array(step_numbers(window.counted, window.x.shape[1]), dtype=int)
        rest = self.network.rest(len(params.vector), x.shape[2], params.vector.dtype)
        found = Bptt(self.network).step(params, Window(x, window.y, counted), rest)
        return Step(found.outputs, found.gradient, x)

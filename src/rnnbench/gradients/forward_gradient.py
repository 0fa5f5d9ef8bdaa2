"""Forward gradients: the derivative along a random direction."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step, of_outputs
from rnnbench.gradients.parts import noise
from rnnbench.gradients.parts.joint import slopes, times
from rnnbench.network import Parameters, State, Window


class DirectionCarry(NamedTuple):
    """x: the state. v: the direction, (replicate, parameter). s: ds/dtheta v, (replicate, batch, N). draws: of directions."""

    x: State
    v: Array
    s: Array
    draws: int


class ForwardGradient(GradientRule):
    """A direction v of all parameters, drawn when a batch of sequences begins, and the derivative along it, carried forward:

        dz_i^t = ds_{i-1}^t W_{i-1} + ds_i^{t-1} R_i + u_i^t v_i          ds_i^t = dx_i^t/dz_i^t dz_i^t + leak ds_i^{t-1}
        do^t   = ds_L^t W_L + [x_L^t, 1] v_{L+1}
        g = (sum_t dL/do^t . do^t) v

    Unbiased: E[v v^T] = 1. One number is all that is learnt of the gradient, so the variance grows with the number of parameters:
    it is the squared norm times that number plus one, for normal v. O(n^2) time and memory (v): a second forward pass.
    Reading: one direction for all sequences of a batch, as one evaluation has; held until the sequences end, so that the
    derivative is exact along it. The readout is learnt in the same way, unlike in the other rules.

    Source: A. G. Baydin, B. A. Pearlmutter, D. Syme, F. Wood and P. Torr, Gradients without backpropagation, arXiv:2202.08587
    (2022), section 3; D. Silver, A. Goyal, I. Danihelka, M. Hessel and H. van Hasselt, Learning by directional gradient
    descent, ICLR 2022.
    """

    claim = Claim.UNBIASED
    draws = True
    cost = Cost(time=2, memory=2)
    source = "Baydin et al. 2022"

    def init(self, params: Parameters, batch: int) -> DirectionCarry:
        return self._drawn(params, batch, 0)

    def reset(self, params: Parameters, batch: int, carry: DirectionCarry) -> DirectionCarry:
        return self._drawn(params, batch, carry.draws)

    def _drawn(self, params: Parameters, batch: int, draws: int) -> DirectionCarry:
        replicates, dtype = len(params.vector), params.vector.dtype
        v = noise.normals(self.seed, self.first, draws, params.vector.shape, dtype)
        s = np.zeros((replicates, batch, sum(self.network.hidden)), dtype)
        return DirectionCarry(super().init(params, batch), v, s, draws + 1)

    def step(self, params: Parameters, window: Window, carry: DirectionCarry) -> Step:
        network, at = self.network, self.network.units
        activity = network.forward(params, window, carry.x)
        v = network.parameters(carry.v)
        slope = slopes(network, activity)
        dz = {i: times(joint[:, :-1], v.V[i]) for i, joint in activity.u.items()}
        s, now = np.empty_like(slope), carry.s
        for t in range(slope.shape[1]):
            before, now = now, s[:, t]
            for i in activity.x:
                dz[i][:, t] += before[..., at[i]] @ params.R[i]
                if i > 1:
                    dz[i][:, t] += now[..., at[i - 1]] @ params.W[i - 1]
                np.multiply(slope[:, t, :, at[i]], dz[i][:, t], out=now[..., at[i]])
                if network.leak:
                    now[..., at[i]] += network.leak * before[..., at[i]]
        along = np.zeros_like(carry.v[:, 0])
        if activity.outputs.shape[1]:
            L = network.depth
            do = s[..., at[L]][:, window.counted] @ params.W[L][:, None] + activity.top @ v.V[L + 1][:, None]
            along = (of_outputs(network, window, activity) * do).reshape(len(do), -1).sum(1)
        return Step(
            activity.outputs, along[:, None] * carry.v, DirectionCarry(activity.state(), carry.v, now.copy(), carry.draws)
        )

"""RTRL's gradient, stale as it is, looking back."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Cost, GradientRule, Step, step_numbers, summed, through_counted
from rnnbench.gradients.tbptt import joined
from rnnbench.network import Parameters, State, Window


class Past(NamedTuple):
    """x: the state. u, slope: by layer, of every step of the sequence so far, (replicate, steps, batch, width). weights: at every
    one of these steps, as they were then.
    """

    x: State
    u: dict[int, Array]
    slope: dict[int, Array]
    weights: tuple[Parameters, ...]


class RtrlBackward(GradientRule):
    """What `Rtrl` computes forward, where weights move within a sequence too. RTRL's sensitivities are sums of products of
    Jacobians, each at the weights of its step. With these kept, the products are taken from the other end. With g_i^{t,s} =
    dL^t/dx_i^s, and R_i^s, W_i^s the weights at step s:

        g_i^{t,s} = (g_i^{t,s+1} dx_i/dz_i^{s+1}) R_i^{s+1 T} + leak g_i^{t,s+1} + (g_{i+1}^{t,s} dx_{i+1}/dz_{i+1}^s) W_i^{s T}
        dL/dV_i = sum_t sum_{s <= t} (u_i^s)^T (g_i^{t,s} dx_i/dz_i^s)

    Equal to rounding. O(n^2 s) at step s in place of O(n^4), but memory O(n^2 s) for the weights of every step, which RTRL is
    there to avoid.
    """

    cost = Cost(time=2, memory=2)
    source = "Williams and Zipser 1989"
    repeats = False  # a window looks further back than the one before it

    def init(self, params: Parameters, batch: int) -> Past:
        return Past(super().init(params, batch), {}, {}, ())

    def step(self, params: Parameters, window: Window, carry: Past) -> Step:
        network = self.network
        layers = range(network.depth, 0, -1)
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx = through_counted(network, params, window, activity, gradient)
        before, steps = len(carry.weights), window.x.shape[1]
        scored = {before + t: dx[:, k] for k, t in enumerate(step_numbers(window.counted, steps))}
        u = {i: joined(carry.u.get(i), activity.u[i][:, :-1]) for i in layers}
        slope = {i: joined(carry.slope.get(i), network.slope(activity, i)) for i in layers}
        weights = (*carry.weights, *[network.parameters(params.vector.copy())] * steps)
        dz = {i: np.zeros_like(slope[i]) for i in layers}
        later: dict[int, Array] = {}  # dL/dx_i^s through the steps after s
        for s in range(max(scored, default=-1), -1, -1):
            above = scored.get(s)  # and through the layers above, at s
            for i in layers:
                ways = [way for way in (above, later.get(i)) if way is not None]
                if not ways:
                    continue
                g = sum(ways[1:], start=ways[0])
                dz[i][:, s] = g * slope[i][:, s]
                above = dz[i][:, s] @ weights[s].W[i - 1].swapaxes(1, 2) if i > 1 else None
                later[i] = dz[i][:, s] @ weights[s].R[i].swapaxes(1, 2)
                if network.leak:
                    later[i] += network.leak * g
        for i in layers:
            summed(u[i], dz[i], out=gradient.V[i])
        return Step(activity.outputs, gradient.vector, Past(activity.state(), u, slope, weights))

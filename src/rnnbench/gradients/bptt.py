"""Backpropagation through time."""

from collections.abc import Sequence

import numpy as np

from rnnbench.arrays import Array, blocks
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step, step_numbers, summed, through_counted, transposed
from rnnbench.network import Activity, Network, Parameters, State, Window


class Bptt(GradientRule):
    """The chain rule, from the last step of the window to the first:

        dL/dx_i^t = (through the layer above or o^t) + dL/dz_i^{t+1} R_i^T + leak dL/dx_i^{t+1}
        dL/dz_i^t = dL/dx_i^t dx_i^t/dz_i^t
        dL/dV_i = sum_t (u_i^t)^T dL/dz_i^t

    Exact within the window. With the state carried from window to window and nothing flowing back across the border it is
    TBPTT(k) for windows of k steps. Time O(n^2) a step, memory O(n T).

    Source: P. J. Werbos, Backpropagation through time, Proc. IEEE 78 (1990); TBPTT: R. J. Williams and J. Peng, Neural
    Computation 2 (1990).
    """

    claim = Claim.EXACT
    cost = Cost(time=2, memory=1)
    source = "Werbos 1990"

    def step(self, params: Parameters, window: Window, carry: State) -> Step:
        activity = self.network.forward(params, window, carry)
        gradient = self.network.empty_like(params)
        dx = through_counted(self.network, params, window, activity, gradient)
        for i, dz in backward(self.network, params, window, activity, dx).items():
            summed(activity.u[i][:, : dz.shape[1]], dz, out=gradient.V[i])
        return Step(activity.outputs, gradient.vector, activity.state())


def backward(network: Network, params: Parameters, window: Window, activity: Activity, dx: Array) -> dict[int, Array]:
    """dL/dz_i^t for every layer, (replicate, steps, batch, n_i), to the last counted step: later ones have none.

    dx: dL/dx_L^t through o^t alone, at the counted steps, (replicate, counted steps, batch, n_L).
    """
    errors = {}
    reached = step_numbers(window.counted, window.x.shape[1])
    for i in range(network.depth, 0, -1):
        errors[i] = dz = through_layer(network, params, activity, i, dx, reached)
        if i > 1:
            dx = dz @ params.W[i - 1][:, None].swapaxes(2, 3)
            reached = range(dx.shape[1])
    return errors


def through_layer(network: Network, params: Parameters, activity: Activity, i: int, dx: Array, reached: Sequence[int]) -> Array:
    """dL/dz_i^t, (replicate, steps, batch, n_i), backward through the past of layer i alone, from the last step reached.

    dx: what reaches x_i^t from above, (replicate, steps reached, batch, n_i). reached: those steps, by number.
    """
    steps, (batch, n) = max(reached, default=-1) + 1, dx.shape[2:]
    dz = network.slope(activity, i, slice(steps))
    if not steps:
        return dz
    above = {t: dx[:, k] for k, t in enumerate(reached)}
    R_transposed = transposed(params.R[i], steps)[:, None]
    total = above[steps - 1]
    dz[:, -1] *= total
    from_next = np.empty_like(dz[:, 0])
    cut = blocks(batch, n * n)
    dz_cut, from_next_cut = (a.reshape(*a.shape[:-2], cut, batch // cut, n) for a in (dz, from_next))
    for t in range(steps - 2, -1, -1):
        np.matmul(dz_cut[:, t + 1], R_transposed, out=from_next_cut)
        if network.leak:
            from_next += network.leak * total
        if t in above:
            from_next += above[t]
        if network.leak:
            total = from_next.copy()
        dz[:, t] *= from_next
    return dz

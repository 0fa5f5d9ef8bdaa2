"""The derivation in question, exactly as posted."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.gradients.base import GradientRule, Step, step_numbers, through_joint_input, through_outputs, transposed
from rnnbench.gradients.sensitivity import advance, contract, jacobian, room, tiles, turn_about
from rnnbench.network import Parameters, State, Window


class PostedCarry(NamedTuple):
    """x: the state. P: P[i] (replicate, batch, n_i, n_i n_i), dx_i/dR_i at the last step seen; empty at rest, all zero."""

    x: State
    P: dict[int, Array]


class Posted(GradientRule):
    """R_i by a forward recursion; W, b and dL/dx_i^t as in an MLP, at the present step:

        dx_i^t[n]/dR_i[j, k] = f'(z_i^t[n]) ( sum_l R_i[l, n] dx_i^{t-1}[l]/dR_i[j, k] + delta_{n,k} x_i^{t-1}[j] )
        dL/dR_i = sum_t sum_n dL/dx_i^t[n] dx_i^t[n]/dR_i

    The recursion is RTRL's and exact, for one layer. Missing are: for W_{i-1} and b_{i-1}, every path through x_i^{t-1},
    which depends on them too; and, where a layer lies above, every path by which x_i^t reaches the loss through the past of
    that layer. Time O(n^4) a step; P takes O(n^3).
    """

    def init(self, params: Parameters, batch: int) -> PostedCarry:
        return PostedCarry(super().init(params, batch), {})

    def step(self, params: Parameters, window: Window, carry: PostedCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.zeros_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        P_end = {}
        for i in range(network.depth, 0, -1):
            slope = network.slope(activity, i)
            dz = dx * slope
            through_joint_input(activity.u[i], dz, out=gradient.V[i])
            gradient_of_R, P_end[i] = recurrent(
                params.R[i], network.leak, network.before(activity, i), slope, dx, window.counted, carry.P.get(i)
            )
            gradient.R[i][...] = gradient_of_R
            if i > 1:
                dx = dz @ params.W[i - 1][:, None].swapaxes(2, 3)
        return Step(activity.outputs, gradient.vector, PostedCarry(activity.state(), P_end))


def recurrent(
    R: Array, leak: float, x_before: Array, slope: Array, dx: Array, counted: slice | Integers, P_begin: Array | None
) -> tuple[Array, Array]:
    """dL/dR_i, and dx_i/dR_i at the end of the window, from x_i^{t-1}, f'(z_i^t) and dL/dx_i^t, (replicate, T, batch, n_i)."""
    replicates, steps, batch, n = dx.shape
    R_transposed = transposed(R)
    scored = step_numbers(counted, steps)
    gradient = np.zeros((replicates, n * n), dx.dtype)
    P_end = room((replicates, batch, n, n * n), dx.dtype)
    for r, b in tiles(replicates, batch, P_end[0, 0].nbytes):
        P = None if P_begin is None else P_begin[r, b]
        for t, now in enumerate(turn_about(P_end[r, b], steps)):
            fz = slope[r, t, b, :, None]
            advance(P, jacobian(fz, R_transposed[r], leak), fz * x_before[r, t, b, None], now)
            if t in scored:
                gradient[r] += contract(dx[r, t, b], now)
            P = now
    return gradient.reshape(R.shape).swapaxes(1, 2), P_end

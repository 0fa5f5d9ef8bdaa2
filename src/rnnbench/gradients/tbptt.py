"""Backpropagation through a sliding window of the last steps."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import in_range
from rnnbench.gradients.base import Cost, GradientRule, Step, summed, through_outputs, transposed
from rnnbench.network import Parameters, State, Window


class TbpttCarry(NamedTuple):
    """x: the state. u, slope: by layer, of the last steps seen, fewer than `lags`: (replicate, steps, batch, width)."""

    x: State
    u: dict[int, Array]
    slope: dict[int, Array]


@dataclass(frozen=True)
class Tbptt(GradientRule):
    """The loss of every step goes back through the same number of steps, h = `lags`. With g_i^{t,k} = dL^t/dx_i^{t-k}:

        g_i^{t,k} = (g_i^{t,k-1} dx_i/dz_i^{t-k+1}) R_i^T + leak g_i^{t,k-1} + (g_{i+1}^{t,k} dx_{i+1}/dz_{i+1}^{t-k}) W_i^T
        dL/dV_i = sum_t sum_{k<h} (u_i^{t-k})^T (g_i^{t,k} dx_i/dz_i^{t-k})

    so the gradient is that of the exact one's lags 0 to h - 1, for every step alike. Also called BPTT(h) and, when the
    parameters of a step wait for the losses after it, future-facing BPTT (F-BPTT): the same sum in another order. Not to be
    confused with `Bptt` in windows of h steps with the state carried on, TBPTT as libraries have it, where the step at the
    begin of a window looks back no further.

    Bias: lags from h on are dropped, on every route. Deterministic. Time O(h n^2) a step, memory O(h n).

    Source: R. J. Williams and J. Peng, An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, Neural Computation 2 (1990); O. Marschall, K. Cho and C. Savin, JMLR 21 (2020), section 3.
    """

    lags: int = 7
    cost = Cost(time=2, memory=1)
    source = "Williams and Peng 1990"

    def __post_init__(self) -> None:
        in_range("lags", self.lags, 1)

    def init(self, params: Parameters, batch: int) -> TbpttCarry:
        return TbpttCarry(super().init(params, batch), {}, {})

    def step(self, params: Parameters, window: Window, carry: TbpttCarry) -> Step:
        network = self.network
        layers = range(network.depth, 0, -1)
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        u = {i: joined(carry.u.get(i), activity.u[i][:, :-1]) for i in layers}
        slope = {i: joined(carry.slope.get(i), network.slope(activity, i)) for i in layers}
        steps, before = dx.shape[1], u[1].shape[1] - dx.shape[1]
        lags = min(self.lags, before + steps)
        dz = {i: np.zeros_like(slope[i]) for i in layers}
        R_transposed = {i: transposed(params.R[i], lags)[:, None] for i in layers}
        W_transposed = {i: transposed(params.W[i], lags)[:, None] for i in layers}
        # g_i^{t,k}, and times dx_i/dz_i^{t-k}, of all t of the window that have k steps before them.
        back: dict[int, Array] = {}
        felt: dict[int, Array] = {}
        for k in range(lags):
            acted = slice(max(0, before - k), before + steps - k)  # the steps t - k
            for i in layers:
                ways = [dx] if k == 0 and i == network.depth else []
                if k > 0:
                    ways.append(felt[i][:, -(acted.stop - acted.start) :] @ R_transposed[i])
                if k > 0 and network.leak:
                    ways.append(network.leak * back[i][:, -(acted.stop - acted.start) :])
                if i < network.depth:
                    ways.append(felt[i + 1] @ W_transposed[i])
                back[i] = sum(ways[1:], start=ways[0])
                felt[i] = back[i] * slope[i][:, acted]
                dz[i][:, acted] += felt[i]
        for i in layers:
            summed(u[i], dz[i], out=gradient.V[i])
        kept = slice(max(0, before + steps - self.lags + 1), None)
        # Copies: views would keep the whole window.
        carried = {i: a[:, kept].copy() for i, a in u.items()}, {i: a[:, kept].copy() for i, a in slope.items()}
        return Step(activity.outputs, gradient.vector, TbpttCarry(activity.state(), *carried))


def joined(before: Array | None, now: Array) -> Array:
    """One after the other along time."""
    return now if before is None else np.concatenate([before, now], axis=1)

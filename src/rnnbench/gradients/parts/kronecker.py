"""What KF-RTRL and OK-RTRL share: the influence of each layer's parameters as a sum of Kronecker products."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step, step_numbers, summed, through_outputs
from rnnbench.gradients.parts import noise
from rnnbench.gradients.parts.joint import inject, push, slopes
from rnnbench.network import Parameters, State, Window


class SumCarry(NamedTuple):
    """x: the state. X, Y: by layer, the factors of every term of the sum, (replicate, batch, rank, inputs) and (replicate, batch,
    rank, n_i, N). draws: how many steps have drawn noise.
    """

    x: State
    X: dict[int, Array]
    Y: dict[int, Array]
    draws: int


@dataclass(frozen=True)
class KroneckerSum(GradientRule):
    """The influence of V_i[j, k] on all units is kept as a sum of r = `rank` Kronecker products, of vectors over the inputs j and
    matrices over the units k and all N units. A step takes them on and adds its own, and r + 1 terms are made r again:

        P_i^t ~ sum_{a<=r} X_a^t (x) Y_a^t  <-  (X_1^{t-1} .. X_r^{t-1}, u_i^t),  (Y_1^{t-1} J^t .. Y_r^{t-1} J^t, D_i^t)
        dL/dV_i[j, k] = sum_t sum_a X_a^t[j] (Y_a^t[k] . dL/ds^t)          D_i^t[k] = ds^t/dz_i^t[k], J^t = ds^t/ds^{t-1}

    A rule says how the terms are made fewer. All layers are one network of N units, so what is unbiased is so at any depth.
    """

    rank: int = 1
    claim = Claim.UNBIASED
    draws = True
    cost = Cost(time=3, memory=2)

    @abstractmethod
    def reduced(self, X: Array, Y: Array, nu: Array) -> tuple[Array, Array]:
        """R terms whose sum of products X_a (x) Y_a is on average that of the r + 1 given.

        X: (replicate, batch, r + 1, p). Y: (replicate, batch, r + 1, q). nu: signs, (replicate, batch, r + 1).
        """

    def init(self, params: Parameters, batch: int) -> SumCarry:
        network, r = self.network, self.rank
        terms, dtype, N = (len(params.vector), batch, r), params.vector.dtype, sum(network.hidden)
        layers = range(1, network.depth + 1)
        X = {i: np.zeros((*terms, network.joint[i - 1]), dtype) for i in layers}
        Y = {i: np.zeros((*terms, network.sizes[i], N), dtype) for i in layers}
        return SumCarry(super().init(params, batch), X, Y, 0)

    def reset(self, params: Parameters, batch: int, carry: SumCarry) -> SumCarry:
        return self.init(params, batch)._replace(draws=carry.draws)

    def step(self, params: Parameters, window: Window, carry: SumCarry) -> Step:
        network, r = self.network, self.rank
        top = network.units[-1]
        activity = network.forward(params, window, carry.x)
        gradient = network.zeros_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        slope = slopes(network, activity)
        replicates, steps, batch, N = slope.shape
        scored = step_numbers(window.counted, steps)
        X, Y = dict(carry.X), dict(carry.Y)
        nu = noise.signs(self.seed, self.first, carry.draws, steps, (replicates, batch, r + 1), dx.dtype)
        for t in range(steps):
            for i in X:
                n = network.sizes[i]
                moved = push(network, params, slope[:, t], Y[i].reshape(replicates, batch, r * n, N))
                D = inject(network, params, slope[:, t], i, np.broadcast_to(np.eye(n, dtype=dx.dtype), (replicates, batch, n, n)))
                left = np.concatenate([X[i], activity.u[i][:, t, :, None]], axis=2)
                right = np.concatenate([moved, D], axis=2).reshape(replicates, batch, r + 1, n * N)
                X[i], reduced_Y = self.reduced(left, right, nu[:, t])
                Y[i] = reduced_Y.reshape(replicates, batch, r, n, N)
                if t in scored:
                    met = (Y[i][..., top] @ dx[:, t, :, None, :, None])[..., 0]  # (replicate, batch, r, n)
                    gradient.V[i][...] += summed(X[i], met)
        return Step(activity.outputs, gradient.vector, SumCarry(activity.state(), X, Y, carry.draws + steps))

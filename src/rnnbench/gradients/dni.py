"""Decoupled neural interfaces: the credit of the future is predicted."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import (
    Cost,
    GradientRule,
    Step,
    downward,
    mean_over,
    step_numbers,
    summed,
    through_outputs,
    transposed,
)
from rnnbench.gradients.parts.joint import norm
from rnnbench.network import Activity, Parameters, State, Window

FORGET = 0.99
"""Share of the features' size that is remembered from step to step."""


class DniCarry(NamedTuple):
    """x: the state. A: A[i] (replicate, n_i + 1, n_i), what is learnt. size: by layer, (replicate,), of the features.
    due: by layer, (replicate, n_{i-1} + n_i + 1, n_i), the sum over the steps since the last counted one, not paid yet; empty
    where there are none.
    """

    x: State
    A: dict[int, Array]
    size: dict[int, Array]
    due: dict[int, Array]


@dataclass(frozen=True)
class Dni(GradientRule):
    """A linear synthetic gradient predicts what the losses l^s of all later steps will say about the present state:

        g_i^t = [x_i^t, 1] A_i ~ sum_{s>t} dl^s/dx_i^t          c_i^t = dl^t/dx_i^t + g_i^t
        dL/dV_i ~ sum_t (u_i^t)^T (dx_i^t/dz_i^t c_i^t) / counted steps, mean over the batch

    It is learnt from itself, one step later: the target of g_i^{t-1} is c_i^t dx_i^t/dx_i^{t-1}. With < > for batch means,

        back(c)  = (c dx_i^t/dz_i^t) R_i^T + leak c
        d_i^t    = back(dl^t/dx_i^t) + back(g_i^t) min(1, |g_i^t| / |back(g_i^t)|) - [x_i^{t-1}, 1] A_i
        size_i^t = max(FORGET size_i^{t-1}, <|[x_i^{t-1}, 1]|^2>)
        A_i     <- A_i + rate <[x_i^{t-1}, 1]^T d_i^t> / size_i^t

    Bias: A is linear and lags behind the weights; it starts at zero, where the rule is one-step truncation (`Elman`). In a linear
    network with squared error the future is linear in x on average, so A can be right on average. Deterministic. O(n^2) a step,
    O(n m) memory, whatever the batch. Not to be confused with a critic, which predicts the future loss, not its gradient.
    Readings: l is the loss of one step of one sequence, so A does not depend on how many steps a window counts. Labels are no
    features, as they are given at counted steps only. A step is credited with A as the steps before it left it. A prediction
    does not grow on its way back (the min), and the step is divided by the largest features of late: else A diverges, as what is
    learnt from itself does, where R expands or the state grows over a sequence. The price is that a gradient that does grow
    over lags is cut short. A step's credit is paid at the next counted step, to the window of that one: a window without a
    counted step has a gradient of zero, and yet windows add up to the whole sequence. What is due after the last counted step
    of a sequence is dropped. The end comes unforeseen: g is not taught to be zero there. As in `Snap1`, dl^t/dx_i^t goes through
    the layers above and not through their past, and so not through their future.

    Source: M. Jaderberg, W. M. Czarnecki, S. Osindero, O. Vinyals, A. Graves, D. Silver and K. Kavukcuoglu, Decoupled neural
    interfaces using synthetic gradients, ICML 2017, section 2; step by step in O. Marschall, K. Cho and C. Savin, JMLR 21
    (2020), section 3.
    """

    rate: float = 0.5
    cost = Cost(time=2, memory=2)
    source = "Jaderberg et al. 2017"
    learns = True

    def init(self, params: Parameters, batch: int) -> DniCarry:
        A = {i: np.zeros((len(R), R.shape[1] + 1, R.shape[1]), R.dtype) for i, R in params.R.items()}
        size = {i: np.zeros(len(a), a.dtype) for i, a in A.items()}
        return DniCarry(super().init(params, batch), A, size, {})

    def reset(self, params: Parameters, batch: int, carry: DniCarry) -> DniCarry:
        return self.init(params, batch)._replace(A=carry.A, size=carry.size)

    def step(self, params: Parameters, window: Window, carry: DniCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx, A, size, due = through_outputs(network, params, window, activity, gradient), {}, {}, {}
        counted, batch = activity.outputs.shape[1:3]
        dx *= counted * batch
        steps = dx.shape[1]
        paid = max(step_numbers(window.counted, steps), default=-1) + 1
        for i, present, slope in downward(network, params, activity, dx):
            credit, A[i], size[i] = self.credited(params.R[i], carry.A[i], carry.size[i], activity, i, slope, present)
            credit *= slope
            u = activity.u[i][:, :-1]
            V, before = gradient.V[i], carry.due.get(i)
            if counted:
                summed(u[:, :paid], credit[:, :paid], out=V)
                if before is not None:
                    V += before
                mean_over(counted * batch, V)
            else:
                V[...] = 0
            if paid < steps:
                due[i] = summed(u[:, paid:], credit[:, paid:])
                if before is not None and not counted:
                    due[i] += before
        return Step(activity.outputs, gradient.vector, DniCarry(activity.state(), A, size, due))

    def credited(
        self, R: Array, A: Array, size: Array, activity: Activity, i: int, slope: Array, dx: Array
    ) -> tuple[Array, Array, Array]:
        """c_i^t from dl^t/dx_i^t, (replicate, T, batch, n_i), and A_i and size_i at the end of the window."""
        replicates, steps, batch, n = dx.shape
        R_transposed, leak, credit = transposed(R, steps), self.network.leak, dx.copy()
        features = activity.u[i][..., self.network.sizes[i - 1] :].copy()  # [x_i^{t-1}, 1] at t
        sizes = np.vecdot(features, features).sum(2) / batch
        target = (dx * slope) @ R_transposed[:, None] + leak * dx
        for t in range(steps):
            both = features[:, t : t + 2].reshape(replicates, 2 * batch, n + 1) @ A
            expected, g = both[:, :batch], both[:, batch:]
            credit[:, t] += g
            back = (g * slope[:, t]) @ R_transposed
            if leak:
                back += leak * g
            error = target[:, t] + back * share(length(g), length(back)) - expected
            size = np.maximum(FORGET * size, sizes[:, t])
            error *= (self.rate / batch / size)[:, None, None]
            A = A + summed(features[:, t : t + 1], error[:, None])
        return credit, A, size


def length(a: Array) -> Array:
    """Of each sample's vector, (replicate, batch, 1)."""
    return norm(a)[..., None]


def share(most: Array, size: Array) -> Array:
    """The factor that leaves a vector of this size no longer than most."""
    return np.divide(most, size, out=np.ones_like(size), where=size > most)

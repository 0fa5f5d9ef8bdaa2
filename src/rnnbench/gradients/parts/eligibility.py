"""What SnAp-1, RFLO, e-prop and the diagonal rule share: an eligibility trace that each unit carries for its own parameters."""

from abc import abstractmethod
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Cost, GradientRule, Step, downward, outer, summed, through_outputs
from rnnbench.network import Activity, Parameters, State, Window


class EligibilityCarry(NamedTuple):
    """x: the state. e: e[i] (replicate, batch, n_{i-1} + n_i + 1, n_i) at the last step seen; empty at rest, where it is zero."""

    x: State
    e: dict[int, Array]


class Eligibility(GradientRule):
    """Unit k keeps, of the influence of all parameters on all units, that of its own parameters V_i[j, k] on itself:

        e_i^t[j, k] = a_i^t[k] e_i^{t-1}[j, k] + u_i^t[j] dx_i^t[k]/dz_i^t[k]
        dL/dV_i[j, k] = sum_t c_i^t[k] e_i^t[j, k]

    A rule says what is kept of the past, a, and how a unit is credited, c: unless it says otherwise with dL/dx_i^t of the
    present step, backward through the layers above and not through their past.
    """

    cost = Cost(time=2, memory=2)

    @abstractmethod
    def kept(self, params: Parameters, i: int, slope: Array) -> Array:
        """a_i^t[k], (replicate, T, batch, n_i) or what broadcasts to it, from dx_i^t/dz_i^t."""

    def credit(self, params: Parameters, window: Window, activity: Activity, i: int, present: Array) -> Array:
        """c_i^t[k], (replicate, T, batch, n_i). present: dL/dx_i^t of the present step."""
        return present

    def init(self, params: Parameters, batch: int) -> EligibilityCarry:
        return EligibilityCarry(super().init(params, batch), {})

    def step(self, params: Parameters, window: Window, carry: EligibilityCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx, traces = through_outputs(network, params, window, activity, gradient), {}
        for i, present, slope in downward(network, params, activity, dx):
            credit = self.credit(params, window, activity, i, present)
            kept = np.broadcast_to(self.kept(params, i, slope), slope.shape)
            traces[i] = through_traces(kept, slope, activity.u[i][:, :-1], credit, carry.e.get(i), gradient.V[i])
        return Step(activity.outputs, gradient.vector, EligibilityCarry(activity.state(), traces))


def through_traces(kept: Array, slope: Array, u: Array, credit: Array, e: Array | None, out: Array) -> Array:
    """Write sum_t c^t[k] e^t[j, k], (replicate, j, k), to `out`; return e at the end of the window, (replicate, batch, j, k).

    slope: (replicate, T, batch, k); kept, credit: the same, or 1 for k. u: (replicate, T, batch, j). e: at the last step before,
    None at rest.

    The traces of the steps between are never made. As a^t is a unit's own, the sum may be taken from either end:

        s^t = c^t + a^{t+1} s^{t+1}          sum_t c^t e^t = sum_t (u^t)^T (dx^t/dz^t s^t) + a^1 s^1 e^0
        p^t = a^T ... a^{t+1}                        e^T = sum_t (u^t)^T (dx^t/dz^t p^t) + a^1 p^1 e^0

    which is two products in place of T updates of j times k numbers.
    """
    steps = slope.shape[1]
    if steps == 1:
        end = outer(u[:, 0], slope[:, 0])
        if e is not None:
            end += kept[:, 0, :, None] * e
        if len(end[0]) == 1:
            np.multiply(credit[:, 0, :, None], end, out=out[:, None])
        else:
            (credit[:, 0, :, None] * end).sum(1, out=out)
        return end
    kept, later = (a.swapaxes(0, 1).copy() for a in (kept, credit))  # time first: a step's numbers lie together
    product = np.ones_like(kept)
    for t in range(steps - 2, -1, -1):
        later[t] += kept[t + 1] * later[t + 1]
        np.multiply(kept[t + 1], product[t + 1], out=product[t])
    later, product = later.swapaxes(0, 1), product.swapaxes(0, 1)
    summed(u, slope * later, out=out)
    end = np.moveaxis(u, 1, 3) @ np.moveaxis(slope * product, 1, 2)
    if e is not None:
        out += ((kept[0] * later[:, 0])[:, :, None] * e).sum(1)
        end += (kept[0] * product[:, 0])[:, :, None] * e
    return end

"""What SnAp-n and sparse RTRL share: RTRL's influence, carried forward layer by layer."""

from rnnbench.arrays import Array
from rnnbench.gradients.base import Cost, GradientRule, Step, downward, through_outputs
from rnnbench.gradients.parts.sensitivity import LayerwiseCarry, through_layer
from rnnbench.network import Parameters, Window


class Influence(GradientRule):
    """The influence of a layer's parameters on its own states, P_i^t[l; j, k], is carried; a rule says over which paths, and what
    is kept of it. The past of the layers above is dropped.

    Stored densely: O(n^4) time, O(n^3) memory.
    """

    cost = Cost(time=4, memory=3)

    def paths(self, params: Parameters, i: int) -> Array:
        """R_i[m, l] over which the influence comes to the next step, (replicate, m, l)."""
        return params.R[i]

    def kept(self, params: Parameters, i: int) -> Array | None:
        """The entries of the influence that are kept after each step, (replicate, l, k); None, all."""
        return None

    def init(self, params: Parameters, batch: int) -> LayerwiseCarry:
        return LayerwiseCarry(super().init(params, batch), {})

    def step(self, params: Parameters, window: Window, carry: LayerwiseCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx, P = through_outputs(network, params, window, activity, gradient), {}
        for i, present, slope in downward(network, params, activity, dx):
            R, kept, u = self.paths(params, i), self.kept(params, i), activity.u[i][:, :-1]
            gradient.V[i][...], P[i] = through_layer(R, network.leak, u, slope, present, window.counted, carry.P.get(i), kept)
        return Step(activity.outputs, gradient.vector, LayerwiseCarry(activity.state(), P))

"""The derivation in question, exactly as posted."""

from rnnbench.gradients.base import Cost, GradientRule, Step, downward, summed, through_outputs
from rnnbench.gradients.parts.posted_backward import PostedBackward
from rnnbench.gradients.parts.sensitivity import LayerwiseCarry, through_layer
from rnnbench.network import Parameters, Window


class Posted(GradientRule):
    """R_i by a forward recursion; W, b and dL/dx_i^t as in an MLP, at the present step:

        dx_i^t[n]/dR_i[j, k] = f'(z_i^t[n]) ( sum_l R_i[l, n] dx_i^{t-1}[l]/dR_i[j, k] + delta_{n,k} x_i^{t-1}[j] )
        dL/dR_i = sum_t sum_n dL/dx_i^t[n] dx_i^t[n]/dR_i

    The recursion is RTRL's and exact, for one layer. Missing are: for W_{i-1} and b_{i-1}, every path through x_i^{t-1}, which
    depends on them too; and, where a layer lies above, every path by which x_i^t reaches the loss through the past of that
    layer. Time O(n^4) a step; P takes O(n^3). (Where units leak, f' stands for dx/dz, and the recursion for R keeps the leak
    too.)
    """

    cost = Cost(time=4, memory=3)
    source = "the question"

    def backward(self, whole: bool = True) -> PostedBackward | None:
        return PostedBackward(self.network, self.seed) if whole else None

    def init(self, params: Parameters, batch: int) -> LayerwiseCarry:
        return LayerwiseCarry(super().init(params, batch), {})

    def step(self, params: Parameters, window: Window, carry: LayerwiseCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        P_end = {}
        for i, present, slope in downward(network, params, activity, dx):
            summed(activity.u[i][:, :-1], present * slope, out=gradient.V[i])
            x_before = network.before(activity, i)
            gradient.R[i][...], P_end[i] = through_layer(
                params.R[i], network.leak, x_before, slope, present, window.counted, carry.P.get(i)
            )
        return Step(activity.outputs, gradient.vector, LayerwiseCarry(activity.state(), P_end))

"""One-step truncation, as in Elman's network."""

from rnnbench.arrays import at
from rnnbench.gradients.base import Cost, GradientRule, Step, downward, summed, through_counted
from rnnbench.network import Parameters, State, Window


class Elman(GradientRule):
    """The context x_i^{t-1} is taken for an input like any other, so nothing flows back through it:

        dL/dz_i^t = dL/dx_i^t dx_i^t/dz_i^t    dL/dx_{i-1}^t = dL/dz_i^t W_{i-1}^T        dL/dV_i = sum_t (u_i^t)^T dL/dz_i^t

    R learns, but only from what the last state was, not from how it came about. Also called TBPTT(1). Not to be confused
    with online learning: this truncates the gradient, whatever the window. Time O(n^2) a step.

    Source: J. L. Elman, Finding structure in time, Cognitive Science 14 (1990), section "Networks with memory".
    """

    cost = Cost(time=2, memory=1)
    source = "Elman 1990"

    def step(self, params: Parameters, window: Window, carry: State) -> Step:
        activity = self.network.forward(params, window, carry)
        gradient = self.network.empty_like(params)
        dx = through_counted(self.network, params, window, activity, gradient)
        for i, present, slope in downward(self.network, params, activity, dx, window.counted):
            summed(at(window.counted, activity.u[i][:, :-1]), present * slope, out=gradient.V[i])
        return Step(activity.outputs, gradient.vector, activity.state())

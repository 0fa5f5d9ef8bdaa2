"""The posted gradient of whole sequences, backward."""

from rnnbench.arrays import at
from rnnbench.gradients.base import Cost, GradientRule, Step, downward, step_numbers, summed, through_counted
from rnnbench.gradients.bptt import through_layer
from rnnbench.network import Parameters, State, Window


class PostedBackward(GradientRule):
    """What `Posted` computes forward, where the window begins at rest and the weights stand still in it. With e_i^t for dL/dx_i^t
    of the present step, through the layers above and not through their past:

        d_i^t   = e_i^t + (d_i^{t+1} dx_i^{t+1}/dz_i^{t+1}) R_i^T + leak d_i^{t+1}
        dL/dR_i = sum_t (x_i^{t-1})^T (d_i^t dx_i^t/dz_i^t)
        dL/dW_{i-1}, dL/db_{i-1} = sum_t [x_{i-1}^t, 1]^T (e_i^t dx_i^t/dz_i^t)

    The recursion for R sums over all lags, as backpropagation through the layer itself does; W and b see the present step. Equal
    to rounding, in the time of backpropagation: O(n^2) a step in place of O(n^4).
    """

    cost = Cost(time=2, memory=1)
    source = "the question"

    def step(self, params: Parameters, window: Window, carry: State) -> Step:
        network = self.network
        activity = network.forward(params, window, carry)
        gradient = network.empty_like(params)
        dx = through_counted(network, params, window, activity, gradient)
        counted = step_numbers(window.counted, window.x.shape[1])
        for i, present, slope in downward(network, params, activity, dx, window.counted):
            summed(at(window.counted, activity.u[i][:, :-1]), present * slope, out=gradient.V[i])
            dz = through_layer(network, params, activity, i, present, counted)
            summed(network.before(activity, i)[:, : dz.shape[1]], dz, out=gradient.R[i])
        return Step(activity.outputs, gradient.vector, activity.state())

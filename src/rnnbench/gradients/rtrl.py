"""Real-time recurrent learning, exact for any number of layers."""

from typing import NamedTuple

from rnnbench.arrays import Array
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step, step_numbers, through_outputs, transposed
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.parts.rtrl_backward import RtrlBackward
from rnnbench.gradients.parts.sensitivity import advance, contract, jacobian, room, room_for_total, tiles, turn_about
from rnnbench.network import Parameters, State, Window


class RtrlCarry(NamedTuple):
    """x: the state. P: P[i] (replicate, batch, n_i, parameters of layers 1..i), dx_i/dV_1..i at the last step seen.

    P is empty at rest, where it is zero. The parameters of a layer are ordered (k, j), as `advance` wants them.
    """

    x: State
    P: dict[int, Array]


class Rtrl(GradientRule):
    """The derivative of every state by every parameter is carried forward, P_i^t = dx_i^t/d(V_1, ..., V_i):

        P_i^t[n] = dx_i^t[n]/dz_i^t[n] ( sum_l R_i[l, n] P_i^{t-1}[l] + sum_l W_{i-1}[l, n] P_{i-1}^t[l] + delta_{n,k} u_i^t[j] )
                   + leak P_i^{t-1}[n]
        dL/dV = sum_t dL/dx_L^t P_L^t

    The first term is the posted recursion, here for W_{i-1} and b_{i-1} too. The second carries what the layers below did
    to this layer, now and in its past; the delta term stands in the columns (j, k) of V_i alone. Only the top layer meets
    the loss: its P holds every path from every parameter. Exact while the weights stand still; updated at every step, P is
    a mixture of derivatives at old weights (stale). Time O(n^4) a step; P takes O(n^3), whatever T (the activities of a window
    take O(n T) beside it, as for every rule: hand long sequences over in several windows).

    Source: R. J. Williams and D. Zipser, Neural Computation 1 (1989), equations 12-14 (one layer).
    """

    claim = Claim.EXACT
    cost = Cost(time=4, memory=3)
    source = "Williams and Zipser 1989"

    def backward(self, whole: bool = True) -> Bptt | RtrlBackward:
        return (Bptt if whole else RtrlBackward)(self.network, self.seed)

    def init(self, params: Parameters, batch: int) -> RtrlCarry:
        return RtrlCarry(super().init(params, batch), {})

    def step(self, params: Parameters, window: Window, carry: RtrlCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        replicates, steps, batch, _ = dx.shape
        R_transposed = {i: transposed(R, steps) for i, R in params.R.items()}
        W_transposed = {i: transposed(params.W[i], steps) for i in range(1, network.depth)}
        slope = {i: network.slope(activity, i) for i in activity.x}
        scored = step_numbers(window.counted, steps)
        begin = min(scored, default=0)

        shape = {i: (n, network.recurrent_parameters[i]) for i, n in enumerate(network.sizes) if i > 0}
        P_end = {i: room((replicates, batch, *size), dx) for i, size in shape.items()}
        by_recurrent_parameter = room_for_total(scored, replicates, network.recurrent_parameters[-1], dx)
        for r, b in tiles(replicates, batch, sum(P[0, 0].nbytes for P in P_end.values())):
            P: dict[int, Array | None] = {i: carry.P[i][r, b] if carry.P else None for i in shape}
            turns = {i: turn_about(P[r, b], steps) for i, P in P_end.items()}
            for t in range(steps):
                below: Array | None = None
                for i in shape:
                    now = next(turns[i])
                    fz = slope[i][r, t, b, :, None]
                    advance(P[i], jacobian(fz, R_transposed[i][r], network.leak), fz * activity.u[i][r, t, b, None], now)
                    if below is not None:
                        now[..., : below.shape[-1]] += (fz * W_transposed[i - 1][r, None]) @ below
                    P[i] = below = now
                if t in scored:
                    contract(dx[r, t, b], now, by_recurrent_parameter[r], first=(t, b.start) == (begin, 0))
        for i, part, (j, n) in network.layout[:-1]:
            gradient.V[i][...] = by_recurrent_parameter[:, part].reshape(replicates, n, j).swapaxes(1, 2)
        return Step(activity.outputs, gradient.vector, RtrlCarry(activity.state(), P_end))

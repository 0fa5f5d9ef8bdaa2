"""Unbiased online recurrent optimisation."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import noise
from rnnbench.gradients.base import Cost, GradientRule, Step, through_outputs
from rnnbench.gradients.joint import balance, norm, pull, push, slopes, units
from rnnbench.network import Parameters, State, Window


class UoroCarry(NamedTuple):
    """x: the state. s: (replicate, batch, N), theta: (replicate, batch, parameters of the layers); None at rest, where they are
    zero. draws: how many steps have drawn noise.
    """

    x: State
    s: Array | None
    theta: Array | None
    draws: int


class Uoro(GradientRule):
    """The influence of all parameters on all units is kept as one product of two vectors, P^t ~ s^t theta^t, right on average:

        s^t     = rho_0 J^t s^{t-1}   + rho_1 nu^t              J^t = ds^t/ds^{t-1}, nu^t = +-1 for every unit
        theta^t = theta^{t-1} / rho_0 + nu^t I^t / rho_1        I^t = the immediate influence, by present inputs alone
        dL/dtheta = sum_t (dL/ds^t . s^t) theta^t
        rho_0 = sqrt(|theta^{t-1}| / |J^t s^{t-1}|)             rho_1 = sqrt(|nu^t I^t| / |nu^t|)

    Unbiased: E[nu nu^T] = 1 gives back J P + I, and what is crossed has mean zero, as the scales are even in nu. They are
    those of least variance. Rank one, so the noise of all units is in all of the gradient: its variance grows with their
    number. O(n^2) a step, O(n m) memory. Each sequence of a batch draws its own noise. Unbiased at any depth, as the layers
    are one network. Reading: where a norm is zero its rho is 1, in place of the paper's small constants.

    Source: C. Tallec and Y. Ollivier, Unbiased online recurrent optimization, ICLR 2018, equations 8 to 13 and algorithm 1.
    """

    claim = "unbiased"
    draws = True
    cost = Cost(time=2, memory=2)
    source = "Tallec and Ollivier 2018"

    def init(self, params: Parameters, batch: int) -> UoroCarry:
        return UoroCarry(super().init(params, batch), None, None, 0)

    def reset(self, params: Parameters, batch: int, carry: UoroCarry) -> UoroCarry:
        return self.init(params, batch)._replace(draws=carry.draws)

    def step(self, params: Parameters, window: Window, carry: UoroCarry) -> Step:
        network, at = self.network, units(self.network)
        activity = network.forward(params, window, carry.x)
        gradient = network.zeros_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        slope = slopes(network, activity)
        replicates, steps, batch, N = slope.shape
        recurrent = gradient.vector[:, : network.recurrent_parameters[-1]]
        s = np.zeros((replicates, batch, N), dx.dtype) if carry.s is None else carry.s
        theta = np.zeros((replicates, batch, recurrent.shape[1]), dx.dtype) if carry.theta is None else carry.theta.copy()
        for t in range(steps):
            nu = noise.signs(self.seed, carry.draws + t, (replicates, batch, N), dx.dtype)
            s = push(network, params, slope[:, t], s[:, :, None])[:, :, 0]
            dz = pull(network, params, slope[:, t], nu)
            immediate = np.sqrt(sum(np.square(norm(activity.u[i][:, t]) * norm(dz[..., at[i]])) for i in activity.x))
            rho_0, rho_1 = balance(norm(theta), norm(s)), balance(immediate, norm(nu))
            s = rho_0[..., None] * s + rho_1[..., None] * nu
            theta /= rho_0[..., None]
            dz /= rho_1[..., None]
            for i, part, shape in network.layout[:-1]:
                u = activity.u[i][:, t]
                theta[..., part].reshape(replicates, batch, *shape)[...] += u[..., None] * dz[..., None, at[i]]
            credit = (dx[:, t] * s[..., at[-1]]).sum(-1)
            recurrent += (credit[:, None] @ theta)[:, 0]
        return Step(activity.outputs, gradient.vector, UoroCarry(activity.state(), s, theta, carry.draws + steps))

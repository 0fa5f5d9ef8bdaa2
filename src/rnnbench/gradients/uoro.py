"""Unbiased online recurrent optimisation."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step, outer, through_outputs
from rnnbench.gradients.parts import noise
from rnnbench.gradients.parts.eligibility import through_traces
from rnnbench.gradients.parts.joint import balance, norm, pull, push, slopes
from rnnbench.network import Parameters, State, Window


class UoroCarry(NamedTuple):
    """x: the state. s: (replicate, batch, N). theta: by layer, (replicate, batch, n_{i-1} + n_i + 1, n_i). draws: how
    many steps have drawn noise.
    """

    x: State
    s: Array
    theta: dict[int, Array]
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

    claim = Claim.UNBIASED
    draws = True
    cost = Cost(time=2, memory=2)
    source = "Tallec and Ollivier 2018"

    def init(self, params: Parameters, batch: int) -> UoroCarry:
        state, replicates, dtype = super().init(params, batch), len(params.vector), params.vector.dtype
        s = np.zeros((replicates, batch, sum(self.network.hidden)), dtype)
        theta = {i: np.zeros((replicates, batch, *shape), dtype) for i, _, shape in self.network.layout[:-1]}
        return UoroCarry(state, s, theta, 0)

    def reset(self, params: Parameters, batch: int, carry: UoroCarry) -> UoroCarry:
        return self.init(params, batch)._replace(draws=carry.draws)

    def step(self, params: Parameters, window: Window, carry: UoroCarry) -> Step:
        network, at = self.network, self.network.units
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        slope = slopes(network, activity)
        replicates, steps, batch, N = slope.shape
        u = {i: joint[:, :-1] for i, joint in activity.u.items()}
        nu = noise.signs(self.seed, self.first, carry.draws, steps, (replicates, batch, N), dx.dtype)
        dz = pull(network, params, slope, nu)
        immediate = np.sqrt(sum(np.square(norm(u[i]) * norm(dz[..., at[i]])) for i in u))
        rho_1 = balance(immediate, norm(nu))[..., None]
        nu *= rho_1
        dz /= rho_1
        s, kept = np.empty_like(nu), np.empty_like(rho_1)
        theta, now = dict(carry.theta), carry.s  # theta^{t-1} is made for its norm alone
        for t in range(steps):
            if t > 0:
                added = {i: outer(u[i][:, t - 1], dz[:, t - 1, :, at[i]]) for i in u}
                theta = {i: kept[:, t - 1, :, None] * theta[i] + added[i] for i in u}
            moved = push(network, params, slope[:, t], now[:, :, None])[:, :, 0]
            flat = [a.reshape(replicates, batch, -1) for a in theta.values()]
            size = np.sqrt(sum(np.vecdot(a, a) for a in flat))
            rho_0 = balance(size, norm(moved))[..., None]
            np.divide(1, rho_0, out=kept[:, t])
            now = np.add(rho_0 * moved, nu[:, t], out=s[:, t])
        credit = np.vecdot(dx, s[..., at[-1]])[..., None]
        for i in u:
            theta[i] = through_traces(kept, dz[..., at[i]], u[i], credit, carry.theta[i], gradient.V[i])
        return Step(activity.outputs, gradient.vector, UoroCarry(activity.state(), s[:, -1].copy(), theta, carry.draws + steps))

"""Kernel RNN learning: the influence of the past is a learnt kernel."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Cost, GradientRule, Step, downward, summed, through_outputs
from rnnbench.gradients.parts import noise
from rnnbench.gradients.parts.eligibility import through_traces
from rnnbench.network import Activity, Parameters, State, Window


class Kernel(NamedTuple):
    """beta: (replicate, i, l), the sensitivities. gamma: (replicate, i), the decay of unit i's influence in a step."""

    beta: Array
    gamma: Array


class Probe(NamedTuple):
    """gap: (x~ - x) / sigma. w: the noise as the kernel carries it on. dw: dw/dgamma. All (replicate, batch, n_i)."""

    gap: Array
    w: Array
    dw: Array


class KernlCarry(NamedTuple):
    """x: the state. e: as in `Eligibility`, empty at rest. kernels, probes: by layer. draws: how many steps have drawn noise."""

    x: State
    e: dict[int, Array]
    kernels: dict[int, Kernel]
    probes: dict[int, Probe]
    draws: int


@dataclass(frozen=True)
class Kernl(GradientRule):
    """The influence of unit k on unit l of its layer, s steps later, is taken for a product of sensitivity and decay:

        dx^t[l]/dx^{t-s}[k] ~ beta[k, l] exp(-gamma[k] s)
        e^t[j, k] = exp(-gamma[k]) e^{t-1}[j, k] + u^t[j] dx^t[k]/dz^t[k]
        dL/dV[j, k] ~ sum_t ( sum_l dL/dx^t[l] beta[k, l] ) e^t[j, k]

    Both are learnt by perturbing the units. A second state x~ gets noise sigma xi^t at every step, xi = +-1; what the kernel
    makes of the noise is to be what the network makes of it. With < > for batch means,

        w^t[k] = exp(-gamma[k]) w^{t-1}[k] + xi^t[k]            v^t = dw^t/dgamma = exp(-gamma) (v^{t-1} - w^{t-1})
        r^t    = (x~^t - x^t) / sigma - w^t beta
        beta  <- beta + beta_rate <(w^t)^T r^t> / (n + <|w^t|^2>)
        gamma <- max(0, gamma + gamma_rate <v^t (r^t beta^T)> / (1 + <(v^t)^2> |beta|^2))

    Bias: one exponential a unit stands for all paths through R, and beta stands at lag 0 too, where the identity is right. Once
    learnt it is exact where the Jacobian is constant, diagonal and positive. Noisy, but only by what the noise teaches. O(n m).
    Readings: a step uses beta and gamma as the steps before it left them. They start at the identity and a decay by half. Their
    steps are normalised, for one rate to do for any size. Every layer is perturbed by itself, on its unperturbed input, as the
    kernel is that of a layer's influence on itself; as in `Snap1`, the past of the layers above is dropped. x~ begins anew with
    every sequence. The paper's noise is normal; what both updates aim at depends on its mean and covariance alone, which signs
    have too. Not to be confused with learning by node perturbation: the noise teaches the kernel, not the weights.

    Source: C. Roth, I. Kanitscheider and I. Fiete, Kernel RNN learning (KeRNL), ICLR 2019, algorithm 1; O. Marschall, K. Cho and
    C. Savin, JMLR 21 (2020), section 3.
    """

    beta_rate: float = 0.3
    gamma_rate: float = 0.1
    sigma: float = 1e-3
    cost = Cost(time=2, memory=2)
    source = "Roth et al. 2019"
    learns = True
    draws = True

    def init(self, params: Parameters, batch: int) -> KernlCarry:
        state = super().init(params, batch)
        kernels = {
            i: Kernel(np.tile(np.eye(x.shape[2], dtype=x.dtype), (len(x), 1, 1)), np.full_like(x[:, 0], np.log(2)))
            for i, x in state.items()
        }
        probes = {i: Probe(*np.zeros((3, *x.shape), x.dtype)) for i, x in state.items()}
        return KernlCarry(state, {}, kernels, probes, 0)

    def reset(self, params: Parameters, batch: int, carry: KernlCarry) -> KernlCarry:
        return self.init(params, batch)._replace(kernels=carry.kernels, draws=carry.draws)

    def step(self, params: Parameters, window: Window, carry: KernlCarry) -> Step:
        network, at = self.network, self.network.units
        activity = network.forward(params, window, carry.x)
        gradient = network.empty_like(params)
        dx = through_outputs(network, params, window, activity, gradient)
        replicates, steps, batch, _ = dx.shape
        shape = (replicates, batch, at[-1].stop)
        xi, e, kernels, probes = noise.signs(self.seed, self.first, carry.draws, steps, shape, dx.dtype), {}, {}, {}
        for i, present, slope in downward(network, params, activity, dx):
            gaps = self.perturbed(params, activity, i, carry.probes[i].gap, xi[..., at[i]])
            credit, kept, kernels[i], probes[i] = self.learnt(gaps, xi[..., at[i]], present, carry.kernels[i], carry.probes[i])
            e[i] = through_traces(kept, slope, activity.u[i][:, :-1], credit, carry.e.get(i), gradient.V[i])
        return Step(activity.outputs, gradient.vector, KernlCarry(activity.state(), e, kernels, probes, carry.draws + steps))

    def perturbed(self, params: Parameters, activity: Activity, i: int, gap: Array, xi: Array) -> Array:
        """(x~_i^t - x_i^t) / sigma, (replicate, T, batch, n_i), from that of the step before the window."""
        network, leak = self.network, self.network.leak
        fresh = activity.x[i] if not leak else activity.x[i] - leak * network.before(activity, i)
        gaps, moved = np.empty_like(fresh), np.empty_like(gap)
        for t in range(fresh.shape[1]):
            u = activity.u[i][:, t].copy()
            u[..., network.sizes[i - 1] : -1] += self.sigma * gap
            network.f.value(u @ params.V[i], moved)
            if leak:
                moved *= 1 - leak
            moved -= fresh[:, t]
            moved /= self.sigma
            moved += xi[:, t]
            if leak:
                moved += leak * gap
            gaps[:, t] = moved
            gap = gaps[:, t]
        return gaps

    def learnt(self, gaps: Array, xi: Array, dx: Array, kernel: Kernel, probe: Probe) -> tuple[Array, Array, Kernel, Probe]:
        """sum_l beta[k, l] dL/dx^t[l] and exp(-gamma), (replicate, T, batch, n_i), and what is carried on."""
        (beta, gamma), (gap, w, dw) = kernel, probe
        credit, kept = np.empty_like(dx), np.empty_like(dx)
        batch, n = dx.shape[2:]
        for t in range(dx.shape[1]):
            decay = np.exp(-gamma)[:, None]
            credit[:, t], kept[:, t], gap = dx[:, t] @ beta.swapaxes(1, 2), decay, gaps[:, t]
            w, dw = decay * w + xi[:, t], decay * (dw - w)
            error = gap - w @ beta
            size = n + np.vecdot(w, w).sum(1) / batch
            felt = 1 + np.square(dw).sum(1) / batch * np.vecdot(beta, beta)
            faster = (dw * (error @ beta.swapaxes(1, 2))).sum(1) / batch / felt
            error *= (self.beta_rate / batch / size)[:, None, None]
            beta = beta + summed(w[:, None], error[:, None])
            gamma = np.maximum(gamma + self.gamma_rate * faster, 0)
        return credit, kept, Kernel(beta, gamma), Probe(gap.copy(), w, dw)

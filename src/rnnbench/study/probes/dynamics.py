"""The network as a dynamical system driven by its inputs: the Jacobians of its whole state, s^t = [x_1^t, ..., x_L^t].

Singular values of their products say by how much a nudge of the state k steps back can grow or must fade; the largest Lyapunov
exponent is the rate at which almost every nudge does.
"""

from collections.abc import Sequence

import numpy as np

from rnnbench.arrays import Array
from rnnbench.network import Network, Parameters, Window

Slopes = dict[int, Array]
"""f'(z_i^t), (replicate, T, batch, n_i), for i = 1..L."""

SATURATED = 0.1
"""A unit is saturated where f'(z) is below this share of its largest value."""


def slopes(network: Network, params: Parameters, window: Window) -> Slopes:
    """f'(z_i^t) along a window that starts at rest."""
    activity = network.forward(params, window, network.rest(len(params.vector), window.x.shape[2], params.vector.dtype))
    return {i: network.slope(activity, i) for i in activity.x}


def jacobian(network: Network, params: Parameters, along: Slopes, t: int) -> Array:
    """ds^t/ds^{t-1}, (replicate, batch, N, N), N = n_1 + ... + n_L, row s^t and column s^{t-1}; step t counted from 0:

        dx_i^t/ds^{t-1} = diag f'(z_i^t) ( R_i^T in the columns of x_i^{t-1} + W_{i-1}^T dx_{i-1}^t/ds^{t-1} )

    and leak on the diagonal, where units have one.

    The second term is the way up through the layers within the step.
    """
    ends = np.cumsum([0, *network.hidden])
    replicates, _, batch, _ = along[1].shape
    whole = np.zeros((replicates, batch, ends[-1], ends[-1]), params.vector.dtype)
    for i in along:
        own = slice(ends[i - 1], ends[i])
        whole[:, :, own, own] = params.R[i].swapaxes(1, 2)[:, None]
        if i > 1:
            below = slice(ends[i - 2], ends[i - 1])
            whole[:, :, own] += params.W[i - 1].swapaxes(1, 2)[:, None] @ whole[:, :, below]
        whole[:, :, own] *= along[i][:, t, :, :, None]
        np.einsum("rbnn->rbn", whole[:, :, own, own])[...] += network.leak
    return whole


def spans(steps: int) -> list[int]:
    """Numbers of steps k whose products are looked at: 1, 2, 5, 10, 20, 50, ... and all of them."""
    return sorted({k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500) if k < steps} | {steps})


def singular_values(network: Network, params: Parameters, along: Slopes, lengths: Sequence[int]) -> dict[int, Array]:
    """Largest, median and smallest singular value of ds^T/ds^{T-k} for each k of `lengths`, T the last step: (replicate, 3).

    Geometric means over the sequences; 0 where a value is too small beside the largest to be told apart from
    rounding, NaN where the product is not finite.

    Source: R. Pascanu, T. Mikolov and Y. Bengio, ICML 2013, section 2; A. Saxe, J. McClelland and S. Ganguli, ICLR 2014.
    """
    found = {}
    steps = along[1].shape[1]
    product = jacobian(network, params, along, steps - 1)
    for k in range(1, max(lengths) + 1):
        if k > 1:
            product = product @ jacobian(network, params, along, steps - k)
        if k in lengths:
            finite = np.asarray(np.isfinite(product).all((2, 3)))
            values = np.linalg.svd(np.where(finite[..., None, None], product, 0), compute_uv=False)
            three = np.stack([values[..., 0], np.median(values, axis=-1), values[..., -1]], axis=-1)
            rounding = product.shape[-1] * np.finfo(product.dtype).eps * values[..., :1]
            three[three < rounding] = 0
            three[~finite] = np.nan
            with np.errstate(divide="ignore"):
                found[k] = np.exp(np.log(three).mean(1))
    return found


def lyapunov(network: Network, params: Parameters, along: Slopes, transient: int) -> Array:
    """The largest Lyapunov exponent along the steps after the transient, natural log per step, mean over sequences: (replicate,).

        v^t = ds^t/ds^{t-1} v^{t-1}          lambda = mean_t log |v^t| / |v^{t-1}|

    from a random v, brought back to length 1 at every step. The transient is for v to turn to the direction that grows most;
    along a short sequence this is a finite-time exponent. NaN where v becomes zero (nothing is remembered) or not finite.

    Source: G. Benettin, L. Galgani, A. Giorgilli and J.-M. Strelcyn, Meccanica 15 (1980); for recurrent networks R. Engelken,
    F. Wolf and L. F. Abbott, Lyapunov spectra of chaotic recurrent neural networks, Physical Review Research 5 (2023).
    """
    replicates, steps, batch, _ = along[1].shape
    start = np.random.default_rng(0).normal(size=(1, batch, sum(network.hidden), 1))
    v = np.broadcast_to(start, (replicates, *start.shape[1:]))
    total = np.zeros((replicates, batch))
    for t in range(steps):
        v = jacobian(network, params, along, t) @ v
        length = np.linalg.norm(v, axis=2, keepdims=True)
        v = v / length
        if t >= transient:
            total += np.log(length[:, :, 0, 0])
    return total.mean(1) / (steps - transient)


def saturation(network: Network, along: Slopes) -> dict[int, Array]:
    """The share of units and steps at which f'(z) is below a tenth of its largest value, by layer: (replicate,).

    With relu that is where f' = 0.

    Source: X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.
    """
    return {i: (slope < SATURATED * (1 - network.leak) * network.f.steepest).mean((1, 2, 3)) for i, slope in along.items()}

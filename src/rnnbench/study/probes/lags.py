"""How far back a loss reaches: the norm of its derivative by earlier states, lag by lag.

Source: R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013, section 2.
"""

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.gradients.base import everywhere, through_counted
from rnnbench.gradients.bptt import backward
from rnnbench.network import Network, Parameters, Window

EVERY = 30  # lags up to this one are all kept
FAR = 10  # about so many are kept beyond, log-spaced


def kept_lags(time: int) -> Integers:
    """The lags of a sequence of `time` steps that are kept: all up to EVERY, then log-spaced ones, the longest among them."""
    near = np.arange(min(time, EVERY + 1))
    return np.unique(np.r_[near, np.geomspace(EVERY, time - 1, FAR + 1).round()[1:] if time > EVERY + 1 else []]).astype(int)


def lag_norms(network: Network, params: Parameters, window: Window) -> Array:
    """Norm of dL_T/dx_L^{T-k} for k = 0..T-1, where L_T is the loss of the last counted step: (replicate, lag), batch mean."""
    steps, batch = window.x.shape[1:3]
    last = Window(window.x, window.y[:, -1:], slice(steps - 1, steps))
    activity = network.forward(params, last, network.rest(len(params.vector), batch, params.vector.dtype))
    L = network.depth
    at_last = through_counted(network, params, last, activity, network.zeros_like(params))
    dz = backward(network, params, last, activity, at_last)[L]
    dx = everywhere(last, at_last)
    dx[:, :-1] += dz[:, 1:] @ params.R[L][:, None].swapaxes(2, 3)
    if network.leak:
        for t in range(steps - 2, -1, -1):
            dx[:, t] += network.leak * dx[:, t + 1]
    # The loss divides by the batch; the norm of one sequence's loss does not.
    return np.linalg.norm(dx * batch, axis=-1).mean(-1)[:, ::-1]


def lag_rate(lags: Integers, norms: Array) -> Array:
    """The factor c of the exponential norm_k = a c^k that fits norms (replicate, lag) best: (replicate,).

    Least squares of log norm_k over the lags k >= 1 at which the norm is positive and finite; NaN with fewer than two such.
    """
    used = (lags >= 1) & np.isfinite(norms) & (norms > np.finfo(norms.dtype).tiny)
    count = used.sum(1)
    logs = np.log(norms, where=used, out=np.zeros_like(norms))
    mean_lag = np.where(used, lags, 0).sum(1) / np.maximum(count, 1)
    centred = np.where(used, lags - mean_lag[:, None], 0)
    slope = np.divide((centred * logs).sum(1), np.square(centred).sum(1), out=np.full(len(norms), np.nan), where=count > 1)
    return np.exp(slope)

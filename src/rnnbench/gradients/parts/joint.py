"""One step of the whole network, s^t = [x_1^t, ..., x_L^t], as a linear map: what the rules share that carry products of the
influence, whatever the number of layers. Rows are tangents or cotangents of the N = n_1 + ... + n_L units.
"""

import numpy as np

from rnnbench.arrays import Array
from rnnbench.network import Activity, Network, Parameters


def slopes(network: Network, activity: Activity) -> Array:
    """dx^t/dz^t of all units, (replicate, T, batch, N)."""
    return np.concatenate([network.slope(activity, i) for i in activity.x], axis=-1)


def push(network: Network, params: Parameters, slope: Array, rows: Array) -> Array:
    """Tangents of s^{t-1} to those of s^t, rows ds^t/ds^{t-1}: (replicate, batch, rows, N) from the same.

    slope: dx^t/dz^t, (replicate, batch, N).
    """
    moved = np.empty_like(rows)
    for i, own in enumerate(network.units[1:], start=1):
        dz = times(rows[..., own], params.R[i])
        if i > 1:
            dz += times(moved[..., network.units[i - 1]], params.W[i - 1])
        np.multiply(dz, slope[:, :, None, own], out=moved[..., own])
        if network.leak:
            moved[..., own] += network.leak * rows[..., own]
    return moved


def inject(network: Network, params: Parameters, slope: Array, i: int, dz: Array) -> Array:
    """Tangents of z_i^t, (replicate, batch, rows, n_i), to those of s^t, upward through the layers within the step: (..., N)."""
    at = network.units
    moved = np.zeros_like(slope, shape=(*dz.shape[:3], slope.shape[-1]))
    moved[..., at[i]] = dz * slope[:, :, None, at[i]]
    for above in range(i + 1, network.depth + 1):
        moved[..., at[above]] = times(moved[..., at[above - 1]], params.W[above - 1]) * slope[:, :, None, at[above]]
    return moved


def pull(network: Network, params: Parameters, slope: Array, cotangent: Array) -> Array:
    """Cotangents of s^t to those of all z_i^t, downward through the layers within each step: (replicate, T, batch, N)."""
    at = network.units
    dz = cotangent * slope
    for i in range(network.depth, 1, -1):
        dz[..., at[i - 1]] += (dz[..., at[i]] @ params.W[i - 1][:, None].swapaxes(2, 3)) * slope[..., at[i - 1]]
    return dz


def times(rows: Array, matrix: Array) -> Array:
    """Rows (replicate, ..., ..., n) times a replicate's matrix (replicate, n, columns), in one product per replicate."""
    return (rows.reshape(len(rows), -1, rows.shape[-1]) @ matrix).reshape(*rows.shape[:-1], -1)


def norm(a: Array) -> Array:
    """Of the vectors along the last axis."""
    return np.sqrt(np.vecdot(a, a))


def balance(a: Array, b: Array) -> Array:
    """The factor rho = sqrt(|a| / |b|) that makes rho b and a / rho of the same size; 1 where either is zero."""
    return np.sqrt(np.divide(a, b, out=np.ones_like(a), where=(a > 0) & (b > 0)))

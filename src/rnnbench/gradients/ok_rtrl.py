"""Optimal Kronecker-sum approximation of RTRL."""

from dataclasses import dataclass

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import in_range
from rnnbench.gradients.parts.joint import norm
from rnnbench.gradients.parts.kronecker import KroneckerSum


@dataclass(frozen=True)
class OkRtrl(KroneckerSum):
    """The terms of `KroneckerSum` are made fewer by the unbiased approximation of least variance.

        sum_a X_a (x) Y_a = Q_X^T (L_X^T L_Y) Q_Y          X = L_X Q_X, Y = L_Y Q_Y, the rows of Q orthonormal
                          = Q_X^T U diag(sigma) W Q_Y      singular values of the small matrix between
                          ~ Q_X^T U K K^T W Q_Y            E[K K^T] = diag(sigma), K with r columns

    Of sigma the largest are kept as they are, and the others mixed by random signs (`diagonal`).

    Unbiased, at any depth; exact once r is the number of inputs n_{i-1} + n_i + 1. With r = 1 the two terms are mixed as in
    `KfRtrl`, but along their singular vectors, where least is crossed. O(r n^3) per step, O(r n^2) memory.

    Source: F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson and A. Steger, Optimal Kronecker-sum approximation of real time
    recurrent learning, ICML 2019, theorem 1 and algorithms 1 and 2.
    """

    rank: int = 2
    source = "Benzing et al. 2019"

    def __post_init__(self) -> None:
        in_range("rank", self.rank, 1)

    def reduced(self, X: Array, Y: Array, nu: Array) -> tuple[Array, Array]:
        Q_X, L_X = orthonormal(X)
        Q_Y, L_Y = orthonormal(Y)
        between = L_X.swapaxes(-1, -2) @ L_Y
        # Where a replicate has diverged, Q is not finite either, and so is what is made of it.
        finite = np.isfinite(between).all((-1, -2), keepdims=True)
        U, sigma, W = np.linalg.svd(np.where(finite, between, 0))
        K = diagonal(sigma, nu).swapaxes(-1, -2)
        return K @ U.swapaxes(-1, -2) @ Q_X, K @ W @ Q_Y


def diagonal(sigma: Array, nu: Array) -> Array:
    """K, (..., r + 1, r), with E[K K^T] = diag(sigma) over the signs nu, of the least variance; sigma falls.

    The first m - 1 values are kept as they are, m the least with (r - m + 1) sigma_m <= s = sigma_m + ... + sigma_{r+1}. Of the
    others, z_a = sqrt(1 - (r - m + 1) sigma_a / s) is a unit vector, and with Z an orthonormal basis of what is orthogonal to it

        K = sqrt(s / (r - m + 1)) diag(nu) Z          E[K K^T] = s / (r - m + 1) diag(1 - z_a^2) = diag(sigma_a)
    """
    r = sigma.shape[-1] - 1
    left_over = np.cumsum(sigma[..., ::-1], axis=-1)[..., ::-1]
    terms = r - np.arange(r + 1)  # r - m + 1 for m = 1 .. r + 1
    fits = terms * sigma <= left_over
    fits[..., r - 1] = True  # with one term left, sigma_r <= sigma_r + sigma_{r+1}, whatever rounding says
    m = np.argmax(fits, axis=-1)[..., None]
    mixed = np.arange(r + 1) >= m
    s, count = np.take_along_axis(left_over, m, -1), (r - m).astype(sigma.dtype)
    scale = np.divide(s, count, out=np.zeros_like(s), where=s > 0)
    share = np.divide(sigma, scale, out=np.ones_like(sigma), where=mixed & (scale > np.finfo(sigma.dtype).tiny))
    z = np.sqrt(np.clip(1 - share, 0, None))
    z = np.where(mixed, z, 0)
    z[..., -1] = np.where((z == 0).all(-1), 1, z[..., -1])  # all is zero: any unit vector will do
    z /= np.sqrt(np.square(z).sum(-1, keepdims=True))
    # The reflection that takes the last axis to -z leaves the kept axes as they are; its other columns are orthogonal to z.
    v = z.copy()
    v[..., -1] += 1
    H = np.eye(r + 1, dtype=sigma.dtype) - 2 * v[..., :, None] * v[..., None, :] / np.square(v).sum(-1)[..., None, None]
    rows = np.where(mixed, np.sqrt(scale) * nu, np.sqrt(sigma))
    columns = np.broadcast_to(np.arange(r) < m, (*sigma.shape[:-1], r))
    return np.where(columns[..., None, :] | mixed[..., :, None], rows[..., None] * H[..., :r], 0)


def orthonormal(rows: Array) -> tuple[Array, Array]:
    """Q with orthonormal rows (or rows of zero) and L with rows = L Q: (..., c, p) and (..., c, c).

    Gram and Schmidt's way, twice over for the rounding (W. Kahan: twice is enough). A row that lies among those before it
    becomes zero.
    """
    count = rows.shape[-2]
    Q, L = np.zeros_like(rows), np.zeros_like(rows, shape=(*rows.shape[:-1], count))
    tiny = 8 * np.finfo(rows.dtype).eps
    for a in range(count):
        row, size = rows[..., a, :].copy(), norm(rows[..., a, :])
        for _ in range(2 if a else 0):
            along = np.matvec(Q[..., :a, :], row)
            L[..., a, :a] += along
            row -= np.vecmat(along, Q[..., :a, :])
        left = norm(row)
        left = np.where(left > tiny * size, left, 0)
        L[..., a, a] = left
        Q[..., a, :] = np.divide(row, left[..., None], out=np.zeros_like(row), where=left[..., None] > 0)
    return Q, L

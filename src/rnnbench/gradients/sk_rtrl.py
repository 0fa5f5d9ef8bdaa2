"""Sketched RTRL."""

from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.errors import in_range
from rnnbench.gradients.base import Cost, GradientRule, Step, downward, step_numbers, through_outputs
from rnnbench.gradients.ok_rtrl import orthonormal
from rnnbench.network import Parameters, State, Window
from rnnbench.recording import one_call


class Sketch(NamedTuple):
    """Of a layer of n units with inputs j: S (replicate, batch, j, n), L (..., n, r), X (..., r, j n), and the bound (...)."""

    S: Array
    L: Array
    X: Array
    bound: Array


class SketchCarry(NamedTuple):
    """x: the state. sketch: by layer."""

    x: State
    sketch: dict[int, Sketch]


@dataclass(frozen=True)
class SkRtrl(GradientRule):
    """The influence of a layer's parameters on its units is SnAp-1's part S, exact as far as it goes, and a sketch of rank r of
    all else, the best of its rank at every step:

        P^t = A^t P^{t-1} + D^t u^t                   A^t[l, m] = dx^t[l]/dz^t[l] R[m, l] + leak delta_{l,m}
            ~ S^t + L^t X^t                           S^t = diag(A^t) S^{t-1} + D^t u^t
        P^t - S^t ~ A^t L^{t-1} X^{t-1} + (A^t - diag A^t) S^{t-1}
                  ~ A^t L^{t-1} X^{t-1} + B Q         the c largest singular values of the second term: n x c times c x j n
                  = C [X^{t-1}; Q']                   Q' what of Q lies beside the rows of X, all rows orthonormal
                  ~ L^t X^t                           the r largest singular values of C

    With r = 0 it is `Snap1`; with r = n nothing is left out, and it is RTRL, layer by layer. What is left out is known: the
    distance of S + L X to the influence, in the Frobenius norm, is at most

        e^t = |A^t| e^{t-1} + (what both truncations leave out)       |A| <= min(|A|_F, sqrt(|A|_1 |A|_inf))

    Bias: what is left out; in lower layers, the past of the layers above. Deterministic.
    Reading: c = max(4, r / 4), rounded up, as in the source's code, whose tables have r = 4, 16 and 32 at 64 units. A layer at a
    time, as in `Snap1`.
    O(n^3) time for a small r, O(r n^2) memory.

    Source: Yi and Wang, SK-RTRL (2026); code sonaradarcn/sketched-rtrl at commit bb6055e, skrtrl/algos.py.
    """

    rank: int = 1
    cost = Cost(time=3, memory=2)
    source = "Yi and Wang 2026"

    def __post_init__(self) -> None:
        in_range("rank", self.rank, 0)

    def init(self, params: Parameters, batch: int) -> SketchCarry:
        network, shape, dtype = self.network, (len(params.vector), batch), params.vector.dtype
        sketch = {}
        for i in range(1, network.depth + 1):
            n, j = network.sizes[i], network.joint[i - 1]
            r = min(self.rank, n)
            zeros = [np.zeros((*shape, *own), dtype) for own in ((j, n), (n, r), (r, j * n), ())]
            sketch[i] = Sketch(*zeros)
        return SketchCarry(super().init(params, batch), sketch)

    def step(self, params: Parameters, window: Window, carry: SketchCarry) -> Step:
        network = self.network
        activity = network.forward(params, window, carry.x)
        gradient = network.zeros_like(params)
        dx, sketch = through_outputs(network, params, window, activity, gradient), dict(carry.sketch)
        scored = step_numbers(window.counted, window.x.shape[1])
        for i, present, slope in downward(network, params, activity, dx):
            for t in range(window.x.shape[1]):
                A = slope[:, t, :, :, None] * params.R[i].swapaxes(1, 2)[:, None]
                if network.leak:
                    A += network.leak * np.eye(network.sizes[i], dtype=A.dtype)
                sketch[i] = taken_on(sketch[i], A, activity.u[i][:, t], slope[:, t])
                if t in scored:
                    S, L, X, _ = sketch[i]
                    met = np.vecmat(present[:, t], L)
                    own = (present[:, t, :, None] * S) + np.vecmat(met, X).reshape(S.shape)
                    gradient.V[i][...] += own.sum(1)
        return Step(activity.outputs, gradient.vector, SketchCarry(activity.state(), sketch))


def taken_on(before: Sketch, A: Array, u: Array, slope: Array) -> Sketch:
    """The sketch of the next step. A: (replicate, batch, n, n). u: (..., j). slope: (..., n)."""
    S, L, X, bound = before
    n, r = L.shape[-2:]
    a = np.einsum("...kk->...k", A)
    off = A - a[..., None] * np.eye(n, dtype=A.dtype)
    size = np.sqrt(np.square(S).sum(-2))
    B, lost = off * size[..., None, :], np.zeros_like(bound)
    if r == 0:
        lost = np.sqrt(np.square(B).sum((-2, -1)))
    else:
        rows = np.eye(n, dtype=A.dtype)
        if r < n:
            B, rows, lost = truncated(B, min(max(4, ceil(r / 4)), n))
        unit = np.divide(S, size[..., None, :], out=np.zeros_like(S), where=size[..., None, :] > 0)
        Q = (rows[..., None, :] * unit[..., None, :, :]).reshape(*X.shape[:-2], -1, X.shape[-1])
        along = Q @ X.swapaxes(-1, -2)
        beside, left = orthonormal(Q - along @ X)
        core = np.concatenate([A @ L + B @ along, B @ left], axis=-1)
        L, W, left_out = truncated(core, r)
        X = W @ np.concatenate([X, beside], axis=-2)
        lost += left_out
    largest = np.minimum(np.sqrt(np.square(A).sum((-2, -1))), np.sqrt(np.abs(A).sum(-2).max(-1) * np.abs(A).sum(-1).max(-1)))
    return Sketch(a[..., None, :] * S + u[..., :, None] * slope[..., None, :], L, X, largest * bound + lost)


def truncated(matrix: Array, count: int) -> tuple[Array, Array, Array]:
    """The best approximation of a matrix (..., n, m) of so low a rank, and the norm of what it leaves out, (...).

    As a product (..., n, count) (..., count, m), the rows of the second factor orthonormal; of what is not finite, as of a
    replicate that has diverged, zeros. By the eigenvectors of the square, where anything is to be left out: a fraction of the
    time of a singular value decomposition.
    """
    finite = np.isfinite(matrix).all((-1, -2), keepdims=True)
    matrix = np.where(finite, matrix, 0)
    if count >= min(matrix.shape[-2:]):
        U, sigma, W = np.linalg.svd(matrix, full_matrices=False)
        return U * sigma[..., None, :], W, np.zeros_like(sigma[..., 0])
    W = leading(matrix.swapaxes(-1, -2) @ matrix, count)
    kept = matrix @ W.swapaxes(-1, -2)
    return kept, W, np.sqrt(np.square(matrix - kept @ W).sum((-2, -1)))


@one_call
def leading(square: Array, count: int) -> Array:
    """Eigenvectors of the largest eigenvalues of symmetric matrices (..., m, m), as rows, (..., count, m).

    Of few of many, LAPACK is asked for these alone where SciPy is there, which the study has: a third of the time.
    """
    m = square.shape[-1]
    if 2 * count > m or find_spec("scipy") is None:
        return np.ascontiguousarray(np.linalg.eigh(square)[1][..., -count:].swapaxes(-1, -2))
    from scipy.linalg.lapack import dsyevr, ssyevr

    solver = ssyevr if square.dtype == np.float32 else dsyevr
    found = np.empty((*square.shape[:-2], count, m), square.dtype)
    flat = found.reshape(-1, count, m)
    for out, one in zip(flat, square.reshape(-1, m, m), strict=True):
        out[...] = solver(one.T, range="I", il=m - count + 1, iu=m, lower=1)[1].T[:count]
    return found

"""What the forward rules share: dx/dV carried along with x (the sensitivity, or influence, of RTRL)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array, Integers, blocks
from rnnbench.gradients.base import step_numbers, transposed
from rnnbench.network import State

CACHE = 2**20
"""Bytes of sensitivities worked on at once. A tile of samples stays in cache for its whole window; see `tiles`.

About what a core has to itself (its second level); smaller tiles pay for more calls.
"""


def tiles(replicates: int, batch: int, bytes_per_sample: int) -> Iterator[tuple[slice, slice]]:
    """Cut (replicate, batch) into tiles whose sensitivities fit the cache, at least one sample each.

    Samples outside, time inside: with time outside, each step would bring the sensitivities of the whole batch through
    memory. The sensitivities of one sample never meet another's, so the cut changes no product.
    """
    samples = max(1, CACHE // bytes_per_sample)
    r_step, b_step = max(1, samples // batch), min(samples, batch)
    for r in range(0, replicates, r_step):
        for b in range(0, batch, b_step):
            yield slice(r, r + r_step), slice(b, b + b_step)


def room(shape: tuple[int, ...], like: Array) -> Array:
    """An array for sensitivities, its rows a few numbers apart: at powers of two they would share the same lines of the cache."""
    return np.empty_like(like, shape=(*shape[:-1], shape[-1] + 16))[..., :-16]


def turn_about(end: Array, steps: int) -> Iterator[Array]:
    """Where to write the sensitivities of each step: two arrays in turn, so that both stay in cache, the last of them `end`."""
    other = room(end.shape, end) if steps > 1 else end
    for left in range(steps, 0, -1):
        yield end if left % 2 else other


def jacobian(fz: Array, R_transposed: Array, leak: float) -> Array:
    """dx^t[n]/dx^{t-1}[l] of a layer, (replicate, batch, n, n), from fz = dx^t/dz^t (replicate, batch, n, 1) and R^T."""
    found = fz * R_transposed[:, None]
    if leak:
        np.einsum("rbnn->rbn", found)[...] += leak
    return found


def advance(P: Array | None, jacobian: Array, immediate: Array, out: Array) -> None:
    """Write P^t[n] = sum_l dx^t[n]/dx^{t-1}[l] P^{t-1}[l] + delta_{n,k} dx^t[n]/dz^t[n] u^t[j], the recursion posted.

    P, out: (replicate, batch, n, parameters), dx[n]/dV[j, k]; the parameters that the immediate term is of are the last ones,
        ordered (k, j), so that what is added for one unit lies together. P is None at rest, where it is zero.
    jacobian: (replicate, batch, n, n), dx^t[n]/dx^{t-1}[l], see `jacobian`.
    immediate: (replicate, batch, n, j), dx^t[n]/dz^t[n] u^t[j]; delta_{n,k} puts it at k = n alone.
    """
    if P is None:
        out[...] = 0
    else:
        cut = blocks(P.shape[-1], jacobian[0, 0].size)
        np.matmul(jacobian[:, :, None], in_columns(P, cut), out=in_columns(out, cut))
    *_, n, j = immediate.shape
    own = out[..., out.shape[-1] - n * j :].reshape(*out.shape[:3], n, j)
    own = np.einsum("rbnnj->rbnj", own)
    own += immediate


def in_columns(P: Array, cut: int) -> Array:
    """So many blocks of columns side by side, a view: (..., cut, n, columns / cut) from (..., n, columns)."""
    return P.reshape(*P.shape[:-1], cut, -1).swapaxes(-2, -3)


def room_for_total(scored: Sequence[int], replicates: int, parameters: int, like: Array) -> Array:
    """Where `contract` adds up the gradient of a window, (replicate, parameter): not written yet, as it writes the first term
    itself; zero where no step counts.
    """
    return (np.empty_like if scored else np.zeros_like)(like, shape=(replicates, parameters))


def contract(dx: Array, P: Array, total: Array, first: bool) -> None:
    """Add the sum over batch and units of dL/dx[n] dx[n]/dV to the total, (replicate, parameters); write it there as the first.

    dx: (replicate, batch, n). P: (replicate, batch, n, parameters).
    """
    replicates, batch, n, parameters = P.shape
    rows = dx.reshape(replicates, 1, batch * n), P.reshape(replicates, batch * n, parameters)
    if first:
        np.matmul(*rows, out=total[:, None])
    else:
        total += np.matmul(*rows)[:, 0]


class LayerwiseCarry(NamedTuple):
    """x: the state. P: P[i] (replicate, batch, n_i, parameters), the influence of a layer's parameters on it; empty at rest."""

    x: State
    P: dict[int, Array]


def through_layer(
    R: Array,
    leak: float,
    u: Array,
    slope: Array,
    dx: Array,
    counted: slice | Integers,
    P_begin: Array | None,
    kept: Array | None = None,
) -> tuple[Array, Array]:
    """dL/dV of one layer, (replicate, j, n), and the influence at the end of the window, dx[l]/dV[j, k] ordered (k, j).

    u: what the parameters V multiply, (replicate, T, batch, j): all of the joint input, or the part that a rule does this for.
    slope, dx: dx^t/dz^t and dL/dx^t, (replicate, T, batch, n). P_begin: None at rest. kept: (replicate, l, k), the entries of
    the influence that are not dropped after each step; None, all.
    """
    replicates, steps, batch, n = dx.shape
    R_transposed, scored = transposed(R, steps), step_numbers(counted, steps)
    gradient = room_for_total(scored, replicates, n * u.shape[-1], dx)
    P_end, begin = room((replicates, batch, n, gradient.shape[1]), dx), min(scored, default=0)
    for r, b in tiles(replicates, batch, P_end[0, 0].nbytes):
        P = None if P_begin is None else P_begin[r, b]
        for t, now in enumerate(turn_about(P_end[r, b], steps)):
            fz = slope[r, t, b, :, None]
            advance(P, jacobian(fz, R_transposed[r], leak), fz * u[r, t, b, None], now)
            if kept is not None:
                now *= np.repeat(kept[r], u.shape[-1], axis=2)[:, None]
            if t in scored:
                contract(dx[r, t, b], now, gradient[r], first=(t, b.start) == (begin, 0))
            P = now
    return gradient.reshape(replicates, n, -1).swapaxes(1, 2), P_end

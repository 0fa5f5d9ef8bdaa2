"""The contract of a gradient rule, and the part of every gradient that does not go through time."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rnnbench.arrays import Array, Integers, blocks
from rnnbench.network import Activity, Network, Parameters, Window

MOST_BLOCKS = 32
"""Into which a sum over time and batch is cut: of each a sum is kept, and more would take more memory than the window."""


class Step(NamedTuple):
    """What a rule makes of one window.

    outputs: o at the counted steps, (replicate, counted steps, batch, outputs).
    gradient: dL/dtheta as the rule has it, in the layout of `Parameters.vector`, (replicate, parameter).
    carry: what the next window of the same sequences starts from.
    """

    outputs: Array
    gradient: Array
    carry: Any


class Claim(StrEnum):
    """What a rule claims of the gradient of a window that starts at rest, in the rule's own network."""

    EXACT = "exact"
    ONE_LAYER = "exact in one layer"
    """With more, the past of the layers above is missing."""
    UNBIASED = "unbiased"
    """Its mean over draws is exact."""
    BIASED = "biased"


class Cost(NamedTuple):
    """What a rule takes for a layer of n units that see as many inputs: exponents of n.

    time: of one step of one sequence. memory: of what is carried to the next step, whatever the length of the sequence; rules
    that look back over a window keep its activities, n T, and carry the state alone.
    """

    time: int
    memory: int


@dataclass(frozen=True)
class GradientRule(ABC):
    """A way to compute dL/dtheta, where L is the mean loss over the batch and the counted steps of a window.

    A rule is three pure functions of what they are given; the arguments are left as they were. How long a window is, and
    so when the weights move, is the schedule's affair: a window of one step with the carry handed on is online learning,
    k steps with the carry handed on is truncation at k for rules that look backward, the whole sequence is the batch
    gradient. Every rule must meet every schedule.
    """

    network: Network
    seed: int = 0
    """Of the noise that the rule draws, if it draws any."""
    first: int = 0
    """The number of the first of the replicates that it is given: noise is drawn by a replicate's number, not by its place."""
    claim: ClassVar[Claim] = Claim.BIASED
    cost: ClassVar[Cost | None] = None
    source: ClassVar[str] = ""
    """The paper in short; the docstring has it whole."""
    draws: ClassVar[bool] = False
    """Whether the rule draws noise at every step or for every sequence."""
    learns: ClassVar[bool] = False
    """Whether the rule learns something of its own from step to step, which `reset` keeps."""

    @property
    def repeats(self) -> bool:
        """Whether `step` makes the same calls of NumPy for every window of a shape, so that training may record them once and
        repeat them (`rnnbench.recording`). So do the rules of this package; one of your own may say `repeats = True`.
        """
        return type(self).__module__.startswith(f"{__package__}.")

    def backward(self, whole: bool = True) -> "GradientRule | None":
        """A rule that finds the same gradient, but for rounding, and in less time, looking back.

        whole: of windows that begin at rest, which is what training on whole sequences takes; else of any windows, with weights
        that move between them. None where there is none, or where this is one.
        """
        return None

    def __post_init__(self) -> None:  # noqa: B027 (most rules support every network)
        """Raise NotImplementedError, which says why, for a network that the rule does not support."""

    def prepare(self, params: Parameters) -> None:  # noqa: B027 (most rules leave them as they are)
        """Set to zero, in place, the weights that the rule's network does not have. They stay there, and have no gradient."""

    def init(self, params: Parameters, batch: int) -> Any:
        """The carry at the start of `batch` sequences: the state at rest, for rules that carry nothing else."""
        return self.network.rest(params.vector.shape[0], batch, params.vector.dtype)

    def reset(self, params: Parameters, batch: int, carry: Any) -> Any:
        """The carry at the start of other sequences: as `init`, but with what the rule has learnt, and how often it has drawn."""
        return self.init(params, batch)

    @abstractmethod
    def step(self, params: Parameters, window: Window, carry: Any) -> Step:
        """Outputs and gradient of one window, and the carry for the next.

        A window without a counted step has a gradient of zero; it moves the carry on.
        """


def step_numbers(counted: slice | Integers, steps: int) -> Sequence[int]:
    """The counted steps of a window, by number."""
    return range(steps)[counted] if isinstance(counted, slice) else tuple((counted % steps).tolist())


def transposed(matrix: Array, uses: int) -> Array:
    """The transpose (replicate, columns, rows); an array of its own if it has many uses, as products with a view are slower."""
    view = matrix.swapaxes(1, 2)
    return view.copy() if uses > 2 else view


def of_outputs(network: Network, window: Window, activity: Activity) -> Array:
    """dL/do at the counted steps, (replicate, counted steps, batch, outputs), of which there is at least one."""
    do = network.loss_function.gradient(activity.outputs, window.y)
    return mean_over(do.shape[1] * do.shape[2], do)


def mean_over(count: int, total: Array) -> Array:
    """The total, divided in place by a count that is often 1."""
    if count > 1:
        total /= count
    return total


def through_outputs(network: Network, params: Parameters, window: Window, activity: Activity, gradient: Parameters) -> Array:
    """Write the gradient of W_L and b_L; return dL/dx_L^t through o^t alone, (replicate, T, batch, n_L)."""
    return everywhere(window, through_counted(network, params, window, activity, gradient))


def through_counted(network: Network, params: Parameters, window: Window, activity: Activity, gradient: Parameters) -> Array:
    """The same at the counted steps alone, (replicate, counted steps, batch, n_L): at all others it is zero."""
    if activity.outputs.shape[1] == 0:
        gradient.V[network.depth + 1][...] = 0
        return np.empty_like(params.vector, shape=(*activity.outputs.shape[:3], network.sizes[-1]))
    return from_outputs(network, params, activity, of_outputs(network, window, activity), gradient)


def from_outputs(network: Network, params: Parameters, activity: Activity, do: Array, gradient: Parameters) -> Array:
    """The same for any dL/do at the counted steps, (replicate, counted steps, batch, outputs), of which there is at least one."""
    L = network.depth
    replicates, counted, batch, _ = do.shape
    summed(activity.top, do, out=gradient.V[L + 1])
    do, W = do.reshape(replicates, counted * batch, -1), params.W[L]
    through_W = outer(do[..., 0], W[..., 0]) if do.shape[-1] == 1 else do @ W.swapaxes(1, 2)
    return through_W.reshape(replicates, counted, batch, -1)


def everywhere(window: Window, there: Array) -> Array:
    """What is there at the counted steps, (replicate, counted steps, ...), at all T: zero at the others."""
    steps = window.x.shape[1]
    if [*step_numbers(window.counted, steps)] == [*range(steps)]:
        return there
    full = np.zeros_like(there, shape=(len(there), steps, *there.shape[2:]))
    full[:, window.counted] = there
    return full


def downward(
    network: Network, params: Parameters, activity: Activity, dx: Array, steps: slice | Integers = slice(None)
) -> Iterator[tuple[int, Array, Array]]:
    """For i = L..1: i, dL/dx_i^t and dx_i^t/dz_i^t, (replicate, steps, batch, n_i), from dL/dx_L^t through o^t alone.

    dL/dx_{i-1}^t = (dL/dx_i^t dx_i^t/dz_i^t) W_{i-1}^T: through the layers above at the present step, and not their past. What
    is handed out is read again for the layer below: leave it as it is.
    """
    for i in range(network.depth, 0, -1):
        slope = network.slope(activity, i, steps)
        yield i, dx, slope
        if i > 1:
            dx = (dx * slope) @ params.W[i - 1][:, None].swapaxes(2, 3)


def summed(u: Array, dz: Array, out: Array | None = None) -> Array:
    """sum_t (u^t)^T dL/dz^t, the gradient of V = [W; R; b]: (replicate, n_u, n) from (replicate, T, batch, n_u) and (..., n).

    T may be zero.
    """
    replicates, steps, batch, n = dz.shape
    rows = steps * batch
    u, dz = u.reshape(replicates, rows, u.shape[-1]), dz.reshape(replicates, rows, n)
    if rows == 1:
        return outer(u[:, 0], dz[:, 0], out)
    cut = blocks(rows, u.shape[-1] * n)
    if not 1 < cut <= MOST_BLOCKS:
        return np.matmul(u.swapaxes(1, 2), dz, out=out)
    u, dz = (a.reshape(replicates, cut, rows // cut, a.shape[-1]) for a in (u, dz))
    return np.matmul(u.swapaxes(2, 3), dz).sum(1, out=out)


def outer(u: Array, dz: Array, out: Array | None = None) -> Array:
    """u^T dz of each row: (..., n_u, n) from (..., n_u) and (..., n)."""
    rows, columns = u.shape[-1], dz.shape[-1]
    if min(rows, columns) > 1 and rows * columns >= 256:
        # BLAS is faster here, which NumPy asks for two columns times two rows, but not for one of each.
        return np.matmul(above_zeros(u).swapaxes(-1, -2), above_zeros(dz), out=out)
    if columns == 1:  # NumPy would go through rows of one number
        out = np.empty_like(u, shape=(*u.shape, 1)) if out is None else out
        np.multiply(u, dz, out=out[..., 0])
        return out
    product = np.matmul if columns < 8 else np.multiply  # which is quicker in long rows
    return product(u[..., :, None], dz[..., None, :], out=out)


def above_zeros(row: Array) -> Array:
    """The row and one of zeros, (..., 2, n) from (..., n)."""
    rows = np.zeros_like(row, shape=(*row.shape[:-1], 2, row.shape[-1]))
    rows[..., 0, :] = row
    return rows

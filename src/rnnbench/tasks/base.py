"""What a task is made of: splits of time-major sequences, the steps that count, and a score."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.network import Window

SPLITS = ("train", "validation", "test")


class Split(NamedTuple):
    """Sequences of one split. The replicate axis has length 1 where all replicates share them.

    x: (replicate or 1, time, sequence, inputs).
    y: the targets at the counted steps, (replicate or 1, counted steps, sequence, outputs), or class indices without the
       last axis.
    """

    x: Array
    y: Array

    @property
    def sequences(self) -> int:
        """How many sequences there are."""
        return self.x.shape[2]

    def replicate(self, number: int) -> "Split":
        """What one replicate sees, with a replicate axis of length 1."""
        return Split(*(a if a.shape[0] == 1 else a[number : number + 1] for a in self))

    def window(self) -> Window:
        """Whole sequences as one window; targets are of every step or of the last ones."""
        time, counted = self.x.shape[1], self.y.shape[1]
        return Window(self.x, self.y, slice(time - counted, time))

    def take(self, chosen: Integers) -> "Split":
        """The sequences chosen, a row of indices for each replicate: (replicate, batch)."""
        return Split(_take(self.x, chosen), _take(self.y, chosen))

    def cut(self, length: int) -> "Split":
        """Cut each sequence into pieces of `length` steps. Asks that every step counts and that pieces fill a sequence."""
        return Split(_cut(self.x, length), _cut(self.y, length))


def _take(a: Array, chosen: Integers) -> Array:
    # In memory a sequence lies in one piece; the axes are time-major all the same.
    sequences = np.moveaxis(a, 2, 1)
    taken = sequences[0, chosen] if a.shape[0] == 1 else sequences[np.arange(len(chosen))[:, None], chosen]
    return np.moveaxis(taken, 2, 1)


def _cut(a: Array, length: int) -> Array:
    replicates, time, sequences, *rest = a.shape
    pieces = np.moveaxis(a.reshape(replicates, time // length, length, sequences, *rest), 2, 3)
    return np.moveaxis(pieces.reshape(replicates, -1, length, *rest), 1, 2)


@dataclass(frozen=True)
class Metric:
    """A number that a prediction is judged by.

    name: its column. label: how figures name it. higher_is_better; worst: the worst value it can take, which a diverged
    replicate is given where replicates are summarised; best: the best one.
    """

    name: str
    label: str
    higher_is_better: bool
    worst: float
    best: float

    def meets(self, values: Array, target: float) -> Array:
        """Which values are as good as the target; a missing one is not."""
        return values >= target if self.higher_is_better else values <= target


@dataclass(frozen=True)
class TaskKind:
    """What the code must know of a task; the numbers (sizes, seeds, recipes) come from the config.

    shape: settings -> how many steps a sequence has, and how many inputs a step. outputs: of a step.
    loss: of the outputs, where the config names no other.
    counts_every_step: whether the loss counts at every step or at the last one only.
    telling: given the steps of a sequence, how many of them end with a step whose prediction asks for memory.
    prepare: settings, seed, replicates, raw files -> the arrays that `load_splits` reads.
    score: predictions and targets -> a value a replicate for each metric, (replicate,).
    profile: predictions and targets -> root mean squared error by place in a cycle, (replicate, place); None: has no cycle.
    metrics: of the score, the one that decides first. references: named horizontal lines by metric, first what chance scores.
    """

    shape: Callable[[Mapping[str, int]], tuple[int, int]]
    outputs: int
    loss: str
    counts_every_step: bool
    telling: Callable[[int], int]
    prepare: Callable[[Mapping[str, int], int, int, Mapping[str, Path]], dict[str, Integers]]
    score: Callable[[Array, Array], dict[str, Array]]
    profile: Callable[[Array, Array], Array] | None
    metrics: tuple[Metric, ...]
    references: Mapping[str, Mapping[str, float]]

    @property
    def chance(self) -> float:
        """What the first of the references scores in the metric that decides."""
        return next(iter(self.references.values()))[self.metrics[0].name]

    def counted(self, time: int) -> Integers:
        """The steps of a sequence that count."""
        return np.arange(time) if self.counts_every_step else np.array([time - 1])


def load_splits(path: Path, dtype: str, names: Iterable[str] = SPLITS) -> dict[str, Split]:
    """Read what `prepare` stored as small integers: x scaled to 0..1 and y (unless class indices) as `dtype`."""
    with np.load(path, allow_pickle=False) as stored:
        scale = np.dtype(dtype).type(1 / int(stored["largest"]))
        splits = {}
        for split in names:
            x, y = stored[f"{split}_x"], stored[f"{split}_y"]
            # A sequence in one piece, which is how a batch is gathered.
            x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 2, 1)), 1, 2)
            splits[split] = Split(x.astype(dtype) * scale, y.astype(dtype) if y.ndim == x.ndim else y.astype(np.intp))
    return splits

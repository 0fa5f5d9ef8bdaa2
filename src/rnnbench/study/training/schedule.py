"""Presentation: which sequences come in which batch, in which windows, and at which updates a run is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Integers
from rnnbench.network import Window
from rnnbench.seeds import stream
from rnnbench.study.settings import Recipe, TaskSettings
from rnnbench.study.tasks import Split
from rnnbench.study.tasks.base import contiguous


class Piece(NamedTuple):
    """One window of a sequence: its steps, its part of the targets, and which of its steps count."""

    steps: slice
    targets: slice
    counted: slice | Integers


def pieces(time: int, counted: Integers, window: int) -> list[Piece]:
    """Cut `time` steps into windows; the last is shorter where they do not fill it."""
    found = []
    for begin in range(0, time, window):
        end = min(begin + window, time)
        first, last = np.searchsorted(counted, [begin, end]).tolist()
        within = counted[first:last] - begin
        found.append(Piece(slice(begin, end), slice(first, last), contiguous(within)))
    return found


def windows(batch: Split, parts: list[Piece]) -> Iterator[tuple[Window, bool]]:
    """The windows of a batch, each with whether it counts towards the loss."""
    for steps, targets, counted in parts:
        yield Window(batch.x[:, steps], batch.y[:, targets], counted), targets.stop > targets.start


@dataclass(frozen=True)
class Schedule:
    """A recipe applied to a task. Updates are numbered from 1; an update follows each window that has a counted step."""

    task: TaskSettings
    recipe: Recipe

    @property
    def replicates(self) -> int:
        """How many are trained, the first of the task."""
        return self.task.trained(self.recipe)

    @cached_property
    def time(self) -> int:
        """Steps of a training sequence."""
        return self.recipe.sequence or self.task.time

    def cut(self, split: Split) -> Split:
        """The sequences of a split as the recipe presents them."""
        return split if self.time == self.task.time else split.cut(self.time)

    @cached_property
    def sequences(self) -> int:
        """Training sequences of a replicate: what one pass presents."""
        return self.task.kind.sequences * self.task.time // self.time

    @cached_property
    def counted(self) -> Integers:
        """The steps of a sequence that count."""
        return self.task.kind.counted_of(self.time)

    @cached_property
    def pieces(self) -> list[Piece]:
        """The windows of a sequence."""
        return pieces(self.time, self.counted, self.recipe.window or self.time)

    @property
    def batches(self) -> int:
        """How many batches are presented; passes flow into each other, and what does not fill a last batch is left out."""
        return round(self.recipe.passes * self.sequences) // self.recipe.batch

    @cached_property
    def updates_per_batch(self) -> int:
        """Windows with a counted step."""
        return sum(piece.targets.stop > piece.targets.start for piece in self.pieces)

    @property
    def updates(self) -> int:
        """Updates in all."""
        return self.batches * self.updates_per_batch

    def examples(self, updates: int) -> int:
        """Predictions scored by then, in the unit of the task."""
        counted = len(self.counted) * self.recipe.batch
        return round(updates * counted / self.updates_per_batch)

    def points(self, multiple_of: int = 1) -> list[int]:
        """The updates at which the weights are kept: none, all, and about `points` between, half log-spaced, half evenly.

        Also as many as another recipe of the task makes in all, so that two of them can be compared at equal updates.
        """
        half = self.task.points // 2
        others = [Schedule(self.task, recipe).updates for recipe in self.task.recipes.values()]
        between = np.r_[np.geomspace(1, self.updates, half), np.linspace(1, self.updates, half), others]
        rounded = np.ceil(between / multiple_of).astype(int) * multiple_of
        return sorted({0, self.updates, *(int(u) for u in rounded if u < self.updates)})

    def chosen(self, order: Integers) -> Iterator[Integers]:
        """The sequences of each batch, (replicate, batch), from the order of presentation (replicate, sequences shown)."""
        size = self.recipe.batch
        for batch in range(self.batches):
            yield order[:, batch * size : (batch + 1) * size]

    def windows(self, batch: Split) -> Iterator[tuple[Window, bool]]:
        """The windows of a batch as the recipe cuts them."""
        return windows(batch, self.pieces)


def presentation(task: TaskSettings) -> dict[str, Integers]:
    """The order in which sequences are presented, for each number of sequences that a recipe of the task cuts the data into.

    Keys are those numbers. Values are (replicate, sequences shown): permutations one after the other, each replicate's from
    its own stream, long enough for the longest recipe; of streams, their own order.
    """
    passes: dict[int, int] = {}
    for recipe in task.recipes.values():
        sequences = Schedule(task, recipe).sequences
        passes[sequences] = max(passes.get(sequences, 0), int(np.ceil(recipe.passes)))
    orders = {}
    for sequences, count in passes.items():
        kind = np.min_scalar_type(sequences)
        if task.kind.streamed:
            orders[str(sequences)] = np.tile(np.arange(sequences, dtype=kind), (task.drawn, count))
            continue
        orders[str(sequences)] = np.stack(
            [
                np.concatenate([rng.permutation(sequences).astype(kind) for _ in range(count)])
                for rng in (stream(task.seed, "order", sequences, r) for r in range(task.drawn))
            ]
        )
    return orders

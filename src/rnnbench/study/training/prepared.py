"""What every variant of a task shares: splits, initial weights and order of presentation, drawn once, stored and hashed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from rnnbench import initializers
from rnnbench.arrays import Array, Integers
from rnnbench.study.settings import Recipe, TaskSettings
from rnnbench.study.tasks import Split, load_splits
from rnnbench.study.tasks.base import check_arrays, check_content
from rnnbench.study.training.schedule import presentation

PARTS = ("splits", "initial", "order")


def prepare(task: TaskSettings, files: Mapping[str, Path], out: Mapping[str, Path]) -> None:
    """Draw the three parts and write them to `out` as .npz. files: those that the task reads, by name.

    Raises ValueError where the arrays of the task are not what it says they are.
    """
    try:
        check_content(task.kind, files)
    except ValueError as error:
        raise ValueError(f"{error}: it has changed since it was fetched; remove it, and run the same command again") from error
    arrays = task.kind.prepare(task.seed, task.drawn, files)
    check_arrays(task.kind, arrays, task.drawn, task.network.loss)
    _store(out["splits"], arrays)
    schemes = [task.initial, *(recipe.initial for recipe in task.recipes.values() if recipe.initial)]
    vectors = {_name(scheme): initializers.draw(task.network, scheme, task.drawn, task.seed) for scheme in schemes}
    _store(out["initial"], vectors)
    _store(out["order"], presentation(task))


def _store(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write a .npz whose bytes do not depend on the order in which a config names its recipes."""
    np.savez(path, allow_pickle=False, **dict(sorted(arrays.items())))


def _name(scheme: Mapping[str, str]) -> str:
    """The key that initial vectors are stored under."""
    return ", ".join(f"{block} {scheme[block]}" for block in "WRb")


@dataclass(frozen=True)
class Prepared:
    """The three parts of a task as a job reads them. replicates: their numbers (None: those that are reported)."""

    task: TaskSettings
    paths: Mapping[str, Path]
    replicates: Integers | None = None

    @property
    def count(self) -> int:
        """How many replicates there are."""
        return self.task.replicates if self.replicates is None else len(self.replicates)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the replicates."""
        return list(range(self.task.replicates)) if self.replicates is None else self.replicates.tolist()

    @property
    def _which(self) -> slice | Integers:
        return slice(self.task.replicates) if self.replicates is None else self.replicates

    @cached_property
    def splits(self) -> dict[str, Split]:
        """Training, validation and test sequences in the dtype of the task."""
        return load_splits(self.paths["splits"], self.task.kind, self.task.dtype, replicates=self._which)

    def initial(self, recipe: Recipe | None = None) -> Array:
        """Initial weights (replicate, parameter) of a recipe (None: the task's), in the dtype of the task."""
        scheme = recipe.initial if recipe is not None and recipe.initial else self.task.initial
        with np.load(self.paths["initial"], allow_pickle=False) as stored:
            return stored[_name(scheme)][self._which].astype(self.task.dtype)

    def order(self, sequences: int) -> Integers:
        """The order of presentation (replicate, sequences shown) where a pass has this many sequences."""
        with np.load(self.paths["order"], allow_pickle=False) as stored:
            return stored[str(sequences)][self._which]

    @cached_property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each part, which a run keeps, so that runs on other data cannot be compared by mistake."""
        return {part: hashlib.sha256(Path(self.paths[part]).read_bytes()).hexdigest() for part in PARTS}

"""The config as the code sees it: tasks and recipes, checked so that a mistake is named before anything runs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnbench.errors import nearest
from rnnbench.network import Network
from rnnbench.study.schema import infinite, problems, written
from rnnbench.study.tasks import Task, base, registry

UNROLLED = 64
"""Steps times layers beyond which Keras is not unrolled: building such a graph takes minutes."""
ONLINE = "rules"
"""The recipe that the compared rules of online learning follow."""


class SettingsError(ValueError):
    """The config, or a variant, asks for something that cannot be; the message says what, where and what to do."""


@dataclass(frozen=True)
class Recipe:
    """How data are presented and when the weights move.

    sequence: training sequences are cut to this many steps (None: whole); the state is at rest at the start of each.
    window: steps between updates (None: the sequence). batch: sequences at once. passes: over the training data.
    learning_rate: None where it is to be chosen from the task's grid. initial: initializers of W, R and b (None: the task's).
    backward: rules that run forward are trained by the backward pass that finds the same gradient, see `GradientRule.backward`.
    replicates: how many of the task's, the first ones (None: all). prequential: keep the mean loss of every so many updates, each
    as it was before the update (None: not).
    """

    batch: int
    passes: float
    optimizer: str
    learning_rate: float | None = None
    momentum: float = 0.0
    sequence: int | None = None
    window: int | None = None
    initial: Mapping[str, str] | None = None
    backward: bool = False
    replicates: int | None = None
    prequential: int | None = None

    @property
    def rate(self) -> float:
        """The learning rate. Raises SettingsError where it is yet to be chosen."""
        if self.learning_rate is None:
            raise SettingsError("the learning rate of the recipe is yet to be chosen from the grid")
        return self.learning_rate


@dataclass(frozen=True)
class Grid:
    """Learning rates that are tried where a recipe names none: in increasing order, on replicates that are not reported.

    replicates: how many, after those of the task. passes: over the training data, or as many as the recipe has, if fewer (None:
    those of the recipe).
    """

    rates: tuple[float, ...]
    replicates: int
    passes: float | None


FASTEST = 1e13
"""Additions and multiplications per second that no core exceeds."""


@dataclass(frozen=True)
class TaskSettings:
    """One entry of `tasks` in the config; the schema describes the keys. kind: the task itself, at the sizes of the entry."""

    name: str
    data: str
    kind: Task
    replicates: int
    dtype: str
    network: Network
    initial: Mapping[str, str]
    recipes: Mapping[str, Recipe]
    points: int
    grid: Grid | None
    seed: int

    @classmethod
    def of(cls, name: str, task: Mapping[str, Any], seed: int) -> "TaskSettings":
        """Read tasks.NAME of a config that the schema has accepted and completed."""
        if found := of_task(name, task):
            raise SettingsError("\n  ".join(found))
        try:
            kind = registry.task(task["data"])(task["sizes"])
            base.check(kind)
        # A file of the user's own can fail in any way.
        except Exception as error:
            why = str(error) if isinstance(error, ValueError) else f"{type(error).__name__} in {task['data']}: {error}"
            raise SettingsError(f"tasks.{name}.sizes: {why}") from error
        layers, loss = (kind.inputs, tuple(task["hidden"]), kind.outputs), task["loss"] or kind.losses[0]
        return cls(
            name=name,
            data=task["data"],
            kind=kind,
            replicates=task["replicates"],
            dtype=task["dtype"],
            network=Network(*layers, task["activation"], loss, task["rest"], task["leak"]),
            initial=task["initial"],
            recipes={recipe: Recipe(**values) for recipe, values in task["recipes"].items()},
            points=task["points"],
            grid=Grid(tuple(sorted(grid["rates"])), grid["replicates"], grid.get("passes")) if (grid := task["grid"]) else None,
            seed=seed,
        )

    @property
    def drawn(self) -> int:
        """Replicates in all: those that are reported, and after them those of the grid."""
        return self.replicates + (self.grid.replicates if self.grid else 0)

    @property
    def time(self) -> int:
        """Steps of a whole sequence."""
        return self.kind.time

    @property
    def examples_of_a_pass(self) -> int:
        """Predictions scored in one pass over a replicate's training data, in the unit of the task."""
        return self.kind.sequences * len(self.kind.counted)

    def trained(self, recipe: Recipe) -> int:
        """Replicates that a recipe trains."""
        return recipe.replicates or self.replicates

    def least(self, recipe: Recipe, replicates: int) -> tuple[float, float]:
        """CPU hours and gigabytes that training so many replicates takes at least: states at the fastest, and weights."""
        weights = float(replicates * self.network.parameter_count)
        steps = recipe.passes * self.kind.sequences * self.time
        return 2 * weights * steps / FASTEST / 3600, np.dtype(self.dtype).itemsize * weights / 1e9

    def recipe(self, name: str, change: Mapping[str, Any]) -> Recipe:
        """A recipe of this task, with what a variant changes in it. Raises SettingsError where they do not fit."""
        if name not in self.recipes:
            raise SettingsError(f"there is no recipe {name!r}{nearest(name, self.recipes)}")
        known = [field.name for field in fields(Recipe)]
        for key in change:
            if key not in known:
                raise SettingsError(f"a recipe has no {key!r}{nearest(key, known)}")
        recipe = replace(self.recipes[name], **change)
        if recipe.learning_rate is None and self.grid is None:
            raise SettingsError(f"recipe {name} has no learning_rate, and {self.name} no grid to choose one from; give it either")
        if recipe.replicates is not None and recipe.replicates > self.replicates:
            raise SettingsError(f"{recipe.replicates} replicates are asked for, and {self.name} has {self.replicates}")
        sequence = recipe.sequence or self.time
        if self.time % sequence:
            raise SettingsError(f"sequence {sequence} does not divide the {self.time} steps of {self.name}")
        if sequence != self.time and not self.kind.every_step:
            counted = len(self.kind.counted)
            raise SettingsError(
                f"{self.name} scores {counted} of {self.time} steps only, so its sequences cannot be cut to {sequence}"
            )
        if recipe.window is not None and recipe.window > sequence:
            raise SettingsError(f"window {recipe.window} is longer than the sequence of {sequence} steps")
        drawn = max((r.passes for r in self.recipes.values() if (r.sequence or self.time) == sequence), default=0)
        if recipe.passes > drawn:
            raise SettingsError(
                f"{recipe.passes:g} passes over sequences of {sequence} steps are asked for, and the recipes of task {self.name}"
                f" draw an order for {drawn:g}; put a recipe for it in the config"
            )
        if recipe.initial is not None and recipe.initial not in [r.initial for r in self.recipes.values()]:
            raise SettingsError(
                f"initial weights {dict(recipe.initial)} are asked for, and no recipe of task {self.name} has them, so they are"
                " not drawn; put a recipe for them in the config"
            )
        shown = round(recipe.passes * self.kind.sequences * self.time // sequence)
        if shown < recipe.batch:
            raise SettingsError(f"{recipe.passes:g} passes show {shown} sequences, which do not fill one batch of {recipe.batch}")
        return recipe


def tasks_of(config: Mapping[str, Any]) -> dict[str, TaskSettings]:
    """The tasks of a config."""
    return {name: TaskSettings.of(name, task, config["seed"]) for name, task in config["tasks"].items()}


def check_schema(config: Mapping[str, Any], schema_path: Path) -> None:
    """Raise SettingsError with every violation of the schema, each with its place, and the nearest key for a typo.

    Each task's sizes and loss are held to what the task itself says of them.
    """
    found = [*infinite(config), *problems(config, json.loads(Path(schema_path).read_text(encoding="utf-8")))]
    tasks = config.get("tasks")
    for name, task in tasks.items() if isinstance(tasks, Mapping) else ():
        if isinstance(task, Mapping) and isinstance(task.get("data"), str):
            found += of_task(str(name), task)
    if found:
        raise SettingsError("the config is not valid:\n  " + "\n  ".join(found))


def check_files(files: Iterable[str | Path]) -> None:
    """Raise SettingsError where a key stands twice in a config file, or its aliases have no end.

    Files that are not there or not YAML are not looked at.
    """
    there = [Path(file) for file in files if Path(file).suffix in (".yaml", ".yml") and Path(file).exists()]
    texts = {str(file): file.read_text(encoding="utf-8") for file in there}
    found = [line for file, text in texts.items() for line in written(text, file)]
    if found:
        raise SettingsError("the config is not valid:\n  " + "\n  ".join(found))


def of_task(name: str, task: Mapping[str, Any]) -> list[str]:
    """What is wrong with tasks.NAME of a config in the eyes of the task that its `data` names, a line each."""
    try:
        kind = registry.task(task["data"])
    except registry.TaskError as error:
        return [f"tasks.{name}.data: {error}"]
    sizes = {"type": "object", "additionalProperties": False, **kind.sizes_schema}
    own = {"properties": {"sizes": sizes, "loss": {"enum": [None, *kind.losses]}}}
    return problems({key: task[key] for key in own["properties"] if key in task}, own, "tasks", name)

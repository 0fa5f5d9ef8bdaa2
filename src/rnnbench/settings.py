"""The config as the code sees it: tasks, recipes and variants, checked so that a mistake is named before anything runs."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import jsonschema

from rnnbench.gradients import PEERS, TRAINABLE
from rnnbench.network import Network
from rnnbench.tasks import KINDS, TaskKind

LIBRARIES = ("numpy", "keras")


class SettingsError(ValueError):
    """The config, or a variant, asks for something that cannot be; the message says what, where and what to do."""


@dataclass(frozen=True)
class Recipe:
    """How data are presented and when the weights move.

    sequence: training sequences are cut to this many steps (None: whole); the state is at rest at the start of each.
    window: steps between updates (None: the sequence). batch: sequences at once. passes: over the training data.
    initial: initializers of W, R and b (None: the task's).
    """

    batch: int
    passes: float
    optimizer: str
    learning_rate: float
    momentum: float = 0.0
    sequence: int | None = None
    window: int | None = None
    initial: Mapping[str, str] | None = None


@dataclass(frozen=True)
class TaskSettings:
    """One entry of `tasks` in the config; the schema describes the keys."""

    name: str
    kind: TaskKind
    sizes: Mapping[str, int]
    time: int
    replicates: int
    dtype: str
    network: Network
    initial: Mapping[str, str]
    recipes: Mapping[str, Recipe]
    points: int
    seed: int

    @classmethod
    def of(cls, name: str, task: Mapping[str, Any], seed: int) -> "TaskSettings":
        """Read tasks.NAME of a config that the schema has accepted and completed."""
        kind = KINDS[task["data"]]
        try:
            time, inputs = kind.shape(task["sizes"])
        except ValueError as error:
            raise SettingsError(f"tasks.{name}.sizes: {error}") from error
        loss = task["loss"] or kind.loss
        return cls(
            name=name,
            kind=kind,
            sizes=task["sizes"],
            time=time,
            replicates=task["replicates"],
            dtype=task["dtype"],
            network=Network(inputs, tuple(task["hidden"]), kind.outputs, task["activation"], loss, task["rest"], task["leak"]),
            initial=task["initial"],
            recipes={recipe: Recipe(**values) for recipe, values in task["recipes"].items()},
            points=task["points"],
            seed=seed,
        )

    @property
    def examples_of_a_pass(self) -> int:
        """Predictions scored in one pass over a replicate's training data: bits of a stream, or images."""
        return self.sizes.get("train", 1) * len(self.kind.counted(self.time))

    def recipe(self, name: str, change: Mapping[str, Any]) -> Recipe:
        """A recipe of this task, with what a variant changes in it. Raises SettingsError where they do not fit."""
        if name not in self.recipes:
            raise SettingsError(f"there is no recipe {name!r}{nearest(name, self.recipes)}")
        known = [field.name for field in fields(Recipe)]
        for key in change:
            if key not in known:
                raise SettingsError(f"a recipe has no {key!r}{nearest(key, known)}")
        recipe = replace(self.recipes[name], **change)
        sequence = recipe.sequence or self.time
        if self.time % sequence:
            raise SettingsError(f"sequence {sequence} does not divide the {self.time} steps of {self.name}")
        if sequence != self.time and not self.kind.counts_every_step:
            raise SettingsError(f"{self.name} scores the last step only, so its sequences cannot be cut to {sequence}")
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
        shown = round(recipe.passes * self.sizes.get("train", 1) * self.time // sequence)
        if shown < recipe.batch:
            raise SettingsError(f"{recipe.passes:g} passes show {shown} sequences, which do not fill one batch of {recipe.batch}")
        return recipe


@dataclass(frozen=True)
class Variant:
    """What a file in workflow/variants says: a library, a gradient rule, a recipe and what it changes in that."""

    name: str
    library: str
    gradient: str
    recipe: str
    change: Mapping[str, Any]

    def __post_init__(self) -> None:
        for key in ("gradient", "recipe"):
            if not getattr(self, key):
                raise SettingsError(f"variant {self.name} says no {key}")

    @property
    def installed(self) -> bool:
        """False where the gradient is of a library that is not there."""
        return self.gradient in TRAINABLE or self.gradient not in PEERS

    def fit(self, config: Mapping[str, Any], task: str, schema: Path) -> None:
        """Raise SettingsError, naming the variant, unless it can run on a task of the (complete) config.

        The recipe is held to the schema with the variant's changes in it, so that they are checked as the config is.
        """
        try:
            if not isinstance(self.change, Mapping):
                raise SettingsError(f'change must be a dict such as {{"window": 3}}, not {self.change!r}')
            recipes = config["tasks"][task]["recipes"]
            if self.recipe in recipes:
                recipes = {**recipes, self.recipe: {**recipes[self.recipe], **self.change}}
                tasks = {**config["tasks"], task: {**config["tasks"][task], "recipes": recipes}}
                check_schema({**config, "tasks": tasks}, schema)
            self.check(TaskSettings.of(task, config["tasks"][task], config["seed"]))
        except SettingsError as error:
            raise SettingsError(
                f"variant {self.name} on task {task}: {error}\n"
                f'(if {self.name} is not for {task}, name the tasks it is for in its params: tasks=["..."])'
            ) from error

    def check(self, task: TaskSettings) -> Recipe:
        """The recipe this variant follows on a task. Raises SettingsError where it cannot."""
        if self.library not in LIBRARIES:
            raise SettingsError(f"library {self.library!r} is not one of {', '.join(LIBRARIES)}")
        if not self.installed:
            raise SettingsError(f"the gradient {self.gradient!r} needs the package {self.gradient}, see `make peers`")
        if self.gradient not in TRAINABLE:
            raise SettingsError(f"there is no gradient rule {self.gradient!r}{nearest(self.gradient, TRAINABLE)}")
        try:
            TRAINABLE[self.gradient](task.network)
        except NotImplementedError as error:
            raise SettingsError(f"gradient {self.gradient}: {error}") from error
        recipe = task.recipe(self.recipe, self.change)
        if self.library == "keras":
            if self.gradient != "bptt":
                raise SettingsError("Keras differentiates through the whole window: its gradient is 'bptt'")
            if task.network.at_rest:
                raise SettingsError(f"Keras starts from a state of zero, not of {task.network.at_rest:g}")
            if task.network.leak:
                raise SettingsError("Keras's SimpleRNN has no leaky units")
            if recipe.window not in (None, recipe.sequence or task.time):
                raise SettingsError(f"Keras updates once a sequence; window {recipe.window} is not for it")
        return recipe


def nearest(name: str, known: Any) -> str:
    """The end of a message about an unknown name: the nearest known one, or all of them."""
    known = [str(k) for k in known]
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"


def check_schema(config: Mapping[str, Any], schema_path: Path) -> None:
    """Raise SettingsError with every violation of the schema, each with its place, and the nearest key for a typo."""
    schema = json.loads(Path(schema_path).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    problems = [line for error in sorted(validator.iter_errors(config), key=str) for line in _explain(error)]
    if problems:
        raise SettingsError("the config is not valid:\n  " + "\n  ".join(problems))


def _explain(error: jsonschema.ValidationError) -> Iterator[str]:
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        for key in error.instance:
            if key not in known:
                yield f"{where}: unknown key {key!r}{nearest(str(key), known)}"
    elif error.context:
        for cause in error.context:
            yield from _explain(cause)
    elif error.validator in ("type", "anyOf") and _is_number(error.instance):
        yield f"{where}: {error.message}; YAML takes an exponent for a number only after a point: 1.0e-3"
    else:
        yield f"{where}: {error.message}"


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(float(value))
    except ValueError:
        return False

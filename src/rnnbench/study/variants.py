"""The variants of a study: what a file in workflow/variants says, checked before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnbench.errors import RuleError, nearest
from rnnbench.gradients import registry
from rnnbench.study.roles import Role
from rnnbench.study.settings import Recipe, SettingsError, TaskSettings, check_schema

LIBRARIES = ("numpy", "keras")


@dataclass(frozen=True)
class Variant:
    """What a file in workflow/variants says: a library, a gradient rule, a recipe and what it changes in that.

    role: what it is in the question, on every task, or by the name of the task ("*": on every other).
    """

    name: str
    library: str
    gradient: str
    recipe: str
    change: Mapping[str, Any]
    role: Role | Mapping[str, Role | None] | None = None

    def __post_init__(self) -> None:
        for key in ("gradient", "recipe"):
            if not getattr(self, key):
                raise SettingsError(f"variant {self.name} says no {key}")
        for role in self.role.values() if isinstance(self.role, Mapping) else [self.role]:
            if role is not None and role not in list(Role):
                raise SettingsError(f"variant {self.name}: there is no role {role!r}{nearest(role, Role)}")

    def role_on(self, task: str) -> Role | None:
        """What it is in the question on a task."""
        return self.role.get(task, self.role.get("*")) if isinstance(self.role, Mapping) else self.role

    @property
    def trainer(self) -> str:
        """The module that trains it; imported by name, so that a training depends on no other one."""
        return f"rnnbench.study.training.{self.library}_trainer"

    @property
    def installed(self) -> bool:
        """False where the gradient is of a library that is not there."""
        return self.gradient not in registry.PEERS or self.gradient in registry.installed()

    def fit(self, config: Mapping[str, Any], task: str, schema: Path) -> None:
        """Raise SettingsError, naming the variant, unless it can run on a task of the (complete) config.

        The recipe is held to the schema with the variant's changes in it, so that they are checked as the config is.
        """
        try:
            if not isinstance(self.change, Mapping):
                raise SettingsError(f'change must be a dict such as {{"window": 3}}, not {self.change!r}')
            recipes = config["tasks"][task]["recipes"]
            if self.change and self.recipe in recipes:
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
        recipe = task.recipe(self.recipe, self.change)
        if self.library == "numpy":
            try:
                registry.rule(self.gradient)(task.network)
            except RuleError as error:
                raise SettingsError(str(error)) from error
            except NotImplementedError as error:
                raise SettingsError(f"gradient {self.gradient}: {error}") from error
        else:
            if self.gradient != "bptt":
                raise SettingsError("Keras differentiates through the whole window: its gradient is 'bptt'")
            if task.network.at_rest:
                raise SettingsError(f"Keras starts from a state of zero, not of {task.network.at_rest:g}")
            if task.network.leak:
                raise SettingsError("Keras's SimpleRNN has no leaky units")
            if recipe.prequential:
                raise SettingsError("Keras's fit does not keep the loss of every update; prequential is not for it")
            if recipe.window not in (None, recipe.sequence or task.time):
                raise SettingsError(f"Keras updates once a sequence; window {recipe.window} is not for it")
        return recipe

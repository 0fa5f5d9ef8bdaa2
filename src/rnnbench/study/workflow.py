"""What a study runs, decided from the config and from what the variants' files say, before any job starts.

The workflow asks here while it is read; nothing here knows Snakemake.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from rnnbench import files
from rnnbench.errors import nearest
from rnnbench.gradients import registry
from rnnbench.gradients.rulebook import in_order
from rnnbench.study import blocks
from rnnbench.study.settings import ONLINE, SettingsError, TaskSettings
from rnnbench.study.tasks import registry as tasks
from rnnbench.study.variants import Variant

PARAMS = ["code", "settings", "seed", "library", "gradient", "recipe", "change", "tasks", "role"]
"""What the params of a variant's rule may hold; the first three are the workflow's own."""
UNTRIED = "mlp"
"""The control without recurrence: it has nothing through time that could be wrong."""


def rule_name(variant: str) -> str:
    """The name of the rule that trains a variant."""
    return f"train_{variant.replace('-', '_')}"


NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"
MISREAD = ("null", "na", "none", "true", "false")
"""Names that a reader of tables takes for something else, as it does numbers."""


def check_variants(files: Iterable[Path]) -> None:
    """Raise SettingsError unless each file of workflow/variants derives the rule that its own name asks for, and no other has."""
    taken: dict[str, str] = {}
    for file in files:
        name, where = file.stem, f"workflow/variants/{file.name}"
        if not re.fullmatch(NAME, name):
            raise SettingsError(f"{where}: a variant's name has letters, digits, - and _ alone; rename the file")
        if _misread(name):
            raise SettingsError(f"{where}: {name!r} in a table is not read as a name; rename the file")
        if (other := taken.setdefault(rule_name(name), name)) != name:
            raise SettingsError(f"{where} and {other}.smk would both be the rule {rule_name(name)}; rename one of them")
        text = file.read_text(encoding="utf-8")
        derived = re.search(rf"^use\s+rule\s+train\s+as\s+{rule_name(name)}\s+with\s*:", text, flags=re.MULTILINE)
        named = re.search(rf"""\swildcard_constraints\s*:\s*variant\s*=\s*["']{re.escape(name)}["']""", text)
        if not derived or not named:
            raise SettingsError(
                f"{where} must derive {rule_name(name)} from train (see the other files there) and set"
                f' variant="{name}" in its wildcard_constraints'
            )


def _misread(name: str) -> bool:
    """Whether a reader of tables takes a name for something else."""
    try:
        float(name)
    except ValueError:
        return name.lower() in MISREAD
    return True


@dataclass(frozen=True)
class Plan:
    """The runs of a study, and what is made of them.

    config: completed by the schema. schema: its file. said: the params of every variant's rule, by the variant's name.
    """

    config: Mapping[str, Any]
    schema: Path
    said: Mapping[str, Mapping[str, Any]]

    def check(self) -> None:
        """Raise SettingsError for whatever cannot be, with what, where and what can be."""
        by_task = {key: self.config[key] for key in ("targets", "variants", "leave_out", "ladder")}
        by_task["statistics.margins"] = self.config["statistics"]["margins"]
        by_task["cost.recipes"] = self.config["cost"]["recipes"]
        for key, named in by_task.items():
            for task in named:
                self._check_task(key, task)
        for task, names in self.by_task.items():
            self._check_limits(self.settings(task), names)
        for task in self.tasks:
            if _misread(task):
                raise SettingsError(f"config, tasks: {task!r} in a table is not read as a name; rename the task")
        jobs: dict[str, str] = {}
        for run in (f"{task}/{name}" for task in self.tasks for name in self.variants):
            if (other := jobs.setdefault(run.replace("/", "_"), run)) != run:
                raise SettingsError(f"{run} and {other} (TASK/VARIANT) would have the same logs and records; rename one of them")
        if not self.runs:
            raise SettingsError("config, variants: no task has a variant to run")
        for task, names in self.by_task.items():
            taken: dict[str, str] = {}
            for name in names:
                role = self.variants[name].role_on(task)
                if role and taken.setdefault(role, name) != name:
                    raise SettingsError(
                        f"workflow/variants/{taken[role]}.smk and {name}.smk both have role={str(role)!r} on task {task}; one of"
                        " them must give it up, or not run there"
                    )
        for task, recipe in self.cost_recipes.items():
            try:
                Variant("", "keras", "bptt", recipe, {}).check(self.settings(task))
            except SettingsError as error:
                raise SettingsError(f"config, cost.recipes.{task}: {error}") from error
        for name in self.config["trial"]["rules"] or ():
            if name not in registry.RULES:
                raise SettingsError(f"config, trial.rules: there is no gradient rule {name!r}{nearest(name, registry.RULES)}")
        # A rung may be left out of `variants`: the ladder says that it was not run. It may not be of a variant that never runs.
        for task, ladders in self.config["ladder"].items():
            self._known(f"ladder.{task}", task, (rung["variant"] for ladder in ladders for rung in ladder["rungs"]))
        for claim in self.config["claims"]:
            for tried in claim["tried"]:
                self._check_task("claims", tried["task"])
                named = (tried[key] for key in ("variant", "reference", "without") if key in tried)
                self._known(f"claims, {claim['claim']!r}", tried["task"], named)
        asked = self.config["prequential"]
        rows = [(f"contrasts, {one['question']!r}", one) for one in asked["contrasts"]]
        rows += [(f"published, {table['source']!r}", row) for table in asked["published"] for row in table["rows"]]
        for key, row in rows:
            self._check_task(f"prequential.{key}", row["task"])
            self._known(f"prequential.{key}", row["task"], [row[part] for part in ("variant", "reference") if part in row])

    def _check_task(self, key: str, task: str) -> None:
        """Raise SettingsError for a task named under a key of the config that there is not."""
        if task not in self.tasks:
            raise SettingsError(f"config, {key}: there is no task {task!r}{nearest(task, self.tasks)}")

    def _known(self, key: str, task: str, names: Iterable[str]) -> None:
        """Raise SettingsError for a variant named under a key of the config that is not for the task."""
        known = [*self.meant_for(task), *self.config["variants"].get(task, [])]
        for name in names:
            if name not in known:
                raise SettingsError(f"config, {key}: no variant {name!r} is for task {task}{nearest(name, known)}")

    @property
    def tasks(self) -> Mapping[str, Any]:
        """The tasks of the config."""
        return self.config["tasks"]

    @cached_property
    def settings(self) -> Callable[[str], TaskSettings]:
        """The settings of a task, by its name: read once, when they are asked for."""
        return cache(lambda task: TaskSettings.of(task, self.tasks[task], self.config["seed"]))

    @cached_property
    def variants(self) -> dict[str, Variant]:
        """What every variant's file says."""
        found = {}
        for name, params in self.said.items():
            for key in params:
                if key not in PARAMS:
                    raise SettingsError(f"workflow/variants/{name}.smk: a variant has no param {key!r}{nearest(key, PARAMS)}")
            self._check_params(name, params)
            for task in params["tasks"] or []:
                if task not in self.tasks:
                    raise SettingsError(f"workflow/variants/{name}.smk: there is no task {task!r}{nearest(task, self.tasks)}")
            found[name] = Variant(name, params["library"], params["gradient"], params["recipe"], params["change"], params["role"])
        return found

    def _check_limits(self, task: TaskSettings, names: Iterable[str]) -> None:
        """Raise SettingsError where a job that trains on a task takes more than the config's limits, at the least."""
        for name in names:
            recipe = self.variants[name].check(task)
            hours, memory = task.least(recipe, self._most(name, task.trained(recipe)))
            for key, least, unit in (("hours", hours, "hours"), ("memory_gb", memory, "GB")):
                if least > (limit := self.config["limits"][key]):
                    raise SettingsError(
                        f"variant {name} on task {task.name} would take at least {least:.3g} {unit}, and limits.{key} is"
                        f" {limit:g}: ask for fewer replicates, passes or units, for a smaller block, or raise limits.{key}"
                    )

    def _check_params(self, name: str, params: Mapping[str, Any]) -> None:
        """Raise SettingsError for a param of a variant that is not what such a param is."""
        where, tasks = f"workflow/variants/{name}.smk", params["tasks"]
        if tasks is not None and (isinstance(tasks, str) or not all(isinstance(task, str) for task in tasks)):
            raise SettingsError(f'{where}: tasks must be a list of names, such as tasks=["xor"], not {tasks!r}')
        if tasks is not None and not list(tasks):
            raise SettingsError(f"{where}: tasks=[] names no task; leave it out for all tasks, or leave the file out")
        if not isinstance(params["role"], str | Mapping | None):
            raise SettingsError(f"{where}: role must be a name, or names by task, not {params['role']!r}")
        for key in ("library", "gradient", "recipe"):
            if params[key] is not None and not isinstance(params[key], str):
                raise SettingsError(f"{where}: {key} must be a name, not {params[key]!r}")

    def meant_for(self, task: str) -> list[str]:
        """The names of the variants that are for a task, by their own word, and whose library is installed."""
        return [
            name
            for name, variant in self.variants.items()
            if task in (self.said[name]["tasks"] or self.tasks) and variant.installed
        ]

    @cached_property
    def by_task(self) -> dict[str, list[str]]:
        """For each task that has any, the names of the variants that run on it, each checked to fit it."""
        found = {}
        for task in self.tasks:
            left_out = self.config["leave_out"].get(task, [])
            asked = self.config["variants"].get(task, self.meant_for(task))
            names = [name for name in asked if name not in left_out]
            for name in (*names, *left_out):
                if name not in self.variants:
                    key = "leave_out" if name in left_out else "variants"
                    raise SettingsError(f"config, {key}.{task}: there is no variant {name!r}{nearest(name, self.variants)}")
            for name in names:
                self.variants[name].fit(self.config, task, self.schema)
            if names:
                found[task] = names
        return found

    @cached_property
    def runs(self) -> list[str]:
        """Every run, TASK/VARIANT."""
        return [f"{task}/{name}" for task, names in self.by_task.items() for name in names]

    def blocks(self, run: str) -> list[str]:
        """The folders of a run in results/runs: one, or one for each block of its replicates."""
        task, variant = run.split("/")
        settings = self.settings(task)
        replicates = settings.trained(self.variants[variant].check(settings))
        return [f"{run}{block}" for block in blocks.names(replicates, self._most(variant, replicates))]

    def _most(self, variant: str, replicates: int) -> int:
        """How many of so many replicates of a variant a job trains. Peers find other bits for another number of them."""
        return replicates if self.variants[variant].gradient in registry.PEERS else min(replicates, self.config["block"])

    def trainings(self, run: str) -> list[str]:
        """The jobs that train a run."""
        return [f"train_{block.replace('/', '_')}" for block in self.blocks(run)]

    @cached_property
    def tried(self) -> list[str]:
        """The runs whose learning rate is chosen from a grid, TASK/VARIANT."""
        found = []
        for task, names in self.by_task.items():
            settings = self.settings(task)
            found += [f"{task}/{name}" for name in names if self.variants[name].check(settings).learning_rate is None]
        return found

    @cached_property
    def trained_as(self) -> dict[str, dict[str, Any]]:
        """What a training is of, as `Variant` takes it, by the name of the variant."""
        parts = ("library", "gradient", "recipe", "change")
        return {name: {part: getattr(variant, part) for part in parts} for name, variant in self.variants.items()}

    def rates(self, run: str) -> list[str]:
        """The file with the learning rates that were tried for a run, if there is any."""
        return [tried(run)] if run in self.tried else []

    @cached_property
    def beside_keras(self) -> list[str]:
        """The tasks that can be run beside Keras, which starts from a state of zero and does not have leaky units."""
        return [task for task in self.by_task if not self.tasks[task]["rest"] and not self.tasks[task]["leak"]]

    @cached_property
    def cost_recipes(self) -> dict[str, str]:
        """For each task whose updates are measured, the recipe."""
        return {task: recipe for task, recipe in self.config["cost"]["recipes"].items() if recipe and task in self.by_task}

    @cached_property
    def online(self) -> dict[str, list[Variant]]:
        """For each task, the variants that compare the rules of online learning: one recipe, unchanged, in NumPy."""
        found = {}
        for task, names in self.by_task.items():
            own = [self.variants[name] for name in names]
            own = [variant for variant in own if variant.recipe == ONLINE and variant.library == "numpy" and not variant.change]
            if own:
                found[task] = own
        return found

    @cached_property
    def reference(self) -> dict[str, str]:
        """For each task with such a comparison, the variant that follows the exact gradient in it."""
        return {task: own.name for task, variants in self.online.items() for own in variants if own.gradient == "bptt"}

    @cached_property
    def reference_runs(self) -> dict[str, dict[str, list[str]]]:
        """The files of that variant's run, by task and part."""
        return {task: run_files(self.blocks(f"{task}/{name}")) for task, name in self.reference.items()}

    def compared(self, task: str) -> list[str]:
        """The rules of online learning that are compared on a task."""
        return list(dict.fromkeys(variant.gradient for variant in self.online[task]))

    @cached_property
    def judged(self) -> dict[str, str]:
        """The rules whose verdicts the report has, by the name of their file: built-in ones, and those in files of one's own."""
        built_in = self.config["trial"]["rules"]
        if built_in is None:
            built_in = [name for name in in_order(registry.RULES) if name != UNTRIED]
        trained = [self.variants[name].gradient for names in self.by_task.values() for name in names]
        rules = dict.fromkeys([*built_in, *(in_order(name for name in trained if name not in built_in))])
        return {files.identifier(rule): rule for rule in rules}

    def own_files(self, gradient: str) -> list[str]:
        """The files of the user's own that a rule is in: its file, and those beside it that it imports."""
        return list(files.content(gradient)) if files.is_file(gradient) else []

    @cached_property
    def fetched(self) -> dict[str, list[str]]:
        """For each kind of task that reads files, where they are kept."""
        found = {task["data"]: [str(path) for path in tasks.paths(task["data"]).values()] for task in self.tasks.values()}
        return {kind: paths for kind, paths in found.items() if paths}

    @cached_property
    def files_of_task(self) -> dict[str, list[str]]:
        """For each task, the files that it reads."""
        return {name: self.fetched.get(task["data"], []) for name, task in self.tasks.items()}

    @cached_property
    def own_tasks(self) -> dict[str, list[str]]:
        """For each task, the files of the user's own that it is in."""
        return {name: list(tasks.content(task["data"])) for name, task in self.tasks.items()}

    def of_tasks(self, names: Iterable[str]) -> list[str]:
        """Where tasks lie, for the digest of a job that loads them."""
        return list(dict.fromkeys(tasks.module_of(data) or data for data in (self.tasks[name]["data"] for name in names)))

    def of_rules(self, gradients: Iterable[str]) -> list[str]:
        """Where rules lie, for the digest of a job that loads them."""
        return [registry.module_of(name) or name for name in dict.fromkeys(gradients)]

    def of_training(self, variant: str) -> list[str]:
        """What the training of a variant loads by name: its trainer and, in NumPy, its rule."""
        own = self.variants[variant]
        return [own.trainer, *(self.of_rules([own.gradient]) if own.library == "numpy" else [])]

    def expected(self) -> list[dict[str, Any]]:
        """What a whole report is made of: `what` it is, its last `file`, its `task` (None: of no single one), and its jobs.

        Of a run, its files too, see `run_files`.
        """

        def part(what: str, file: str, task: str | None, *jobs: str) -> dict[str, Any]:
            before = [tasks.fetch_job(self.tasks[task]["data"]), f"prepare_{task}"] if task else []
            return {"what": what, "file": file, "task": task, "jobs": [*before, *jobs]}

        found = [part("The cost study", "results/cost/gradients.csv", None, "measure_cost")]
        found.append(part("The check of the yardstick", YARDSTICK, None, "check_yardstick"))
        found += [part(f"The verdict on {rule}", judged(name), None, f"try_{name}") for name, rule in self.judged.items()]
        for run in self.runs:
            task, variant = run.split("/")
            jobs = f"try_rates_{task}_{variant}", *self.trainings(run), f"diagnose_{task}_{variant}"
            found.append(part(f"{variant} on {task}", diagnosed(run), task, *jobs) | run_files(self.blocks(run)))
        for task in self.by_task:
            if task in self.beside_keras:
                found.append(
                    part(f"NumPy beside Keras on {task}", f"results/trial/lockstep/{task}.csv", task, f"lockstep_{task}")
                )
            if task in self.reference:
                jobs = *self.trainings(f"{task}/{self.reference[task]}"), f"compare_rules_{task}"
                found.append(
                    part(f"The comparison of the rules on {task}", f"results/trial/beside_exact/{task}.csv", task, *jobs)
                )
            found.append(part(f"Staleness on {task}", f"results/trial/staleness/{task}.csv", task, f"staleness_{task}"))
        return found


YARDSTICK = "results/trial/yardstick.csv"


def run_files(folders: Sequence[str]) -> dict[str, list[str]]:
    """The files of folders in results/runs, by part."""
    parts = {"curves": "curves.csv", "snapshots": "snapshots.npz", "provenance": "run.json"}
    return {part: [f"results/runs/{folder}/{file}" for folder in folders] for part, file in parts.items()}


def diagnosed(run: str) -> str:
    """The last file that is made of a run alone."""
    return f"results/trial/diagnostics/{run}.csv"


def tried(run: str) -> str:
    """The learning rates that were tried for a run."""
    return f"results/rates/{run}.csv"


def judged(name: str) -> str:
    """The verdict on a rule."""
    return f"results/trial/rules/{name}.json"

"""One training job: a variant on a task, from the prepared files to the files of a run."""

import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from rnnbench import files
from rnnbench.arrays import Array
from rnnbench.gradients import registry
from rnnbench.study import blocks
from rnnbench.study.jobs.log import Progress
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training import backward, numbered, rates, run
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory
from rnnbench.study.variants import Variant


def train(
    task: TaskSettings,
    variant: Variant,
    ground: Mapping[str, Path],
    out: Mapping[str, Path],
    tried: Path | None = None,
    block: str = "",
) -> None:
    """Train `variant` on `task` from the three prepared files and write the three files of the run contract.

    tried: the learning rates that were tried, for a recipe that has none of its own. block: which replicates, see `blocks.names`.
    """
    recipe, chosen = variant.check(task), None
    if recipe.learning_rate is None:
        if tried is None:
            raise ValueError(f"{variant.name} on {task.name} has no learning rate, and none was tried")
        chosen = rates.chosen(rates.read(tried), task.kind.metrics[0])
        recipe = replace(recipe, learning_rate=chosen["learning_rate"])
    schedule = Schedule(task, recipe)
    prepared = Prepared(task, ground, blocks.numbers(block, schedule.replicates))
    if block and files.is_file(variant.gradient):
        numbered.check(registry.rule(variant.gradient), prepared, schedule)
    trajectory, execution = trained(prepared, schedule, variant, f"{task.name} {variant.name}{block}")
    training = float(trajectory.seconds[-1])
    timing = {"startup_seconds": time.process_time() - training, "training_seconds": training}
    run.write(out, prepared, schedule, task.network, variant, trajectory, execution, timing, chosen)


def try_rates(task: TaskSettings, variant: Variant, ground: Mapping[str, Path], out: Path) -> None:
    """Train `variant` on `task` at every learning rate of the grid, and write how each replicate of the grid ends."""
    schedule, grid = rates.schedule(task, variant.check(task)), rates.axis(task)
    prepared = Prepared(task, ground, grid.replicate)
    what = f"{task.name} {variant.name} at {len(grid.rate)} rates and replicates"
    trajectory, _ = trained(prepared, schedule, variant, what, grid.rate)
    rates.ended(prepared, schedule, variant.name, grid, trajectory).to_csv(out, index=False)


def trained(
    prepared: Prepared, schedule: Schedule, variant: Variant, what: str, at: Array | None = None
) -> tuple[Trajectory, dict[str, Any]]:
    """The weights along the training of a variant, and how its library was made to run. at: learning rates, by replicate."""
    task, a_pass = prepared.task, schedule.updates / schedule.recipe.passes
    trainer = import_module(variant.trainer)
    if variant.library == "keras":
        trainer.keras_twin.pin()
        progress = Progress(f"{what}, one after the other", schedule.updates * prepared.count, "pass", a_pass)
        return trainer.train(prepared, schedule, task.network, progress, at), trainer.EXECUTION
    # The grid's replicates draw by their place in it, as rates are tried side by side.
    first = 0 if at is not None else prepared.numbers[0]
    rule, execution = registry.rule(variant.gradient)(task.network, task.seed, first), {}
    followed = backward.followed(rule, schedule)
    if followed is not rule and at is None:
        execution["backward"] = backward.shown_equal(prepared, schedule, rule, followed)
    return trainer.train(prepared, schedule, followed, Progress(what, schedule.updates, "pass", a_pass), at), execution

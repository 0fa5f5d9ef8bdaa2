"""One training job: a variant on a task, from the prepared files to the files of a run."""

import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from rnnbench.gradients import registry
from rnnbench.study.jobs.log import Progress
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training import backward, run
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.variants import Variant


def train(task: TaskSettings, variant: Variant, ground: Mapping[str, Path], out: Mapping[str, Path]) -> None:
    """Train `variant` on `task` from the three prepared files and write the three files of the run contract."""
    schedule = Schedule(task, variant.check(task))
    prepared = Prepared(task, ground)
    what, a_pass = f"{task.name} {variant.name}", schedule.updates / schedule.recipe.passes
    trainer = import_module(variant.trainer)
    execution: dict[str, Any] = {}
    if variant.library == "keras":
        trainer.keras_twin.pin()
        progress = Progress(f"{what}, all replicates", schedule.updates * task.replicates, "pass", a_pass)
        trajectory = trainer.train(prepared, schedule, task.network, progress)
        execution = trainer.EXECUTION
    else:
        rule = registry.rule(variant.gradient)(task.network, task.seed)
        if schedule.recipe.backward and (same := rule.backward()) is not None:
            execution["backward"] = backward.shown_equal(prepared, schedule, rule, same)
            rule = same
        trajectory = trainer.train(prepared, schedule, rule, Progress(what, schedule.updates, "pass", a_pass))
    training = float(trajectory.seconds[-1])
    timing = {"startup_seconds": time.process_time() - training, "training_seconds": training}
    run.write(out, prepared, schedule, task.network, variant, trajectory, execution, timing)

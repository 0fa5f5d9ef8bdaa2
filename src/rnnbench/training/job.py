"""One training job: a variant on a task, from the prepared files to the files of a run."""

import time
from collections.abc import Mapping
from pathlib import Path

from rnnbench.gradients import TRAINABLE
from rnnbench.joblog import Progress
from rnnbench.settings import TaskSettings, Variant
from rnnbench.training import run
from rnnbench.training.prepared import Prepared
from rnnbench.training.schedule import Schedule


def train(task: TaskSettings, variant: Variant, ground: Mapping[str, Path], out: Mapping[str, Path]) -> None:
    """Train `variant` on `task` from the three prepared files and write the three files of the run contract."""
    schedule = Schedule(task, variant.check(task))
    prepared = Prepared(task, ground)
    what, a_pass = f"{task.name} {variant.name}", schedule.updates / schedule.recipe.passes
    if variant.library == "keras":
        # TensorFlow takes seconds to import; only Keras variants pay for it.
        from rnnbench.training import keras_trainer, keras_twin

        keras_twin.pin()
        progress = Progress(f"{what}, all replicates", schedule.updates * task.replicates, "pass", a_pass)
        trajectory = keras_trainer.train(prepared, schedule, task.network, progress)
        execution = keras_trainer.EXECUTION
    else:
        from rnnbench.training import numpy_trainer

        execution = {}
        rule = TRAINABLE[variant.gradient](task.network, task.seed)
        trajectory = numpy_trainer.train(prepared, schedule, rule, Progress(what, schedule.updates, "pass", a_pass))
    training = float(trajectory.seconds[-1])
    timing = {"startup_seconds": time.process_time() - training, "training_seconds": training}
    run.write(out, prepared, schedule, task.network, variant, trajectory, execution, timing)

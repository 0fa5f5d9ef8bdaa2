"""Training in NumPy: any gradient rule, any schedule, all replicates at once."""

import time

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.study.jobs.log import Progress
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory


def train(
    prepared: Prepared, schedule: Schedule, rule: GradientRule, progress: Progress, rates: Array | None = None
) -> Trajectory:
    """Train every replicate from the prepared weights, in the prepared order.

    rates: a learning rate for each replicate, (replicate,), in place of the recipe's.
    """
    recipe = schedule.recipe
    split = schedule.cut(prepared.splits["train"])
    order = prepared.order(schedule.sequences)
    params = rule.network.parameters(prepared.initial(recipe))
    rule.prepare(params)
    method = optimizer(recipe.optimizer, recipe.rate if rates is None else rates[:, None], recipe.momentum)

    points = schedule.points()
    ahead = iter([*points[1:], None])
    vectors, seconds, updates, next_point = [params.vector.copy()], [0.0], 0, next(ahead)
    every = recipe.prequential or 0
    losses = np.zeros((schedule.updates // every + 1, len(params.vector))) if every else None
    # Replicates that diverge go on as NaN beside those that do not; they are counted afterwards.
    with np.errstate(all="ignore"):
        # What a library does at its first call (a peer imports and compiles) is start-up.
        first, _ = next(schedule.windows(split.take(next(schedule.chosen(order)))))
        rule.step(params, first, rule.init(params, recipe.batch))
        learner = Learner(rule, params, recipe.batch, method)
        begun = time.process_time()
        for chosen in schedule.chosen(order):
            learner.begin()
            for window, counts in schedule.windows(split.take(chosen)):
                outputs, _ = learner.see(window)
                updates += counts
                if not counts:
                    continue
                if losses is not None:
                    losses[(updates - 1) // every] += rule.network.loss_function.value(outputs, window.y).mean((1, 2)) / every
                if updates == next_point:
                    vectors.append(params.vector.copy())
                    seconds.append(time.process_time() - begun)
                    next_point = next(ahead)
            progress.at(updates, lambda: f", loss {rule.network.loss_function.value(outputs, window.y).mean():.3g}")  # noqa: B023
    whole = None if losses is None else losses[: schedule.updates // every]
    return Trajectory(np.array(points), np.stack(vectors), np.array(seconds), whole)

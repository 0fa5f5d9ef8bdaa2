"""Whether a rule may be trained in blocks of replicates: it must draw noise by a replicate's number."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.study.tasks import Split
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule

GRADIENTS = 8
"""How many are compared: the noise of a rule may reach its gradient after some windows only."""


class NoiseError(ValueError):
    """A rule cannot be trained in blocks; the message says why."""


def check(kind: type[GradientRule], prepared: Prepared, schedule: Schedule) -> None:
    """Raise NoiseError where a rule draws noise by the place of a replicate: so all blocks would draw the same."""
    network, seed = schedule.task.network, schedule.task.seed
    alone = replace(prepared, replicates=np.array(prepared.numbers[:1]))
    split, order = schedule.cut(alone.splits["train"]), alone.order(schedule.sequences)
    vector, batches = alone.initial(schedule.recipe), [split.take(chosen) for chosen in islice(schedule.chosen(order), GRADIENTS)]
    with np.errstate(all="ignore"):
        of_both = gradients(kind(network, seed), np.repeat(vector, 2, axis=0), schedule, map(_twice, batches))
        of_second = gradients(kind(network, seed, 1), vector, schedule, batches)
    if not np.array_equal(of_both[:, 1:], of_second, equal_nan=True):
        raise NoiseError(
            f"{kind.__name__} draws noise by the place of a replicate, so that all blocks of a run would draw the same, or finds"
            " other bits for one replicate than for two: let it draw by number, self.first being that of the first one"
            " (docs/writing-a-rule.md), or raise `block` in the config"
        )


def _twice(batch: Split) -> Split:
    """What two replicates see that see the same."""
    return batch._replace(x=np.repeat(batch.x, 2, axis=0), y=np.repeat(batch.y, 2, axis=0))


def gradients(rule: GradientRule, vector: Array, schedule: Schedule, batches: Iterable[Split]) -> Array:
    """Of the first windows with a step that counts, at weights that stay, (window, replicate, parameter)."""
    params, carry, found = rule.network.parameters(vector), None, []
    rule.prepare(params)
    for batch in batches:
        size = schedule.recipe.batch
        carry = rule.init(params, size) if carry is None else rule.reset(params, size, carry)
        for window, counts in schedule.windows(batch):
            _, gradient, carry = rule.step(params, window, carry)
            if counts:
                found.append(gradient)
            if len(found) == GRADIENTS:
                return np.stack(found)
    return np.stack(found)

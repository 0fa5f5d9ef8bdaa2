"""Whether a rule may be trained in blocks of replicates: it must draw noise by a replicate's number."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.network import Window
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule


class NoiseError(ValueError):
    """A rule cannot be trained in blocks; the message says why."""


def check(kind: type[GradientRule], prepared: Prepared, schedule: Schedule) -> None:
    """Raise NoiseError where a rule draws noise by the place of a replicate: so all blocks would draw the same."""
    network, seed = schedule.task.network, schedule.task.seed
    alone = replace(prepared, replicates=np.array(prepared.numbers[:1]))
    batch = schedule.cut(alone.splits["train"]).take(next(schedule.chosen(alone.order(schedule.sequences))))
    vector, windows = alone.initial(schedule.recipe), [window for window, _ in schedule.windows(batch)]
    with np.errstate(all="ignore"):
        of_both = _first_gradient(kind(network, seed), np.repeat(vector, 2, axis=0), map(_twice, windows))
        of_second = _first_gradient(kind(network, seed, 1), vector, windows)
    if not np.array_equal(of_both[1:], of_second, equal_nan=True):
        raise NoiseError(
            f"{kind.__name__} draws noise by the place of a replicate, so that all blocks of a run would draw the same: let it"
            " draw by number, self.first being that of the first one (docs/writing-a-rule.md), or raise `block` in the config"
        )


def _twice(window: Window) -> Window:
    """What two replicates see that see the same."""
    return Window(np.repeat(window.x, 2, axis=0), np.repeat(window.y, 2, axis=0), window.counted)


def _first_gradient(rule: GradientRule, vector: Array, windows: Iterable[Window]) -> Array:
    """Of the first window with a step that counts, from rest, (replicate, parameter)."""
    params = rule.network.parameters(vector)
    rule.prepare(params)
    carry = None
    for window in windows:
        carry = rule.init(params, window.x.shape[2]) if carry is None else carry
        _, gradient, carry = rule.step(params, window, carry)
        if window.y.shape[1]:
            break
    return gradient

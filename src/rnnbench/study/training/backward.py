"""The backward pass that is to train in place of a rule that runs forward, held against that rule along a training in float64."""

from dataclasses import replace
from typing import Any

from rnnbench.gradients import GradientRule
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.trial.exactness import relative_errors

SEQUENCES, UPDATES = 32, 200
"""That each replicate sees, or as many as there are, and updates after which no other batch is begun."""
ROUNDING = 1e-12
"""Relative difference up to which two gradients are the same but for rounding."""


class NotEqualError(ValueError):
    """A backward pass does not find the gradient that it stands for; the message says how far it is off, and where."""


def followed(rule: GradientRule, schedule: Schedule) -> GradientRule:
    """What a schedule trains with in place of a rule: its backward pass, where the recipe says so and there is one."""
    return (rule.backward(whole=len(schedule.pieces) == 1) if schedule.recipe.backward else None) or rule


def shown_equal(prepared: Prepared, schedule: Schedule, rule: GradientRule, backward: GradientRule) -> dict[str, Any]:
    """Train with the rule in float64, from the run's weights on its first batches; find every gradient backward too.

    At the same weights: of two trainings one would learn nothing where training is chaotic, as then they part by rounding alone.
    Returns what run.json keeps: `by`, the class of the backward pass; `updates` made; `error`, the largest relative error of any
    parameter's gradient at any of them. Raises NotEqualError where that is more than rounding.
    """
    double = replace(prepared, task=replace(prepared.task, dtype="float64"))
    recipe, network = schedule.recipe, rule.network
    split, order = schedule.cut(double.splits["train"]), double.order(schedule.sequences)
    batch = min(recipe.batch, SEQUENCES)
    params = network.parameters(double.initial(recipe))
    rule.prepare(params)
    learner = Learner(rule, params, batch, optimizer(recipe.optimizer, recipe.rate, recipe.momentum))
    worst, updates = 0.0, 0
    for first in range(0, min(schedule.batches * batch, SEQUENCES - batch + 1), batch):
        if updates >= UPDATES:
            break
        learner.begin()
        carry = backward.init(params, batch)
        for window, counts in schedule.windows(split.take(order[:, first : first + batch])):
            found = backward.step(params, window, carry)
            carry = found.carry
            _, gradient = learner.see(window)
            updates += counts
            for parameter, error in relative_errors(network, found.gradient, gradient).items() if counts else ():
                if not error <= ROUNDING:
                    raise NotEqualError(
                        f"recipe with `backward`: {type(backward).__name__} does not find the gradient of {type(rule).__name__}:"
                        f" the relative error in {parameter} at update {updates} is {error:.1e}; train without it"
                    )
                worst = max(worst, error)
    return {"by": type(backward).__name__, "updates": updates, "error": worst}

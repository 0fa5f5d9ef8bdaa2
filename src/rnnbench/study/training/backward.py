"""The backward pass that is to train in place of a rule that runs forward, held against that rule along a training in float64."""

from dataclasses import replace
from typing import Any

from rnnbench.gradients import GradientRule
from rnnbench.study.settings import Recipe
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.trial.exactness import gradient_of, relative_errors

SEQUENCES = 32
"""That each replicate sees, or as many as there are."""
ROUNDING = 1e-12
"""Relative difference up to which two gradients are the same but for rounding."""


class NotEqualError(ValueError):
    """A backward pass does not find the gradient that it stands for; the message says how far it is off, and where."""


def followed(rule: GradientRule, recipe: Recipe) -> GradientRule:
    """What a recipe trains with in place of a rule: its backward pass, where the recipe says so and there is one."""
    return (rule.backward() if recipe.backward else None) or rule


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
    updates = min(schedule.batches, SEQUENCES // batch)
    params = network.parameters(double.initial(recipe))
    rule.prepare(params)
    learner = Learner(rule, params, batch, optimizer(recipe.optimizer, recipe.rate, recipe.momentum))
    worst = 0.0
    for update in range(updates):
        window = split.take(order[:, update * batch : (update + 1) * batch]).window()
        found = gradient_of(backward, params, window)
        learner.begin()
        _, gradient = learner.see(window)
        for parameter, error in relative_errors(network, found, gradient).items():
            if not error <= ROUNDING:
                raise NotEqualError(
                    f"recipe with `backward`: {type(backward).__name__} does not find the gradient of {type(rule).__name__}:"
                    f" the relative error in {parameter} at update {update + 1} is {error:.1e}; train without it"
                )
            worst = max(worst, error)
    return {"by": type(backward).__name__, "updates": updates, "error": worst}

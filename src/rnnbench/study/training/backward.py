"""A rule that runs forward and the backward pass that is to train in its place, in lockstep in float64."""

from dataclasses import replace
from typing import Any

import numpy as np

from rnnbench.gradients import GradientRule
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.trial.exactness import gradient_of, relative_errors

SEQUENCES = 128
"""That each replicate sees in lockstep, or as many as the recipe has."""
ROUNDING = 1e-12
"""Relative difference up to which two gradients are the same but for rounding."""


class NotEqualError(ValueError):
    """A backward pass does not find the gradient that it stands for; the message says how far it is off, and where."""


def shown_equal(prepared: Prepared, schedule: Schedule, rule: GradientRule, backward: GradientRule) -> dict[str, Any]:
    """Train with both side by side in float64, from the run's weights on its first batches, on the run's network.

    Returns what run.json keeps: `by`, the class of the backward pass; `updates` made; `gradient`, the largest relative error of
    any parameter's gradient at any update; `weights`, the largest difference of any weight at the end, relative to the largest.
    Raises NotEqualError where either is more than rounding.
    """
    double = Prepared(replace(prepared.task, dtype="float64"), prepared.paths)
    recipe, network = schedule.recipe, rule.network
    split, order = schedule.cut(double.splits["train"]), double.order(schedule.sequences)
    updates = max(1, min(schedule.batches, SEQUENCES // recipe.batch))
    method = optimizer(recipe.optimizer, recipe.learning_rate, recipe.momentum)
    both = [network.parameters(double.initial(recipe)) for _ in range(2)]
    for params in both:
        rule.prepare(params)
    states = [method.init(params.vector) for params in both]
    worst, where = 0.0, ""
    for update in range(updates):
        window = split.take(order[:, update * recipe.batch : (update + 1) * recipe.batch]).window()
        theirs, ours = (gradient_of(one, params, window) for one, params in zip((rule, backward), both, strict=True))
        for parameter, error in relative_errors(network, ours, theirs).items():
            if not error <= worst:
                worst, where = error, f" (in {parameter}, at update {update + 1})"
        for k, gradient in enumerate((theirs, ours)):
            change, states[k] = method.update(gradient, states[k])
            both[k].vector[...] += change
    apart = float(np.abs(both[1].vector - both[0].vector).max() / np.abs(both[0].vector).max())
    if not max(worst, apart) <= ROUNDING:
        raise NotEqualError(
            f"recipe with backward: {type(backward).__name__} does not find the gradient of {type(rule).__name__}: relative error"
            f" {worst:.1e}{where}, weights {apart:.1e} apart after {updates} updates; train without `backward`"
        )
    return {"by": type(backward).__name__, "updates": updates, "gradient": worst, "weights": apart}

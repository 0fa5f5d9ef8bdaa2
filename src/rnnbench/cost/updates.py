"""Time of one update of a training, gradient and optimizer, in NumPy and in every mode of Keras."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.cost import stopwatch
from rnnbench.cost.keras_gradient import UNROLLED
from rnnbench.cost.names import DEFAULT, OURS
from rnnbench.cost.stopwatch import Call
from rnnbench.gradients import PEERS, RULES, TRAINABLE, GradientRule
from rnnbench.initializers import draw
from rnnbench.optimizers import optimizer
from rnnbench.settings import Recipe, TaskSettings
from rnnbench.tasks import Split
from rnnbench.training import keras_twin
from rnnbench.training.schedule import Schedule

FIT: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "Keras, unrolled": {"unroll": True},
    "Keras, jit": {"jit_compile": True},
    "Keras, jit and unrolled": {"jit_compile": True, "unroll": True},
    "Keras, jit, 25 updates a call": {"jit_compile": True, "steps_per_execution": 25},
    "Keras, jit and unrolled, 100 updates a call": {"jit_compile": True, "unroll": True, "steps_per_execution": 100},
}
"""How `fit` can be asked to run: options of `compile`, and whether the steps of time are written out."""

COLUMNS = ["task", "who", "seconds", "low", "high", "replicates_at_once"]


def measure(tasks: Mapping[str, TaskSettings], recipes: Mapping[str, str], updates: int, rounds: int) -> pd.DataFrame:
    """Median and quartiles over the rounds of seconds an update and replicate, by task: a row a candidate, COLUMNS.

    recipes: for each task to measure, the name of the recipe, one that updates once a sequence.
    """
    rows = []
    for name, recipe in recipes.items():
        task = tasks[name]
        found = stopwatch.interleaved(candidates(task, task.recipe(recipe, {}), updates), rounds)
        for who, seconds in found.items():
            together = task.replicates if who == OURS or who in PEERS else 1
            low, median, high = np.quantile(seconds / updates / together, [0.25, 0.5, 0.75])
            rows.append(dict(zip(COLUMNS, [name, who, median, low, high, together], strict=True)))
    return pd.DataFrame(rows, columns=COLUMNS)


def candidates(task: TaskSettings, recipe: Recipe, updates: int) -> dict[str, Call]:
    """Calls that train for so many updates on random data: all replicates together in NumPy and its peers, one in Keras."""
    split = random_split(task, recipe, updates * recipe.batch)
    network = task.network
    steps, replicates = split.x.shape[1], task.replicates
    start = draw(network, task.initial, replicates, task.seed).astype(task.dtype)
    order = np.stack([np.random.default_rng(r).permutation(split.x.shape[2]) for r in range(replicates)])
    method = optimizer(recipe.optimizer, recipe.learning_rate, recipe.momentum)

    def train(rule: GradientRule) -> None:
        params = network.parameters(start.copy())
        state = method.init(params.vector)
        for begin in range(0, order.shape[1], recipe.batch):
            window = split.take(order[:, begin : begin + recipe.batch]).window()
            gradient = rule.step(params, window, rule.init(params, recipe.batch)).gradient
            change, state = method.update(gradient, state)
            params.vector[...] += change

    one = split.replicate(0)
    x, y = keras_twin.batch_first(one.x[0]), keras_twin.targets(one.y[0], task.kind.counts_every_step)
    found: dict[str, Call] = {OURS: partial(train, RULES["bptt"](network))}
    found |= {name: partial(train, rule(network)) for name, rule in PEERS.items() if name in TRAINABLE}
    for name, mode in FIT.items():
        options = dict(mode)
        unroll = steps if options.pop("unroll", False) else None
        if (unroll or 0) * network.depth > UNROLLED:
            continue
        model = keras_twin.build(network, task.dtype, task.kind.counts_every_step, unroll)
        model.compile(
            keras_twin.optimizer(recipe.optimizer, recipe.learning_rate, recipe.momentum),
            keras_twin.loss(network, task.dtype),
            **options,
        )
        found[name] = partial(model.fit, x, y, batch_size=recipe.batch, shuffle=False, verbose=0)
    return found


def random_split(task: TaskSettings, recipe: Recipe, sequences: int) -> Split:
    """Sequences in the shape of a task, laid out as its data are; time does not depend on what is in them."""
    rng = np.random.default_rng(0)
    steps, replicates = Schedule(task, recipe).time, task.replicates
    x = rng.integers(0, 2, (replicates, sequences, steps, task.network.inputs)).astype(task.dtype)
    if task.kind.counts_every_step:
        y = rng.integers(0, 2, (replicates, sequences, steps, task.network.outputs)).astype(task.dtype)
        return Split(np.moveaxis(x, 1, 2), np.moveaxis(y, 1, 2))
    return Split(np.moveaxis(x[:1], 1, 2), rng.integers(0, task.network.outputs, (1, 1, sequences)))

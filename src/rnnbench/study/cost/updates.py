"""Time of one update of a training, gradient and optimizer, in NumPy and in ways of running Keras."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.registry import PEERS, installed
from rnnbench.initializers import draw
from rnnbench.study.cost import stopwatch
from rnnbench.study.cost.names import ALONE, DEFAULT, OURS, SHORT, UPDATE_COST
from rnnbench.study.settings import UNROLLED, Recipe, TaskSettings
from rnnbench.study.tasks import Split
from rnnbench.study.tasks.base import contiguous
from rnnbench.study.training import keras_twin
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.schedule import Schedule

FIT: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "Keras, jit, 25 updates per call": {"jit_compile": True, "steps_per_execution": 25},
    "Keras, jit and unrolled, 100 updates per call": {"jit_compile": True, "unroll": True, "steps_per_execution": 100},
}
"""Ways to run `fit`: options of `compile`, and whether the steps of time are written out."""


LEAST, MOST_TIMES = 0.15, 5
"""Seconds that the updates of a measurement are to take, and how many times as many as asked for are made for that."""
TOGETHER = 32
"""Replicates that NumPy trains at once, or all where there are fewer."""
RATE = 1e-3
"""Where the recipe has none; time does not depend on it."""
Trainer = Callable[[int], object]
"""Trains from the same weights for so many updates."""


def measure(tasks: Mapping[str, TaskSettings], recipes: Mapping[str, str], updates: int, rounds: int) -> pd.DataFrame:
    """Median and range over the rounds of seconds per update and replicate, by task: a row per candidate, UPDATE_COST.

    recipes: for each task to measure, the name of the recipe, one that updates once a sequence.
    """
    rows = []
    for name, recipe in recipes.items():
        of = tasks[name].recipe(recipe, {})
        task = replace(tasks[name], replicates=min(TOGETHER, Schedule(tasks[name], of).replicates))
        for who, seconds in an_update(trainers(task, of, at_most(updates)), updates, rounds).items():
            together = replicates_at_once(who, task)
            values = seconds / together
            rows.append(dict(zip(UPDATE_COST, [name, who, np.median(values), values.min(), values.max(), together], strict=True)))
    return pd.DataFrame(rows, columns=UPDATE_COST)


def an_update(candidates: Mapping[str, Trainer], updates: int, rounds: int) -> dict[str, Array]:
    """Seconds of one update in each round, (rounds,): updates on top of a short training, which is timed too.

    As many as are asked for, or several times as many of a candidate for which these take less than LEAST seconds.
    """
    many = {who: updates * times_as_many(train, updates) for who, train in candidates.items()}
    long = {who: partial(train, many[who] + SHORT) for who, train in candidates.items()}
    short = {f"{who}, short": partial(train, SHORT) for who, train in candidates.items()}
    seconds = stopwatch.interleaved({**long, **short}, rounds)
    return {who: (seconds[who] - seconds[f"{who}, short"]) / many[who] for who in candidates}


def at_most(updates: int) -> int:
    """How many updates `an_update` makes in one training, where so many are asked for."""
    return MOST_TIMES * updates + SHORT


def times_as_many(train: Trainer, updates: int) -> int:
    """How many times these updates take LEAST seconds, at most MOST_TIMES."""
    train(SHORT)  # a first training compiles
    short = stopwatch.seconds_of(partial(train, SHORT))
    if short > 2 * LEAST:
        return 1
    train(updates + SHORT)
    taken = stopwatch.seconds_of(partial(train, updates + SHORT)) - short
    return min(MOST_TIMES, max(1, math.ceil(LEAST / max(taken, 1e-9))))


def replicates_at_once(who: str, task: TaskSettings) -> int:
    """How many replicates a candidate trains in one call."""
    return 1 if who == ALONE or who in FIT else task.replicates


def trainers(task: TaskSettings, recipe: Recipe, most: int) -> dict[str, Trainer]:
    """Trainings on random data for up to `most` updates: all replicates together in NumPy and its peers, one in Keras.

    The peers give the gradient; batches and the optimizer are ours, as when they train a variant.
    """
    split = random_split(task, recipe, most * recipe.batch)
    network = task.network
    steps, replicates = split.x.shape[1], task.replicates
    start = draw(network, task.initial, replicates, task.seed).astype(task.dtype)
    orders = np.stack([np.random.default_rng(r).permutation(split.x.shape[2]) for r in range(replicates)])
    rate = recipe.learning_rate or RATE
    method = optimizer(recipe.optimizer, rate, recipe.momentum)

    def train(rule: GradientRule, replicates: int, updates: int) -> None:
        params, order = network.parameters(start[:replicates].copy()), orders[:replicates]
        data = split if replicates > 1 else split.replicate(0)
        learner = Learner(rule, params, recipe.batch, method)
        for begin in range(0, updates * recipe.batch, recipe.batch):
            learner.begin()
            learner.see(data.take(order[:, begin : begin + recipe.batch]).window())

    rules: dict[str, type[GradientRule]] = {OURS: Bptt, **{name: PEERS[name] for name in installed()}}
    found: dict[str, Trainer] = {name: partial(train, rule(network), replicates) for name, rule in rules.items()}
    if replicates > 1:
        found[ALONE] = partial(train, Bptt(network), 1)

    one, counted = split.replicate(0), keras_twin.mask(steps, split.counted)
    x, y = keras_twin.batch_first(one.x[0]), keras_twin.targets(one.y[0], counted)

    def fit(model: keras.Model, updates: int) -> None:
        shown = updates * recipe.batch
        model.fit(x[:shown], y[:shown], batch_size=recipe.batch, shuffle=False, verbose=0)

    for name, mode in FIT.items():
        options = dict(mode)
        unroll = options.pop("unroll", False)
        if unroll and steps * network.depth > UNROLLED:
            continue
        model = keras_twin.build(network, task.dtype, counted, unroll)
        model.compile(
            keras_twin.optimizer(recipe.optimizer, rate, recipe.momentum),
            keras_twin.loss(network, task.dtype),
            **options,
        )
        found[name] = partial(fit, model)
    return found


def random_split(task: TaskSettings, recipe: Recipe, sequences: int) -> Split:
    """Sequences in the shape of a task; time does not depend on what is in them.

    They are laid out as the data of most tasks are: what is read from files is shared by the replicates, what is drawn is not.
    """
    rng = np.random.default_rng(0)
    schedule, network = Schedule(task, recipe), task.network
    replicates, steps, counted = 1 if task.kind.files else task.replicates, schedule.time, schedule.counted
    x = rng.integers(0, 2, (replicates, sequences, steps, network.inputs), np.int8).astype(task.dtype)
    if network.loss == "softmax_crossentropy":
        y = rng.integers(0, network.outputs, (replicates, sequences, len(counted)))
    else:
        y = rng.integers(0, 2, (replicates, sequences, len(counted), network.outputs), np.int8).astype(task.dtype)
    return Split(np.moveaxis(x, 1, 2), np.moveaxis(y, 1, 2), contiguous(counted))

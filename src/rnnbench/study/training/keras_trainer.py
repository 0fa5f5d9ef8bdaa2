"""Training in Keras, by `fit`, on the same arrays in the same order from the same weights; one replicate after the other."""

import time
from typing import Any

import keras
import numpy as np

from rnnbench.arrays import Array, Booleans, Integers
from rnnbench.network import Network
from rnnbench.study.jobs.log import Progress
from rnnbench.study.settings import UNROLLED
from rnnbench.study.tasks import Split
from rnnbench.study.training import keras_twin
from rnnbench.study.training.optimizers import as_keras_stores
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory

STEPS_PER_EXECUTION = 25
"""Updates that one call into TensorFlow makes. It changes the time, not the result; weights can be kept only in between."""

EXECUTION = {"jit_compile": True, "steps_per_execution": STEPS_PER_EXECUTION, "op_determinism": False, "unrolled": UNROLLED}
"""How TensorFlow runs, recorded with each run: compilation and deterministic kernels change bits. unrolled: up to so many steps
times layers are written out, which is faster."""

EXAMPLES_PER_FIT = 60_000  # sequences gathered in memory at once, a multiple of the batch being taken


class Keep(keras.callbacks.Callback):
    """Keeps the weights at chosen updates, and the CPU time until then."""

    def __init__(self, points: list[int], progress: Progress, done_before: int) -> None:
        super().__init__()
        self.points, self.progress, self.done_before = set(points), progress, done_before
        self.first, self.last = 0, 0
        self.vectors: list[Array] = []
        self.seconds: list[float] = []
        self.begun = time.process_time()

    def keep(self) -> None:
        """Keep the present weights."""
        self.vectors.append(keras_twin.vector_of(self.model.get_weights()))
        self.seconds.append(time.process_time() - self.begun)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after each execution with the number of the last batch in it, were it a full one."""
        updates = min(self.first + batch + 1, self.last)
        if updates in self.points:
            self.keep()
        self.progress.at(self.done_before + updates, lambda: f", loss {logs['loss']:.3g}" if logs else "")


def train(prepared: Prepared, schedule: Schedule, network: Network, progress: Progress, rates: Array | None = None) -> Trajectory:
    """Train every replicate by `fit` with one compiled model; between replicates, weights and optimizer are reset.

    rates: a learning rate for each replicate, (replicate,), in place of the recipe's.
    """
    recipe, task = schedule.recipe, prepared.task
    split = schedule.cut(prepared.splits["train"])
    order = prepared.order(schedule.sequences)
    initial = network.parameters(prepared.initial(schedule.recipe))
    if rates is None:
        rates = np.full(len(initial.vector), recipe.rate)

    counted = keras_twin.mask(schedule.time, schedule.counted)
    model = keras_twin.build(network, task.dtype, counted, schedule.time * network.depth <= UNROLLED)
    model.compile(
        optimizer=keras_twin.optimizer(recipe.optimizer, rates[0], recipe.momentum),
        loss=keras_twin.loss(network, task.dtype),
        steps_per_execution=EXECUTION["steps_per_execution"],
        jit_compile=EXECUTION["jit_compile"],
    )
    model.optimizer.build(model.trainable_variables)
    fresh = [np.asarray(v) for v in model.optimizer.variables]
    # Compile before the clock runs, on data of the first batches; the weights and the optimizer are reset below.
    count = min(STEPS_PER_EXECUTION, schedule.batches) * recipe.batch
    fit(model, split.replicate(0), order[:1, :count], counted, recipe.batch, [])

    points = schedule.points(STEPS_PER_EXECUTION)
    batches_per_fit = max(STEPS_PER_EXECUTION, EXAMPLES_PER_FIT // recipe.batch // STEPS_PER_EXECUTION * STEPS_PER_EXECUTION)
    trajectories = []
    for replicate, rate in enumerate(rates):
        model.set_weights(keras_twin.weights_of(initial, replicate))
        for variable, value in zip(model.optimizer.variables, fresh, strict=True):
            variable.assign(value)
        model.optimizer.learning_rate.assign(as_keras_stores(rate, np.dtype(np.float32)))
        keep = Keep(points[1:], progress, replicate * schedule.updates)
        keep.set_model(model)
        keep.keep()
        for first in range(0, schedule.batches, batches_per_fit):
            keep.first, keep.last = first, min(first + batches_per_fit, schedule.batches)
            chosen = order[replicate : replicate + 1, keep.first * recipe.batch : keep.last * recipe.batch]
            fit(model, split.replicate(replicate), chosen, counted, recipe.batch, [keep])
        trajectories.append((np.stack(keep.vectors), np.array(keep.seconds)))
    vectors, seconds = zip(*trajectories, strict=True)
    return Trajectory(np.array(points), np.stack(vectors, axis=1), np.sum(seconds, axis=0))


def fit(
    model: keras.Sequential,
    split: Split,
    chosen: Integers,
    counted: Booleans,
    batch: int,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    """`model.fit` on the sequences chosen, (1, sequences), in that order."""
    x, y, _ = split.take(chosen)
    default = keras.config.floatx()
    keras.config.set_floatx(x.dtype.name)  # `fit` rounds real numbers to it, whatever the dtype of the model
    try:
        model.fit(
            keras_twin.batch_first(x[0]),
            keras_twin.targets(y[0], counted),
            batch_size=batch,
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        )
    finally:
        keras.config.set_floatx(default)

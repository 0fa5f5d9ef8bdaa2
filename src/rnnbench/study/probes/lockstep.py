"""Two trainings side by side, NumPy and Keras, from the same weights on the same batches: how far do they drift apart?"""

from dataclasses import replace

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients.bptt import Bptt
from rnnbench.network import Network
from rnnbench.study.tasks import Split
from rnnbench.study.training import keras_twin
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import Schedule

METHODS = {"sgd": 0.01, "adam": 0.001}
"""Optimizers and their learning rates. Rates at which training is stable: where it is chaotic (sgd on row MNIST at .05), two
trainings in NumPy that differ by rounding part just as fast as NumPy and Keras do, and nothing is learnt about either."""


def drift(network: Network, initial: Array, batches: list[Split], method: str) -> Array:
    """Largest absolute difference between NumPy's and Keras's weights before the first and after each update.

    initial: (parameter,); its dtype is that of both trainings. batches: of one replicate, all with the same steps counted.
    """
    dtype = initial.dtype.name
    counted = keras_twin.mask(batches[0].x.shape[1], batches[0].counted)
    model = keras_twin.build(network, dtype, counted)
    model.compile(keras_twin.optimizer(method, METHODS[method], 0.0), keras_twin.loss(network, dtype), jit_compile=False)
    params = network.parameters(initial[None].copy())
    model.set_weights(keras_twin.weights_of(params, 0))
    learner = Learner(Bptt(network), params, batches[0].sequences, optimizer(method, METHODS[method]))
    differences = [0.0]
    for batch in batches:
        learner.begin()
        learner.see(batch.window())
        model.train_on_batch(keras_twin.batch_first(batch.x[0]), keras_twin.targets(batch.y[0], counted))
        differences.append(float(np.abs(keras_twin.vector_of(model.get_weights()) - params.vector[0]).max()))
    return np.array(differences)


def measure(prepared: Prepared, updates: int) -> pd.DataFrame:
    """Long form: task, dtype, optimizer, learning_rate, update, difference; the first replicate, for both dtypes and optimizers.

    The batches are whole sequences, as the recipe with the largest batch presents them.
    """
    schedule = Schedule(prepared.task, max(prepared.task.recipes.values(), key=lambda recipe: recipe.batch))
    rows = []
    for dtype in ("float64", "float32"):
        same = replace(prepared, task=replace(prepared.task, dtype=dtype))
        one = schedule.cut(same.splits["train"]).replicate(0)
        order = np.resize(same.order(schedule.sequences)[0], (updates, 1, schedule.recipe.batch))
        batches = [one.take(chosen) for chosen in order]
        for method in METHODS:
            differences = drift(prepared.task.network, same.initial()[0], batches, method)
            rows += [(prepared.task.name, dtype, method, METHODS[method], u, d) for u, d in enumerate(differences)]
    return pd.DataFrame(rows, columns=["task", "dtype", "optimizer", "learning_rate", "update", "difference"])

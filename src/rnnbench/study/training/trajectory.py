"""What training leaves: the weights at some updates. Curves and gradient statistics are computed from them, by one code."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.network import Network
from rnnbench.study.tasks import Split, Task

CHUNK = 2**24  # numbers per array in an evaluation; what is larger is done in parts


class Trajectory(NamedTuple):
    """Weights along a run.

    updates: (point,), how many updates had been made. vector: (point, replicate, parameter).
    seconds: (point,), CPU time of training up to then, for all replicates together (other jobs run on the same machine).
    losses: (block, replicate), the mean loss of every block of as many updates as the recipe's `prequential` says, each as it was
    before the update; None where it says nothing.
    """

    updates: Integers
    vector: Array
    seconds: Array
    losses: Array | None = None


def predict(network: Network, vector: Array, split: Split) -> Array:
    """Predictions at the counted steps of each sequence, (replicate, counted steps, sequence, outputs)."""
    params = network.parameters(vector)
    time, sequences = split.x.shape[1:3]
    step = max(1, CHUNK // (len(vector) * time * max(network.joint)))
    parts = []
    for begin in range(0, sequences, step):
        part = slice(begin, begin + step)
        window = split.part(part).window()
        activity = network.forward(params, window, network.rest(len(vector), window.x.shape[2], vector.dtype))
        parts.append(network.loss_function.predict(activity.outputs))
    return np.concatenate(parts, axis=2)


def evaluate(network: Network, vector: Array, split: Split, kind: Task) -> dict[str, Array]:
    """Each metric of the task, (replicate,); NaN for a replicate whose weights or predictions are not finite."""
    with np.errstate(all="ignore"):
        prediction = predict(network, vector, split)
        # NumPy may add up in another order where an axis has length 1: one alone is scored as it is beside others.
        both = [np.repeat(a, 2, axis=0) for a in (prediction, split.y)] if len(vector) == 1 else [prediction, split.y]
        values = kind.score(*both)
    finite = np.isfinite(vector).all(-1) & np.isfinite(prediction).all((1, 2, 3))
    return {metric: np.where(finite, value[: len(vector)], np.nan) for metric, value in values.items()}

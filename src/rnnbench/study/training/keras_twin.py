"""The Keras twin of a network: the same layers, with weights copied, not seeds matched."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from rnnbench.arrays import Array, Booleans, Integers
from rnnbench.network import Network, Parameters

ACTIVATIONS = {"tanh": "tanh", "logistic": "sigmoid", "relu": "relu"}


def pin() -> None:
    """One thread. Call once, before the first operation.

    On one thread every sum has its order, so the bits repeat without TensorFlow's deterministic kernels, which would make
    Keras four times as slow on small networks.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(0)


def mask(time: int, counted: slice | Integers) -> Booleans:
    """Which of `time` steps count, (time,), from an index of the time axis."""
    counts = np.zeros(time, bool)
    counts[counted] = True
    return counts


def last_alone(counted: Booleans) -> bool:
    """Whether the last of several steps counts and no other, so that the recurrent layers need not give the others."""
    return bool(counted[-1]) and counted.sum() == 1 < len(counted)


class Counted(keras.layers.Layer):
    """The counted steps of a sequence: (sequence, time, units) -> (sequence, counted steps, units)."""

    def __init__(self, counted: Booleans, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.steps = np.flatnonzero(counted)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return keras.ops.take(x, self.steps, axis=1)


def build(network: Network, dtype: str, counted: Booleans, unroll: bool = False) -> keras.Sequential:
    """SimpleRNN layers and a Dense layer of logits (or values, for mse) at the steps that count.

    counted: see `mask`. unroll: whether the steps are written out.

    Raises ValueError for a network whose state at rest is not zero, which SimpleRNN starts from, or whose units leak.
    """
    if network.at_rest:
        raise ValueError(f"SimpleRNN starts from zero, not from {network.at_rest:g}")
    if network.leak:
        raise ValueError("SimpleRNN has no leaky units")
    last = last_alone(counted)
    layers: list[keras.Layer] = [keras.Input((len(counted) if unroll else None, network.inputs), dtype=dtype)]
    for i, units in enumerate(network.hidden, start=1):
        layers.append(
            keras.layers.SimpleRNN(
                units,
                activation=ACTIVATIONS[network.activation],
                return_sequences=not last or i < network.depth,
                unroll=unroll,
                dtype=dtype,
            )
        )
    if not last and not counted.all():
        layers.append(Counted(counted, dtype))
    layers.append(keras.layers.Dense(network.outputs, dtype=dtype))
    return keras.Sequential(layers)


class _LogisticMeanSquaredError(keras.losses.Loss):
    """Squared error of the logistic function of the outputs."""

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        return keras.ops.mean(keras.ops.square(keras.ops.sigmoid(y_pred) - y_true), axis=-1)


def loss(network: Network, dtype: str) -> keras.losses.Loss:
    """The loss on logits, a mean over batch and time."""
    match network.loss:
        case "mse":
            return keras.losses.MeanSquaredError(dtype=dtype)
        case "logistic_mse":
            return _LogisticMeanSquaredError(dtype=dtype)
        case "binary_crossentropy":
            return keras.losses.BinaryCrossentropy(from_logits=True, dtype=dtype)
        case _:
            return keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=dtype)


def optimizer(name: str, learning_rate: float, momentum: float) -> keras.optimizers.Optimizer:
    """The Keras optimizer of a recipe."""
    match name:
        case "sgd":
            return keras.optimizers.SGD(learning_rate, momentum=momentum)
        case "adam":
            return keras.optimizers.Adam(learning_rate)
    raise ValueError(f"optimizer {name!r} is not one of sgd, adam")


def weights_of(params: Parameters, replicate: int) -> list[Array]:
    """The weights of one replicate in the order of `model.get_weights()`: kernel, recurrent kernel, bias of each layer."""
    return [block[replicate, 0] if name[0] == "b" else block[replicate] for name, block in params.blocks().items()]


def vector_of(weights: Sequence[Array]) -> Array:
    """The parameter vector of a list of weights as Keras orders them."""
    return np.concatenate([np.asarray(w).ravel() for w in weights])


def batch_first(x: Array) -> Array:
    """(time, sequence, ...) as Keras wants it, (sequence, time, ...)."""
    return np.ascontiguousarray(np.swapaxes(x, 0, 1))


def targets(y: Array, counted: Booleans) -> Array:
    """Targets of one replicate, (counted steps, sequence, ...), as the Keras loss wants them: see `mask` and `build`."""
    return y[-1] if last_alone(counted) else batch_first(y)


def gradients(model: keras.Sequential, loss_fn: keras.losses.Loss, x: Any, y: Any) -> list[tf.Tensor]:
    """dL/dW of every weight by automatic differentiation."""
    with tf.GradientTape() as tape:
        value = loss_fn(y, model(x, training=True))
    return tape.gradient(value, model.trainable_variables)


def tape_gradient(model: keras.Sequential, loss_fn: keras.losses.Loss, x: Array, y: Array) -> Array:
    """dL/dtheta by automatic differentiation, in the layout of `Parameters.vector`, for one replicate."""
    return vector_of([g.numpy() for g in gradients(model, loss_fn, x, y)])

"""Losses of the dense output o. Each is a mean over output units; the caller takes the mean over batch and counted steps.

`y` holds floats shaped like the outputs, except for `softmax`, where it holds class indices and lacks the last axis.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rnnbench.activations import logistic
from rnnbench.arrays import Array


class Loss(Protocol):
    """What a loss must tell: the prediction read off the outputs, its value, and its derivative by the outputs."""

    def predict(self, outputs: Array) -> Array:
        """The prediction, (..., outputs): a probability for the cross-entropies."""
        ...

    def value(self, outputs: Array, y: Array) -> Array:
        """The loss of each step of each sequence, (...)."""
        ...

    def gradient(self, outputs: Array, y: Array) -> Array:
        """D value / d outputs, (..., outputs), a new array."""
        ...


@dataclass(frozen=True)
class MeanSquaredError:
    """(o - y)^2."""

    def predict(self, outputs: Array) -> Array:
        return outputs

    def value(self, outputs: Array, y: Array) -> Array:
        return np.square(outputs - y).mean(-1)

    def gradient(self, outputs: Array, y: Array) -> Array:
        gradient = outputs - y
        gradient *= 2 / outputs.shape[-1]
        return gradient


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """-y log p - (1 - y) log(1 - p), p = logistic(o): o are logits."""

    def predict(self, outputs: Array) -> Array:
        return logistic(outputs)

    def value(self, outputs: Array, y: Array) -> Array:
        return (np.logaddexp(0, outputs) - outputs * y).mean(-1)

    def gradient(self, outputs: Array, y: Array) -> Array:
        gradient = logistic(outputs)
        gradient -= y
        if outputs.shape[-1] > 1:
            gradient /= outputs.shape[-1]
        return gradient


@dataclass(frozen=True)
class SoftmaxCrossEntropy:
    """-log p_y, p = softmax(o): o are logits, y class indices."""

    def predict(self, outputs: Array) -> Array:
        p = np.exp(outputs - outputs.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        return p

    def value(self, outputs: Array, y: Array) -> Array:
        shifted = outputs - outputs.max(-1, keepdims=True)
        chosen = np.take_along_axis(shifted, y[..., None].astype(np.intp), -1)[..., 0]
        return np.log(np.exp(shifted).sum(-1)) - chosen

    def gradient(self, outputs: Array, y: Array) -> Array:
        gradient = self.predict(outputs)
        gradient -= y[..., None] == np.arange(outputs.shape[-1])
        return gradient


@dataclass(frozen=True)
class LogisticMeanSquaredError:
    """(p - y)^2, p = logistic(o): a logistic output unit with the squared error, as networks of the 1990s had it."""

    def predict(self, outputs: Array) -> Array:
        return logistic(outputs)

    def value(self, outputs: Array, y: Array) -> Array:
        return np.square(logistic(outputs) - y).mean(-1)

    def gradient(self, outputs: Array, y: Array) -> Array:
        p = logistic(outputs)
        gradient = p - y
        gradient *= p * (1 - p)
        gradient *= 2 / outputs.shape[-1]
        return gradient


LOSSES: dict[str, Loss] = {
    "mse": MeanSquaredError(),
    "logistic_mse": LogisticMeanSquaredError(),
    "binary_crossentropy": BinaryCrossEntropy(),
    "softmax_crossentropy": SoftmaxCrossEntropy(),
}

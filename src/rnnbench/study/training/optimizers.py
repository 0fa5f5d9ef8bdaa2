"""Optimizers with the semantics of Keras, as pure pairs init / update over the vector of parameters.

`init(vector)` gives the state; `update(gradient, state)` gives the change to add to the parameters, and the next state.
Everything is element-wise, so replicates never meet.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from rnnbench.arrays import Array
from rnnbench.recording import one_call

Rate = float | Array
"""A learning rate, or one for each replicate, (replicate, 1)."""


def as_keras_stores(hyperparameter: Rate, dtype: np.dtype) -> Any:
    """Rounded to float32, in which Keras holds it whatever the dtype of the weights: .001 is .0010000000475."""
    return np.float32(hyperparameter).astype(dtype)


class Optimizer(Protocol):
    """What the trainers ask of an optimizer."""

    def init(self, vector: Array) -> Any:
        """The state before the first update."""
        ...

    def update(self, gradient: Array, state: Any) -> tuple[Array, Any]:
        """The change of the parameters, shaped like the gradient, and the next state."""
        ...


@dataclass(frozen=True)
class Sgd:
    """v <- mu v - eta g; theta <- theta + v. Without momentum, v = -eta g."""

    learning_rate: Rate
    momentum: float = 0.0

    def init(self, vector: Array) -> Array:
        return np.zeros_like(vector)

    def update(self, gradient: Array, state: Array) -> tuple[Array, Array]:
        change = gradient * -as_keras_stores(self.learning_rate, gradient.dtype)
        if self.momentum:
            change += as_keras_stores(self.momentum, gradient.dtype) * state
        return change, change


class AdamState(NamedTuple):
    """m, v: first and second moment, shaped like the parameters. updates: how many have been made."""

    m: Array
    v: Array
    updates: int


@dataclass(frozen=True)
class Adam:
    """m <- m + (1 - b1)(g - m); v <- v + (1 - b2)(g^2 - v); theta <- theta - alpha m / (sqrt(v) + epsilon).

    alpha = eta sqrt(1 - b2^t) / (1 - b1^t), so epsilon is added to the root of the *uncorrected* second moment (the
    "epsilon hat" of D. P. Kingma and J. Ba, ICLR 2015, end of section 2), as in Keras, where it is 1e-7. Keras takes the
    powers b1^t and b2^t of betas rounded to float32, but (1 - b1) and (1 - b2) of the betas as given; so does this.
    """

    learning_rate: Rate
    b1: float = 0.9
    b2: float = 0.999
    epsilon: float = 1e-7

    def init(self, vector: Array) -> AdamState:
        return AdamState(np.zeros_like(vector), np.zeros_like(vector), 0)

    def update(self, gradient: Array, state: AdamState) -> tuple[Array, AdamState]:
        alpha = self._alpha(state.updates + 1, gradient.dtype)
        m = state.m + (gradient - state.m) * (1 - self.b1)
        v = state.v + (gradient * gradient - state.v) * (1 - self.b2)
        change = m * -alpha
        change /= np.sqrt(v) + self.epsilon
        return change, AdamState(m, v, state.updates + 1)

    @one_call
    def _alpha(self, t: int, dtype: np.dtype) -> Any:
        eta, b1, b2 = (as_keras_stores(value, dtype) for value in (self.learning_rate, self.b1, self.b2))
        return eta * np.sqrt(1 - b2 ** dtype.type(t)) / (1 - b1 ** dtype.type(t))


def optimizer(name: str, learning_rate: Rate, momentum: float = 0.0) -> Optimizer:
    """The optimizer of a recipe. Raises ValueError for a name that is neither "sgd" nor "adam"."""
    match name:
        case "sgd":
            return Sgd(learning_rate, momentum)
        case "adam":
            return Adam(learning_rate)
    raise ValueError(f"optimizer {name!r} is not one of sgd, adam")

"""Activations x = f(z) of the recurrent units, and f'(z) as a function of x, which the gradients have at hand."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnbench.arrays import Array


@dataclass(frozen=True)
class Activation:
    """`value(z, out)` writes f(z) into `out` (which may not be `z`); `derivative(x)` is f'(z) at x = f(z), a new array.

    steepest: the largest f'(z) there is.
    """

    value: Callable[[Array, Array], object]
    derivative: Callable[[Array], Array]
    steepest: float = 1.0


def _tanh_derivative(x: Array) -> Array:
    square = x * x
    return np.subtract(1, square, out=square)


def logistic(z: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-z)), where exp may overflow: the result is zero there."""
    x = np.negative(z)  # not in `out`, whose rows may lie apart
    with np.errstate(over="ignore"):
        np.exp(x, out=x)
    x += 1
    return np.divide(1, x, out=x if out is None else out)


ACTIVATIONS = {
    "tanh": Activation(np.tanh, _tanh_derivative),
    "logistic": Activation(logistic, lambda x: x * (1 - x), steepest=0.25),
    "relu": Activation(lambda z, out: np.maximum(z, 0, out=out), lambda x: (x > 0).astype(x.dtype)),
}

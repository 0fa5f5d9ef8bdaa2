"""How far a gradient is from the exact one, parameter by parameter."""

from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.network import Network, Parameters, Window

EXACT = 1e-10
"""Relative error up to which a gradient in float64 is called exact: rounding, amplified by at most 30 steps of recurrence."""


class Distance(NamedTuple):
    """Of one parameter block, each (replicate,).

    cosine and norm_ratio are NaN where one of the two gradients is zero, or the exact one next to nothing beside other blocks'.
    """

    error: Array
    cosine: Array
    norm_ratio: Array


def gradient_of(rule: GradientRule, params: Parameters, window: Window) -> Array:
    """The gradient of one window that starts at rest, (replicate, parameter)."""
    return rule.step(params, window, rule.init(params, window.x.shape[2])).gradient


def distances(network: Network, gradient: Array, exact: Array) -> dict[str, Distance]:
    """Distance of a gradient (replicate, parameter) from the exact one, by parameter block.

    error is ||g - g*|| / ||g*||; infinite where only the exact gradient is zero, NaN where the gradient is. A block whose norm is
    below a thousandth of the whole gradient's is measured against that thousandth: it is small because large terms cancel,
    and rounding leaves it fewer digits.
    """
    floor = 1e-3 * np.linalg.norm(exact, axis=1)
    found = {}
    exact_blocks = network.parameters(exact).blocks()
    for name, block in network.parameters(gradient).blocks().items():
        true = exact_blocks[name]
        size, true_size = np.linalg.norm(block, axis=(1, 2)), np.linalg.norm(true, axis=(1, 2))
        difference, scale = np.linalg.norm(block - true, axis=(1, 2)), np.maximum(true_size, floor)
        with np.errstate(all="ignore"):
            error = np.divide(difference, scale, out=np.zeros_like(scale), where=difference != 0)
            both = size * true_size
            told = (both > 0) & (true_size >= floor)
            cosine = np.divide((block * true).sum((1, 2)), both, out=np.full_like(both, np.nan), where=told)
            ratio = np.divide(size, true_size, out=np.full_like(both, np.nan), where=told)
        found[name] = Distance(error, cosine, ratio)
    return found


def relative_errors(network: Network, gradient: Array, exact: Array) -> dict[str, float]:
    """The error of each parameter block, the worst over replicates."""
    return {name: float(distance.error.max()) for name, distance in distances(network, gradient, exact).items()}


def same(network: Network, gradient: Array, exact: Array) -> bool:
    """Whether a gradient is the exact one in every block of every replicate."""
    return all(error <= EXACT for error in relative_errors(network, gradient, exact).values())

"""Is a rule's gradient the gradient? Every parameter, several depths, against backpropagation and against TensorFlow."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients import RULES, GradientRule
from rnnbench.network import Network, Parameters, Window

EXACT = 1e-10
"""Relative error up to which a gradient in float64 is called exact: rounding, amplified by at most 30 steps of recurrence."""

Oracle = Callable[[Network, Parameters, Window], Array]


def layers(depth: int) -> str:
    """The number of recurrent layers in words."""
    return "1 recurrent layer" if depth == 1 else f"{depth} recurrent layers"


class Case(NamedTuple):
    """A random network and a window of data for it."""

    network: Network
    params: Parameters
    window: Window
    loss_at: str


def cases(seed: int, depths: tuple[int, ...] = (1, 2, 3), networks: int = 4) -> Iterator[Case]:
    """Random networks of each depth, loss at every step and at the last, activations in turn; float64, two replicates.

    Sequences of 3 to 12 steps: at one step there is no recurrence to get wrong.
    """
    rng = np.random.default_rng(seed)
    for depth in depths:
        for loss_at in ("every step", "last step"):
            for number in range(networks):
                hidden = tuple(rng.integers(2, 6, depth).tolist())
                activation = ("tanh", "logistic", "relu")[number % 3]
                network = Network(int(rng.integers(1, 4)), hidden, 3, activation, "softmax_crossentropy")
                time, batch = rng.integers(3, 13), rng.integers(1, 5)
                counted = slice(0, time) if loss_at == "every step" else slice(time - 1, time)
                params = network.parameters(rng.normal(0, 0.7, (2, network.parameter_count)))
                x = rng.normal(size=(2, time, batch, network.inputs))
                y = rng.integers(0, 3, (2, counted.stop - counted.start, batch))
                yield Case(network, params, Window(x, y, counted), loss_at)


def gradient_of(rule: GradientRule, params: Parameters, window: Window) -> Array:
    """The gradient of one window that starts at rest, (replicate, parameter)."""
    return rule.step(params, window, rule.init(params, window.x.shape[2])).gradient


def relative_errors(network: Network, gradient: Array, exact: Array) -> dict[str, float]:
    """||g - g*|| / ||g*|| for each parameter block, the worst over replicates; infinite where only the exact gradient is zero,
    NaN where the gradient is.

    A block whose norm is below a thousandth of the whole gradient's is measured against that thousandth: it is small because
    large terms cancel, and rounding leaves it fewer digits.
    """
    floor = 1e-3 * np.linalg.norm(exact, axis=1)
    found = {}
    exact_blocks = network.parameters(exact).blocks()
    for name, block in network.parameters(gradient).blocks().items():
        difference = np.linalg.norm(block - exact_blocks[name], axis=(1, 2))
        scale = np.maximum(np.linalg.norm(exact_blocks[name], axis=(1, 2)), floor)
        with np.errstate(divide="ignore"):
            found[name] = float(np.divide(difference, scale, out=np.zeros_like(scale), where=difference != 0).max())
    return found


def table(seed: int, oracle: Oracle) -> pd.DataFrame:
    """Long form: rule, depth, loss_at, parameter, relative_error (the worst over random networks, against the oracle)."""
    rows = []
    for network, params, window, loss_at in cases(seed):
        exact = oracle(network, params, window)
        for name, rule in RULES.items():
            # The control without recurrence is another network, so its gradient is not this one's.
            if name == "mlp":
                continue
            errors = relative_errors(network, gradient_of(rule(network), params, window), exact)
            rows += [(name, network.depth, loss_at, parameter, error) for parameter, error in errors.items()]
    columns = ["rule", "depth", "loss_at", "parameter", "relative_error"]
    return pd.DataFrame(rows, columns=columns).groupby(columns[:-1], sort=False, as_index=False).max()

"""Random problems that gradients are tried on: networks with a memory, whose errors show at every lag."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from rnnbench.activations import ACTIVATIONS
from rnnbench.arrays import Booleans
from rnnbench.initializers import orthogonal
from rnnbench.losses import LOSSES
from rnnbench.network import Network, Parameters, Window

DEPTHS = (1, 2, 3)
LOSS_AT = ("every step", "last step")
LENGTHS = tuple(range(1, 31))
NETWORKS = 3  # of each kind, along the replicate axis
GAIN = {"tanh": 1.2, "logistic": 4.0, "relu": 1.0}
"""R is orthogonal times this, so that R f' is near 1 and the loss still feels a state of 30 steps ago."""


class Case(NamedTuple):
    """A problem: params hold several networks along the replicate axis. loss_at: "every step" or "last step".

    there: the parameters that the network has, (parameter,); None, all. The others are zero and have no gradient.
    """

    network: Network
    params: Parameters
    window: Window
    loss_at: str
    there: Booleans | None = None

    @property
    def depth(self) -> int:
        """The number of recurrent layers."""
        return self.network.depth

    @property
    def steps(self) -> int:
        """The length of the window."""
        return self.window.x.shape[1]

    @property
    def batch(self) -> int:
        """Sequences at once."""
        return self.window.x.shape[2]

    @property
    def counted(self) -> int:
        """How many steps count."""
        return self.window.y.shape[1]

    def at_zero(self) -> list[str]:
        """The blocks of which the network lacks parameters."""
        if self.there is None:
            return []
        return [name for name, of in self.network.parameters(self.there[None]).blocks().items() if not of.all()]

    def with_one_output(self) -> "Case":
        """The same with the first output alone."""
        network = replace(self.network, outputs=1)
        params = network.parameters(np.zeros((len(self.params.vector), network.parameter_count)))
        for i, V in params.V.items():
            V[...] = self.params.V[i][..., : V.shape[-1]]
        return self._replace(network=network, params=params, window=self.window._replace(y=self.window.y[..., :1]))

    def with_states_as_outputs(self) -> "Case":
        """The same without a readout: the outputs are the units of the top layer, and W and b of the readout are not there."""
        n, old = self.network.hidden[-1], self.network.outputs
        network = replace(self.network, outputs=n)
        params = network.parameters(np.zeros((len(self.params.vector), network.parameter_count)))
        there = network.parameters(np.ones((1, network.parameter_count)))
        for i in range(1, self.depth + 1):
            params.V[i][...] = self.params.V[i]
        params.W[self.depth][...] = np.eye(n)
        there.V[self.depth + 1][...] = 0
        y = self.window.y
        y = y % n if self.network.loss == "softmax_crossentropy" else y[..., np.arange(n) % old]
        return self._replace(network=network, params=params, window=self.window._replace(y=y), there=there.vector[0] > 0)

    def louder(self, factor: float) -> "Case":
        """The same with larger weights of the output, and so a larger gradient."""
        params = self.network.parameters(self.params.vector.copy())
        params.W[self.depth][...] *= factor
        return self._replace(params=params)

    def with_indices(self) -> "Case":
        """The same with one-hot inputs, of the largest input."""
        x = np.eye(self.network.inputs)[self.window.x.argmax(-1)]
        return self._replace(window=self.window._replace(x=x))

    def restricted(self, gradient: Parameters) -> Parameters:
        """A gradient (in place) without the parameters that are not there."""
        if self.there is not None:
            gradient.vector[:, ~self.there] = 0
        return gradient


def layers(depth: int) -> str:
    """The number of recurrent layers in words."""
    return "1 recurrent layer" if depth == 1 else f"{depth} recurrent layers"


def sizes(depth: int) -> tuple[int, ...]:
    """Units of each layer of a small network of any depth, no two neighbours alike."""
    return tuple((3, 4, 2)[i % 3] for i in range(depth))


def random_case(
    rng: np.random.Generator, network: Network, replicates: int, steps: int, batch: int, loss_at: str, recurrence: float = 1.0
) -> Case:
    """One problem. recurrence: a factor of R (small: a network that hardly remembers)."""
    params = network.parameters(rng.normal(0, 0.4, (replicates, network.parameter_count)))
    for R in params.R.values():
        for r in range(replicates):
            R[r] = recurrence * GAIN[network.activation] * orthogonal(rng, R.shape[1:])
    counted = slice(0, steps) if loss_at == "every step" else slice(steps - 1, steps)
    x = rng.normal(size=(replicates, steps, batch, network.inputs))
    shape = (replicates, counted.stop - counted.start, batch)
    classes = network.loss == "softmax_crossentropy"
    y = rng.integers(0, network.outputs, shape) if classes else rng.random((*shape, network.outputs))
    return Case(network, params, Window(x, y, counted), loss_at)


def cases(
    seed: int,
    depths: Sequence[int] = DEPTHS,
    lengths: Sequence[int] = LENGTHS,
    activations: Sequence[str] = tuple(ACTIVATIONS),
    losses: Sequence[str] = tuple(LOSSES),
    recurrence: float = 1.0,
    loss_at: Sequence[str] = LOSS_AT,
) -> Iterator[Case]:
    """Every depth with every length, the loss at every step and at the last; activations and losses in turn, in every pair.

    Sizes are random; no two layers of a network have the same, so that a matrix the wrong way round does not fit.
    """
    rng = np.random.default_rng(seed)
    for number, (depth, steps) in enumerate(product(depths, lengths)):
        activation = activations[number % len(activations)]
        loss = losses[number // len(activations) % len(losses)]
        for at in LOSS_AT:
            hidden = tuple((rng.permutation(max(3, depth))[:depth] + 2).tolist())
            network = Network(int(rng.integers(1, 4)), hidden, int(rng.integers(2, 4)), activation, loss)
            case = random_case(rng, network, NETWORKS, steps, int(rng.integers(1, 5)), at, recurrence)
            if at in loss_at:
                yield case

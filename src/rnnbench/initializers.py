"""Initial weights, drawn once a task and stored, so that every variant starts from the same."""

from collections.abc import Callable, Mapping

import numpy as np

from rnnbench.arrays import Array
from rnnbench.network import Network
from rnnbench.seeds import stream

Initializer = Callable[[np.random.Generator, tuple[int, int]], Array]


def glorot_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Uniform in +-sqrt(6 / (fan in + fan out)). Source: X. Glorot and Y. Bengio, AISTATS 2010, equation 16."""
    limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Rows or columns orthonormal, uniformly over all such matrices. Source: A. M. Saxe et al., ICLR 2014."""
    tall = rng.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diag(r))
    return q if shape[0] >= shape[1] else q.T


def uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Uniform in +-1/2, about what hand-written networks of the 1990s start from."""
    return rng.uniform(-0.5, 0.5, shape)


def units_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Uniform in +-1/sqrt(n), n the larger side: what PyTorch's RNN starts from, where its units outnumber inputs and outputs."""
    limit = 1 / np.sqrt(max(shape))
    return rng.uniform(-limit, limit, shape)


def identity(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Ones on the diagonal. Source: Q. V. Le, N. Jaitly and G. E. Hinton, arXiv:1504.00941 (the IRNN)."""
    return np.eye(*shape)


def zeros(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Zero."""
    return np.zeros(shape)


INITIALIZERS: dict[str, Initializer] = {
    f.__name__: f for f in (glorot_uniform, orthogonal, uniform, units_uniform, identity, zeros)
}


def draw(network: Network, initial: Mapping[str, str], replicates: int, seed: int) -> Array:
    """The initial vectors, float64 (replicate, parameter).

    `initial` names an initializer for each of W, R and b. Each replicate draws from its own stream, so its weights do not
    depend on how many replicates there are.
    """
    params = network.parameters(np.zeros((replicates, network.parameter_count)))
    for replicate in range(replicates):
        rng = stream(seed, "initial weights", replicate)
        for name, block in params.blocks().items():
            block[replicate] = INITIALIZERS[initial[name[0]]](rng, block.shape[1:])
    return params.vector

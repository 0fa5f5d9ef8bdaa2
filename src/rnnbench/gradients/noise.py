"""The noise that rules draw: a pure function of the seed, of how many draws came before, and of the replicate.

A replicate draws the same whoever stands beside it, and however its sequence is cut into windows.
"""

import math

import numpy as np

from rnnbench.arrays import Array


def _bits(seed: int, draw: int) -> np.random.Philox:
    """The stream of one draw. Source: J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011."""
    return np.random.Philox(key=seed, counter=[0, 0, 0, draw])


def signs(seed: int, draw: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Independent +1 or -1, each with probability 1/2; the first axis of the shape is the replicates'."""
    replicates, size = shape[0], math.prod(shape[1:])
    words = _bits(seed, draw).random_raw(replicates * -(-size // 64)).reshape(replicates, -1)
    bits = np.unpackbits(words.view(np.uint8), axis=1, count=size)
    return np.subtract(1, 2 * bits.astype(np.int8), dtype=np.int8).astype(dtype).reshape(shape)


def normals(seed: int, draw: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Independent standard normal numbers; the first axis of the shape is the replicates'."""
    return np.random.Generator(_bits(seed, draw)).standard_normal(shape).astype(dtype)

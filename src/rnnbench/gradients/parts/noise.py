"""The noise that rules draw: a pure function of the seed, of how many draws came before, and of the replicate.

A replicate draws the same whoever stands beside it, and however its sequence is cut into windows.
"""

import math
from functools import lru_cache

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.recording import one_call

BLOCK = 16
"""Signs are made for so many draws at once: those of draws BLOCK k to BLOCK k + BLOCK - 1 come from stream k, wherever a window
begins."""


def _bits(seed: int, stream: int) -> np.random.Philox:
    """One of many streams. Source: J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011."""
    return np.random.Philox(key=seed, counter=[0, 0, 0, stream])


@one_call
def signs(seed: int, draw: int, steps: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Independent +1 or -1, each with probability 1/2, of so many draws in turn: a new array (replicate, steps, ...).

    shape: of one draw, (replicate, ...).
    """
    draw = int(draw)
    first = draw // BLOCK
    blocks = [_signs(seed, k, shape) for k in range(first, (draw + steps - 1) // BLOCK + 1)]
    found = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
    begin = draw - first * BLOCK
    return found[:, begin : begin + steps].astype(dtype)


@lru_cache(maxsize=2)  # a window of one step asks for the same ones again
def _signs(seed: int, k: int, shape: tuple[int, ...]) -> Integers:
    """The signs of a block of draws, (replicate, BLOCK, ...); not to be written to."""
    replicates, size = shape[0], BLOCK * math.prod(shape[1:])
    words = _bits(seed, k).random_raw(replicates * -(-size // 64)).reshape(replicates, -1)
    bits = np.unpackbits(words.view(np.uint8), axis=1, count=size)
    found = np.subtract(1, 2 * bits.astype(np.int8), dtype=np.int8).reshape(replicates, BLOCK, *shape[1:])
    found.setflags(write=False)
    return found


def normals(seed: int, draw: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Independent standard normal numbers; the first axis of the shape is the replicates'."""
    return np.random.Generator(_bits(seed, draw)).standard_normal(shape).astype(dtype)

"""The noise that rules draw: a pure function of the seed, of how many draws came before, and of the replicate's number.

A replicate draws the same whoever stands beside it, and however its sequence is cut into windows. Replicates are numbered from
`first`, so that some of them draw what they draw among all.
"""

import math
from functools import lru_cache

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.recording import one_call

BLOCK = 16
"""Signs are made for so many draws at once: those of draws BLOCK k to BLOCK k + BLOCK - 1 come from stream k, wherever a window
begins."""


WORDS = 4
"""Words of 64 bits that the generator makes at once."""


def _bits(seed: int, stream: int, skipped: int = 0) -> np.random.Philox:
    """One of many streams, after so many words.

    Source: J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011.
    """
    bits = np.random.Philox(key=seed, counter=[skipped // WORDS, 0, 0, stream])
    bits.random_raw(skipped % WORDS)
    return bits


@one_call
def signs(seed: int, first: int, draw: int, steps: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Independent +1 or -1, each with probability 1/2, of so many draws in turn: a new array (replicate, steps, ...).

    shape: of one draw, (replicate, ...).
    """
    draw = int(draw)
    now = draw // BLOCK
    blocks = [_signs(seed, first, k, shape) for k in range(now, (draw + steps - 1) // BLOCK + 1)]
    found = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
    begin = draw - now * BLOCK
    return found[:, begin : begin + steps].astype(dtype)


@lru_cache(maxsize=2)  # a window of one step asks for the same ones again
def _signs(seed: int, first: int, k: int, shape: tuple[int, ...]) -> Integers:
    """The signs of a block of draws, (replicate, BLOCK, ...); not to be written to."""
    replicates, size = shape[0], BLOCK * math.prod(shape[1:])
    each = -(-size // 64)
    words = _bits(seed, k, first * each).random_raw(replicates * each).reshape(replicates, -1)
    bits = np.unpackbits(words.view(np.uint8), axis=1, count=size)
    found = np.subtract(1, 2 * bits.astype(np.int8), dtype=np.int8).reshape(replicates, BLOCK, *shape[1:])
    found.setflags(write=False)
    return found


def normals(seed: int, first: int, draw: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Independent standard normal numbers; the first axis of the shape is the replicates'."""
    # How many words a number takes is known once it is drawn, so that those of the replicates before are drawn too.
    drawn = np.random.Generator(_bits(seed, draw)).standard_normal((first + shape[0], *shape[1:]))
    return drawn[first:].astype(dtype)

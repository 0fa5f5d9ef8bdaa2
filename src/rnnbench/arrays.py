"""The array types that signatures speak of (the checker does not tell them apart; the reader should), and blocks of products."""

from functools import lru_cache
from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""Real numbers, float32 or float64."""

Integers: TypeAlias = NDArray[Any]
"""Whole numbers: indices, classes, raw bytes."""

Booleans: TypeAlias = NDArray[Any]
"""True or False of every element."""

SMALL = 1_000_000
"""Multiplications of numbers up to which OpenBLAS reads the matrices of a product as they lie; larger ones it copies first."""


def at(steps: slice | Integers, a: Array) -> Array:
    """Some steps of an array (replicate, T, ...): a view where they are a slice."""
    # Indexing would leave the axes of a copy in an order in memory that depends on how many replicates there are.
    return a[:, steps] if isinstance(steps, slice) else a.take(steps, axis=1)


@lru_cache
def blocks(length: int, others: int, least: int = 16) -> int:
    """Into how many equal blocks to cut an axis of a product of matrices for each of them to be `SMALL`.

    others: the product of the other two axes. 1, not at all, where it is small as it is, or where blocks would be shorter than
    `least`.
    """
    cuts = (cut for cut in range(1, length // least + 1) if length % cut == 0)
    return next((cut for cut in cuts if length // cut * others <= SMALL), 1)

"""The array types that signatures speak of. The checker does not tell them apart; the reader should."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""Real numbers, float32 or float64."""

Integers: TypeAlias = NDArray[Any]
"""Whole numbers: indices, classes, raw bytes."""

Booleans: TypeAlias = NDArray[Any]
"""True or False of every element."""

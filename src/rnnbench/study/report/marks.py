"""Small lines in tables and on cards: a value with its interval between two ends, and where others are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LENGTH = 60
"""Of a line, in its own units."""


class Mark(NamedTuple):
    """Where the value, the ends of its interval and the values of others lie on a line."""

    value: float
    low: float
    high: float
    others: Sequence[float] = ()


def on_line(value: float, low: float, high: float, span: tuple[float, float], others: Sequence[float] = ()) -> Mark:
    """Places on a line that goes from one end of `span` to the other; what lies beyond an end is drawn there."""
    begin, end = span

    def place(of: float) -> float:
        return round(float(np.clip(LENGTH * (of - begin) / (end - begin), 0, LENGTH)), 1)

    first, last = sorted((place(low), place(high)))
    return Mark(place(value), first, last, [place(other) for other in others if np.isfinite(other)])

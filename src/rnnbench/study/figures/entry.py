"""A figure with the words that go with it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from matplotlib.figure import Figure


class Entry(NamedTuple):
    """draw gives the figure; alt says what it shows to who cannot see it; caption what to look at, n, and what bands are."""

    draw: Callable[[], Figure]
    alt: str
    caption: str


def n_of(replicates: Iterable[int], most: int | None = None) -> str:
    """How many replicates there are, of several variants; at most so many of each."""
    counts = [min(int(count), most or int(count)) for count in replicates]
    least, greatest = min(counts, default=0), max(counts, default=0)
    return f"n = {least} runs" if least == greatest else f"n = {least} to {greatest} runs"


MOST = 12
"""Values that an alt text tells; of more, the three at either end."""


def in_words(names: Iterable[str], values: Iterable[float], digits: int) -> str:
    """Each with its value; of many, the lowest and the highest, as a table has them all."""
    pairs = list(zip(names, values, strict=True))
    if len(pairs) <= MOST:
        return ", ".join(f"{name} {value:.{digits}g}" for name, value in pairs)
    pairs.sort(key=lambda pair: pair[1])
    low, high = (", ".join(f"{name} {value:.{digits}g}" for name, value in part) for part in (pairs[:3], pairs[-3:]))
    return f"from {low}, by {len(pairs) - 6} between, to {high}"

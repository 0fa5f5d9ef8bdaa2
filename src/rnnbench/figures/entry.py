"""A figure with the words that go with it."""

from collections.abc import Callable
from typing import NamedTuple

from matplotlib.figure import Figure


class Entry(NamedTuple):
    """draw gives the figure; alt says what it shows to who cannot see it; caption what to look at, n, and what bands are."""

    draw: Callable[[], Figure]
    alt: str
    caption: str

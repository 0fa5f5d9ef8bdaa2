"""What is said where something asked for cannot be."""

import difflib
from collections.abc import Iterable


class RuleError(ValueError):
    """A gradient rule cannot be had, fails, or returns what is no gradient; the message says which, where and on which case."""


def nearest(name: str, known: Iterable[object]) -> str:
    """The end of a message about an unknown name: the nearest known one, or all of them."""
    names = [str(k) for k in known]
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"

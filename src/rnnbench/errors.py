"""What is said where something asked for cannot be."""

import difflib
import math
from collections.abc import Iterable


class RuleError(ValueError):
    """A gradient rule cannot be had, fails, or returns what is no gradient; the message says which, where and on which case."""


def in_range(name: str, value: float, least: float, most: float = math.inf) -> None:
    """Raise RuleError unless a number that a rule is given lies between two others."""
    if not least <= value <= most:
        raise RuleError(f"{name} is {value:g}: it is at least {least:g}{'' if most == math.inf else f' and at most {most:g}'}")


def nearest(name: str, known: Iterable[object]) -> str:
    """The end of a message about an unknown name: the nearest known one, or all of them."""
    names = [str(k) for k in known]
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"

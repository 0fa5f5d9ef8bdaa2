"""What a comparison of two variants may show."""

from enum import StrEnum


class Change(StrEnum):
    """Of a variant beside another one, by a paired test."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "the same"
    """Equal to rounding in every replicate."""
    NOT_SHOWN = "not shown"


class Agreement(StrEnum):
    """Of a number of this study with a published one."""

    AGREES = "agrees"
    """The means are within two standard errors of their difference."""
    DIFFERS = "differs"
    NOT_RUN = "not run"


class Closeness(StrEnum):
    """Of two variants, by two one-sided tests of a margin."""

    EQUIVALENT = "equivalent"
    """The difference is within the margin."""
    DIFFERENT = "different"
    """The difference is beyond the margin."""
    NOT_SHOWN = "not shown"
    """Neither. An interval without zero in it says that there is a difference, not that it is of any size."""
    UNTESTED = "untested"
    """There is no margin, or nothing to compare with."""

"""What the trial may find of a parameter."""

from enum import StrEnum


class Outcome(StrEnum):
    """Of the gradient of one parameter in networks of one depth."""

    EXACT = "exact"
    """Equal to the exact gradient, to rounding."""
    ONE_STEP = "exact only when the window is one step long"
    """Wrong as soon as there is a past."""
    ONE_LAYER = "exact only for one recurrent layer"
    """Wrong where another recurrent layer lies above."""
    TOP_LAYER = "exact only in the top recurrent layer"
    """The same, for a parameter of the second layer or higher."""
    NOISY = "unbiased but noisy"
    """The mean over draws meets the exact gradient within its confidence interval."""
    BIASED = "biased"
    """Terms are missing or wrong."""


RIGHT = (Outcome.EXACT, Outcome.NOISY)
"""Right, or right on average."""

"""What is measured along runs, as the tables name it."""

from enum import StrEnum

DIAGNOSED = 32
"""Replicates that are looked at along a run, the first ones; all where there are fewer."""


class Quantity(StrEnum):
    """A quantity of the diagnostics of a run, or of a rule beside the exact gradient."""

    COSINE = "cosine"
    NORM_RATIO = "norm ratio"
    SIGN_AGREEMENT = "sign agreement"
    PAIR_COSINE = "pair cosine"
    PAIR_NORM_RATIO = "pair norm ratio"
    PAIR_SIGN_AGREEMENT = "pair sign agreement"
    GRADIENT_NORM = "gradient norm"
    UPDATE_TO_WEIGHT = "update to weight"
    SPECTRAL_RADIUS = "spectral radius"
    LAG_NORM = "lag norm"
    LAG_RATE = "lag rate"
    SINGULAR_VALUE = "singular value"
    LYAPUNOV_EXPONENT = "Lyapunov exponent"
    SATURATED_UNITS = "saturated units"
    BACKWARD_ERROR = "backward error"
    RMS_ERROR = "rms error"
    VARIANCE = "variance"
    SQUARED_BIAS = "squared bias"
    MOVING_WEIGHTS = "moving weights"
    STALE_SENSITIVITIES = "stale sensitivities"


PAIRS = {
    Quantity.COSINE: Quantity.PAIR_COSINE,
    Quantity.NORM_RATIO: Quantity.PAIR_NORM_RATIO,
    Quantity.SIGN_AGREEMENT: Quantity.PAIR_SIGN_AGREEMENT,
}
"""Of a gradient beside the exact one, and the same of any two."""
AS_TRAINED = "as trained"
"""The gradient of a run's own rule in its own windows."""
REFERENCE = "exact"
"""The exact gradient."""

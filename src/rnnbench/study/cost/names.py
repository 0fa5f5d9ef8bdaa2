"""Names of what is measured, for those who only read the tables and need no TensorFlow."""

from rnnbench.gradients.registry import RULES, installed

OURS, ALONE, KERAS = "rnnbench", "rnnbench, one replicate", "Keras, "
DEFAULT = f"{KERAS}default"

SHORT = 100
"""Updates of a short training. What a training pays once (of which `fit` has much) is in it and in a longer one alike."""

WINDOW = 7
IN_WINDOWS = f"rtrl, {WINDOW} steps at a time"
"""RTRL on windows one after the other, its carry handed on: nothing that it keeps grows with the sequence."""

GRADIENT_COST = ["sweep", "rule", "hidden", "steps", "depth", "batch", "seconds", "low", "high", "memory_bytes", "memory_by"]
UPDATE_COST = ["task", "who", "seconds", "low", "high", "replicates_at_once"]
"""The columns of the two tables."""


def measurable() -> list[str]:
    """The rules whose gradient is measured: all that are built in but the control without recurrence, and the installed peers."""
    return [*(name for name in RULES if name != "mlp"), *installed()]

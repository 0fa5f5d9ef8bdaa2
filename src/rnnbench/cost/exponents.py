"""Measured cost beside the theory: exponents of growth, and where two rules take the same memory."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.cost.names import IN_WINDOWS
from rnnbench.gradients import RULES


class Theory(NamedTuple):
    """Exponents of the time and the memory of one gradient for large sizes; None: nothing is said."""

    seconds: float
    memory_bytes: float | None


# The gradient itself has n^2 numbers, beside which less than that is not seen.
OF_UNITS = {
    name: Theory(rule.cost.time, rule.cost.memory if rule.cost.memory >= 2 else None) for name, rule in RULES.items() if rule.cost
}
BACKWARD, FORWARD = Theory(1, 1), Theory(1, None)
THEORY = {
    **{name: {"hidden": theory} for name, theory in OF_UNITS.items()},
    "rtrl": {"hidden": OF_UNITS["rtrl"], "steps": FORWARD},
    "posted": {"hidden": OF_UNITS["posted"], "steps": FORWARD},
    IN_WINDOWS: {"hidden": OF_UNITS["rtrl"], "steps": Theory(1, 0)},
    "bptt": {"hidden": OF_UNITS["bptt"], "steps": BACKWARD},
    "elman": {"hidden": OF_UNITS["elman"], "steps": BACKWARD},
    "keras": {"hidden": OF_UNITS["bptt"], "steps": BACKWARD},
}
"""Over units what the rules say of themselves. Over steps all take time in proportion; backward, every step's activities are
kept; what a forward rule carries does not grow, but the activities of a window do, unless it comes in parts."""


def exponents(scaling: pd.DataFrame) -> pd.DataFrame:
    """How each rule's seconds and memory grow with units and steps, beside the theory.

    sweep, rule, quantity, smallest, largest, exponent (least squares on logarithms over all sizes), at_the_end (between the two
    largest), theory.
    """
    rows = []
    for (sweep, rule), of in scaling.groupby(["sweep", "rule"], sort=False):
        for quantity in Theory._fields:
            known = of.dropna(subset=[quantity]).sort_values(str(sweep))
            known = known[known[quantity] > 0]
            theory = THEORY.get(str(rule), {}).get(str(sweep))
            if theory is None or len(known) < 2:
                continue
            x, y = np.log(known[sweep].to_numpy(float)), np.log(known[quantity].to_numpy(float))
            rows.append(
                {
                    "sweep": sweep,
                    "rule": rule,
                    "quantity": quantity,
                    "smallest": known[sweep].iloc[0],
                    "largest": known[sweep].iloc[-1],
                    "exponent": slope(x, y),
                    "at_the_end": slope(x[-2:], y[-2:]),
                    "theory": getattr(theory, quantity),
                }
            )
    columns = ["sweep", "rule", "quantity", "smallest", "largest", "exponent", "at_the_end", "theory"]
    return pd.DataFrame(rows, columns=columns).astype({"theory": float})


def slope(x: Array, y: Array) -> float:
    """Of the line through the points by least squares."""
    return float(np.polyfit(x, y, 1)[0])


def crossing(scaling: pd.DataFrame, forward: str = IN_WINDOWS, backward: str = "bptt") -> float:
    """Steps beyond which the forward rule takes less memory than the backward one; NaN where their lines do not cross.

    Through the memory of each over the sweep of steps goes a straight line, a + b T.
    """
    lines = {}
    for rule in (forward, backward):
        of = scaling[(scaling["sweep"] == "steps") & (scaling["rule"] == rule)].dropna(subset=["memory_bytes"])
        if len(of) < 2:
            return np.nan
        lines[rule] = np.polyfit(of["steps"].to_numpy(float), of["memory_bytes"].to_numpy(float), 1)
    growth, lead = lines[backward] - lines[forward]
    return float(-lead / growth) if growth > 0 > lead else np.nan

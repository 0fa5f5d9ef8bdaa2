"""Measured cost beside the theory: exponents of growth, and where two rules take the same memory."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.study.cost.names import IN_WINDOWS


class Theory(NamedTuple):
    """Exponents of the time and the memory of one gradient for large sizes; None: nothing is said."""

    seconds: float
    memory_bytes: float | None


BACKWARD, FORWARD = Theory(1, 1), Theory(1, None)
OF_STEPS = {
    "rtrl": FORWARD,
    "posted": FORWARD,
    IN_WINDOWS: Theory(1, 0),
    "bptt": BACKWARD,
    "elman": BACKWARD,
    "keras": BACKWARD,
}
"""Over steps all take time in proportion; backward, every step's activities are kept; what a forward rule carries does not grow,
but the activities of a window do, unless it comes in parts."""
ALIKE = {IN_WINDOWS: "rtrl", "keras": "bptt"}
"""Candidates that are no rules by name, and the rule that they follow."""


def theory(rule: str, sweep: str, rules: pd.DataFrame) -> Theory | None:
    """The exponents of a candidate over the sizes of a sweep; over units what the rule says of itself in the table `rules`."""
    if sweep == "steps":
        return OF_STEPS.get(rule)
    said = rules[(rules["rule"] == ALIKE.get(rule, rule)) & rules["time"].notna()]
    if sweep != "hidden" or said.empty:
        return None
    # The gradient itself has n^2 numbers, beside which less than that is not seen.
    time, memory = float(said["time"].iloc[0]), float(said["memory"].iloc[0])
    return Theory(time, memory if memory >= 2 else None)


def exponents(scaling: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """How each rule's seconds and memory grow with units and steps, beside the theory. rules: the table of that name.

    sweep, rule, quantity, smallest, largest, exponent (least squares on logarithms over all sizes), at_the_end (between the two
    largest), theory.
    """
    rows = []
    for (sweep, rule), of in scaling.groupby(["sweep", "rule"], sort=False):
        for quantity in Theory._fields:
            known = of.dropna(subset=[quantity]).sort_values(str(sweep))
            known = known[known[quantity] > 0]
            expected = theory(str(rule), str(sweep), rules)
            if expected is None or len(known) < 2:
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
                    "theory": getattr(expected, quantity),
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

"""How the report writes numbers."""

import math

import numpy as np
import pandas as pd


def number(value: float) -> str:
    """Three significant digits, without an exponent where it can be read without."""
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"


def measured(value: float, low: float, high: float) -> str:
    """A value with its interval, where it has one."""
    return number(value) + (f" [{number(low)}, {number(high)}]" if pd.notna(low) else "")


def supported(value: float, low: float, high: float) -> str:
    """A value with as many decimals as its interval supports: to the first digit of half its width, and at most three unless it
    would be 0.
    """
    half = abs(high - low) / 2
    if not (np.isfinite(half) and half > 0):
        return number(value)
    found = f"{value:.{min(max(0, -math.floor(math.log10(half))), 3)}f}"
    return found if float(found) or not value else f"{value:.1g}"

"""How the report writes numbers, and sentences in which they are links to what shows them."""

from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup


def number(value: float) -> str:
    """Three significant digits, without an exponent where it can be read without."""
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"


def measured(value: float, low: float, high: float) -> str:
    """A value with its interval, where it has one."""
    return number(value) + (f" [{number(low)}, {number(high)}]" if pd.notna(low) else "")


def say(template: str, *parts: object) -> Markup:
    """`template.format(*parts)` as HTML: what is not markup itself is escaped. The template is ours, the parts are data."""
    return Markup(template).format(*parts)


def link(anchor: str, words: str) -> Markup:
    """Words that lead to their evidence."""
    return say('<a href="#{}">{}</a>', anchor, words)


def join(parts: Iterable[str], separator: str = "; ") -> Markup:
    """The parts one after the other, escaped where they are not markup."""
    return Markup(separator).join(parts)

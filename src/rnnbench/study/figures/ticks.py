"""Ticks of logarithmic axes in plain text: 10⁻³. As formulas, which they are by default, setting them is a third of drawing."""

import re
from typing import Any

from matplotlib.axis import Axis
from matplotlib.scale import LogScale, ScaleBase, SymmetricalLogScale, register_scale
from matplotlib.ticker import LogFormatterSciNotation

RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(formula: str) -> str:
    r"""The plain text of a tick that Matplotlib writes as a formula: $\mathdefault{2\times10^{-3}}$ is 2×10⁻³."""
    bare = re.sub(r"\$\\mathdefault\{(.*)\}\$", r"\1", formula).replace(r"\times", "×").replace("-", "−")
    return re.sub(r"\^\{(.*?)\}", lambda power: power[1].translate(RAISED), bare)


class Powers(LogFormatterSciNotation):
    """Powers of ten, and their multiples, in plain text."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return plain(super().__call__(x, pos))


class InPowers(ScaleBase):
    """A scale whose ticks are such powers."""

    base: float

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def set_default_locators_and_formatters(self, axis: Axis) -> None:
        super().set_default_locators_and_formatters(axis)
        axis.set_major_formatter(Powers(self.base))


class Log(InPowers, LogScale):
    """The logarithmic scale."""

    def set_default_locators_and_formatters(self, axis: Axis) -> None:
        super().set_default_locators_and_formatters(axis)
        axis.set_minor_formatter(Powers(self.base, labelOnlyBase=self.subs is not None))


class SymmetricalLog(InPowers, SymmetricalLogScale):
    """The scale that is linear around zero and logarithmic beyond."""


def use() -> None:
    """Let "log" and "symlog" be these scales."""
    register_scale(Log)
    register_scale(SymmetricalLog)

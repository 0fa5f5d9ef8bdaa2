"""Gradient rules, one a file, all under the contract of `base`; `registry` finds them by name."""

from rnnbench.gradients.base import GradientRule, Step

__all__ = ["GradientRule", "Step"]

"""Verdicts, each made once for all tests that look at it."""

from functools import cache

from rnnbench.gradients.base import Claim
from rnnbench.gradients.registry import RULES
from rnnbench.trial.cases import DEPTHS
from rnnbench.trial.verdict import trial

FEW = (*range(1, 13), 16, 30)
"""Lengths for what is wrong at any: every activation with every loss, and those that slips are compared on."""


@cache
def tried(name):
    """The whole trial of a built-in rule; of one that draws noise, which takes long, without the third layer."""
    return trial(name, RULES[name], depths=(1, 2) if RULES[name].claim == Claim.UNBIASED else DEPTHS)

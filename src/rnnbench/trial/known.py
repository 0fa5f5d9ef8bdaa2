"""Which rules of the package a wrong gradient is: what a derivation leaves out, others have left out on purpose."""

import inspect
import sys
from collections.abc import Sequence
from typing import NamedTuple

from rnnbench.gradients import registry
from rnnbench.gradients.base import Claim, GradientRule
from rnnbench.trial.contract import Factory, gradient
from rnnbench.trial.diagnosis import Tried
from rnnbench.trial.exactness import same


class Known(NamedTuple):
    """name: of the rule. title, source: what it is, and the paper in short."""

    name: str
    title: str
    source: str


def known(rule: Factory, tried: Sequence[Tried]) -> tuple[Known, ...]:
    """The rules of the package whose gradient this one is on every network tried.

    Rules that are exact, draw noise, learn, or have a network of their own are left out; and of a rule of the package, nothing is
    said.
    """
    if getattr(rule, "__module__", "").startswith(registry.RULES.package):
        return ()
    found = []
    told = sorted(tried, key=lambda one: (one.case.depth, one.case.steps), reverse=True)  # where rules differ most, first
    for name, candidate in registry.RULES.items():
        comparable = candidate.claim in (Claim.BIASED, Claim.ONE_LAYER) and not candidate.learns
        if comparable and all(_alike(candidate, one) for one in told):
            title = (inspect.getdoc(sys.modules[candidate.__module__]) or name).splitlines()[0].rstrip(".")
            found.append(Known(name, title, candidate.source))
    return tuple(found)


def _alike(candidate: type[GradientRule], one: Tried) -> bool:
    if one.case.there is not None:
        return False
    try:
        theirs = gradient(candidate, one.case)
    except NotImplementedError:
        return False
    return same(one.case.network, one.gradient, theirs)

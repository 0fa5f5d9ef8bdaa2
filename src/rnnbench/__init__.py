"""rnnbench: is this derivation of an RNN's gradient wrong?

    import rnnbench

    class MyRule(rnnbench.GradientRule):
        def step(self, params, window, carry):
            ...

    verdict = rnnbench.trial("mine", MyRule)

The core (this package) judges a gradient, and needs NumPy. What trains, measures and reports stands on it, and comes with the
extra "study". The names below are loaded when they are asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

PUBLIC = {
    "GradientRule": "gradients.base",
    "Step": "gradients.base",
    "Claim": "gradients.base",
    "Cost": "gradients.base",
    "through_outputs": "gradients.base",
    "rule": "gradients.registry",
    "Network": "network",
    "Parameters": "network",
    "Window": "network",
    "Activity": "network",
    "State": "network",
    "Finding": "trial.verdict",
    "Verdict": "trial.verdict",
    "Outcome": "trial.outcome",
    "RuleError": "errors",
    "check_grads": "trial.differences",
    "from_update": "trial.differences",
    "GradientError": "trial.differences",
    "CannotJudgeError": "trial.differences",
    "assert_exact": "trial.asserts",
    "assert_truncated": "trial.asserts",
    "assert_unbiased": "trial.asserts",
}
"""Public names, and the module of each. `rnnbench.trial` is one more: a package that can be called."""

__all__ = ["PUBLIC", *PUBLIC, "__version__", "trial"]

if TYPE_CHECKING:
    from rnnbench.errors import RuleError as RuleError
    from rnnbench.gradients.base import Claim as Claim
    from rnnbench.gradients.base import Cost as Cost
    from rnnbench.gradients.base import GradientRule as GradientRule
    from rnnbench.gradients.base import Step as Step
    from rnnbench.gradients.base import through_outputs as through_outputs
    from rnnbench.gradients.registry import rule as rule
    from rnnbench.network import Activity as Activity
    from rnnbench.network import Network as Network
    from rnnbench.network import Parameters as Parameters
    from rnnbench.network import State as State
    from rnnbench.network import Window as Window
    from rnnbench.trial.asserts import assert_exact as assert_exact
    from rnnbench.trial.asserts import assert_truncated as assert_truncated
    from rnnbench.trial.asserts import assert_unbiased as assert_unbiased
    from rnnbench.trial.differences import CannotJudgeError as CannotJudgeError
    from rnnbench.trial.differences import GradientError as GradientError
    from rnnbench.trial.differences import check_grads as check_grads
    from rnnbench.trial.differences import from_update as from_update
    from rnnbench.trial.outcome import Outcome as Outcome
    from rnnbench.trial.verdict import Finding as Finding
    from rnnbench.trial.verdict import Verdict as Verdict
    from rnnbench.trial.verdict import trial as trial


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(import_module(f"rnnbench.{PUBLIC[name]}"), name)
    if name == "trial":
        return import_module("rnnbench.trial")
    raise AttributeError(f"module 'rnnbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

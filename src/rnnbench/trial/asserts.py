"""Claims about a rule, for tests of one's own: each returns what was found, or raises GradientError, which says what is wrong."""

from typing import Any

from rnnbench.errors import RuleError
from rnnbench.gradients.tbptt import Tbptt
from rnnbench.trial.cases import DEPTHS, cases, layers
from rnnbench.trial.contract import Factory, fitted, gradient
from rnnbench.trial.differences import GradientError
from rnnbench.trial.exactness import EXACT, relative_errors
from rnnbench.trial.slips import sharp
from rnnbench.trial.verdict import Verdict, trial
from rnnbench.trial.words import headline, page


def assert_exact(rule: Factory, **options: Any) -> Verdict:
    """The gradient of a rule is exact. options: of `rnnbench.trial` (depths, activations, losses, lengths, seed).

    Raises GradientError for any other rule, RuleError for one that cannot be tried.
    """
    return _holds(rule, "is exact", options)


def assert_unbiased(rule: Factory, **options: Any) -> Verdict:
    """A rule draws noise, and the mean over draws is the exact gradient. options: of `rnnbench.trial`.

    Raises GradientError for any other rule, RuleError for one that cannot be tried.
    """
    return _holds(rule, "is unbiased, but noisy", options)


def _holds(rule: Factory, claim: str, options: dict[str, Any]) -> Verdict:
    verdict = trial(getattr(rule, "__name__", "the rule"), rule, **options)
    if headline(verdict) != claim:
        raise GradientError(page(verdict))
    return verdict


def assert_truncated(rule: Factory, lags: int, **options: Any) -> None:
    """A rule is truncated BPTT: of the loss of every step, exactly the paths of the last `lags` steps are there.

    lags: 1 for one-step truncation, where the state of the step before counts as given. options: of `rnnbench.trial.cases.cases`
    (depths, activations, losses, lengths, seed).

    Raises GradientError where a gradient is another one, with the first network where it is; RuleError where none is supported;
    ValueError for lags below 1.
    """
    if lags < 1:
        raise ValueError(f"lags is {lags}: at least the present step is there")
    name = getattr(rule, "__name__", "the rule")
    options = {"seed": 0, "depths": DEPTHS, **options}
    tried = 0
    for case in cases(**options):
        try:
            case = fitted(rule, case)
            found = gradient(rule, case)
        except NotImplementedError:
            continue
        if not sharp(case):
            continue
        tried += 1
        errors = relative_errors(case.network, found, gradient(lambda network: Tbptt(network, lags=lags), case))
        wrong = [parameter for parameter, error in errors.items() if not error <= EXACT]
        if wrong:
            raise GradientError(
                f"{name} is not truncated BPTT over {lags} {'step' if lags == 1 else 'steps'}: {', '.join(wrong)} with"
                f" {layers(case.depth)}, {case.network.activation} units, {case.steps} steps, loss at {case.loss_at}, off by"
                f" {max(errors.values()):.1e}"
            )
    if not tried:
        raise RuleError(f"{name} supports none of the networks that were tried")

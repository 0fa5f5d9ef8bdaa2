"""Verdicts as tables, and the check of the yardstick itself: the exact gradient of the trial against an outside oracle."""

from collections.abc import Callable, Iterable

import pandas as pd

from rnnbench.arrays import Array
from rnnbench.network import Network, Parameters, Window
from rnnbench.trial.cases import cases
from rnnbench.trial.exactness import relative_errors
from rnnbench.trial.slips import exact
from rnnbench.trial.verdict import Verdict

Oracle = Callable[[Network, Parameters, Window], Array]
"""Network, parameters and a window that starts at rest -> dL/dtheta, (replicate, parameter)."""

VERDICTS = [
    *("rule", "depth", "parameter", "verdict", "error", "error_median", "cosine", "cosine_median", "norm_ratio"),
    *("norm_ratio_median", "variance", "slip", "diagnosis"),
]
LOCKSTEP = ["task", "dtype", "optimizer", "learning_rate", "update", "difference"]
PATHS = ["rule", "depth", "parameter", "route", "lag", "weight"]


def verdicts(of: Iterable[Verdict]) -> pd.DataFrame:
    """A row a finding: VERDICTS."""
    return pd.DataFrame(
        [(v.rule, *(getattr(f, column) for column in VERDICTS[1:])) for v in of for f in v.findings], columns=VERDICTS
    )


def paths(of: Iterable[Verdict]) -> pd.DataFrame:
    """What each rule makes of each path, for the parameters where it errs: PATHS."""
    rows = [(v.rule, f.depth, f.parameter, path.route, path.lag, path.weight) for v in of for f in v.findings for path in f.paths]
    return pd.DataFrame(rows, columns=PATHS)


def yardstick(seed: int, oracle: Oracle, lengths: tuple[int, ...] = (1, 4, 9, 30)) -> pd.DataFrame:
    """The trial's exact gradient against an oracle: depth, loss_at, steps, parameter, relative_error."""
    rows = []
    for case in cases(seed, lengths=lengths):
        theirs = oracle(case.network, case.params, case.window)
        for parameter, error in relative_errors(case.network, exact(case), theirs).items():
            rows.append((case.depth, case.loss_at, case.steps, parameter, error))
    return pd.DataFrame(rows, columns=["depth", "loss_at", "steps", "parameter", "relative_error"])

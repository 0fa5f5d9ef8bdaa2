"""Verdicts as tables, and the check of the yardstick itself: the exact gradient of the trial against an outside oracle."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from inspect import cleandoc
from typing import Any

import pandas as pd

from rnnbench import files
from rnnbench.arrays import Array
from rnnbench.gradients.base import GradientRule
from rnnbench.network import Network, Parameters, Window
from rnnbench.trial.cases import cases
from rnnbench.trial.diagnosis import PathWeight
from rnnbench.trial.exactness import relative_errors
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.slips import exact
from rnnbench.trial.verdict import Finding, Verdict
from rnnbench.trial.words import headline

Oracle = Callable[[Network, Parameters, Window], Array]
"""Network, parameters and a window that starts at rest -> dL/dtheta, (replicate, parameter)."""


def record(name: str, rule: type[GradientRule], verdict: Verdict | None) -> dict[str, Any]:
    """What the study keeps of a rule, for JSON: what it says of itself, its file, and what the trial found (None: not tried)."""
    own = files.content(name) if files.is_file(name) else {}
    file = str(files.split(name)[0]) if own else None
    return {
        "rule": name,
        "claim": rule.claim,
        "cost": rule.cost and list(rule.cost),
        "source": rule.source,
        "text": cleandoc(rule.__doc__ or "") or None,
        "file": file,
        "sha256": own[file] if file else None,
        "headline": None if verdict is None else f"{name} {headline(verdict)}",
        "findings": [] if verdict is None else [asdict(finding) for finding in verdict.findings],
        "breaches": [] if verdict is None else list(verdict.breaches),
    }


def rules(judged: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The table `rules` from records."""
    said = ["source", "text", "file", "sha256", "headline"]
    rows = [(of["rule"], of["claim"], *(of["cost"] or (None, None)), *(of[key] for key in said)) for of in judged]
    return pd.DataFrame(rows, columns=["rule", "claim", "time", "memory", *said]).astype({"time": "Int64", "memory": "Int64"})


def findings(judged: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The table `verdicts` from records: a row for each finding."""
    names = [field.name for field in fields(Finding) if field.name not in ("paths", "block")]
    rows = [(of["rule"], *(finding[name] for name in names)) for of in judged for finding in of["findings"]]
    table = pd.DataFrame(rows, columns=["rule", *names])
    return table[[*(name for name in table if name not in LAST), *LAST]]


LAST = ["variance", "slip", "diagnosis"]
"""The last columns of a table of findings."""


def judged_again(verdicts: pd.DataFrame, weights: pd.DataFrame, rule: str) -> list[Finding]:
    """The findings of a rule from the tables `verdicts` and `paths`."""
    of = {
        key: tuple(
            PathWeight(route, lag, None if pd.isna(w) else w) for route, lag, w in rows[["route", "lag", "weight"]].to_numpy()
        )
        for key, rows in weights[weights["rule"] == rule].groupby(["depth", "parameter"], sort=False)
    }
    own = verdicts[verdicts["rule"] == rule].drop(columns="rule")
    return [
        Finding(
            **{
                **{str(name): None if pd.isna(value) else value for name, value in row.items()},
                "verdict": Outcome(row["verdict"]),
                "diagnosis": "" if pd.isna(row["diagnosis"]) else row["diagnosis"],
                "paths": of.get((row["depth"], row["parameter"]), ()),
                "block": row["parameter"],
            }
        )
        for row in own.to_dict("records")
    ]


def paths(judged: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The table `paths` from records: what each rule makes of each path, for the parameters where it errs."""
    rows = [
        (of["rule"], finding["depth"], finding["parameter"], *(path[key] for key in ("route", "lag", "weight")))
        for of in judged
        for finding in of["findings"]
        for path in finding["paths"]
    ]
    return pd.DataFrame(rows, columns=["rule", "depth", "parameter", "route", "lag", "weight"])


def yardstick(seed: int, oracle: Oracle, lengths: Sequence[int]) -> pd.DataFrame:
    """The trial's exact gradient against an oracle: depth, loss_at, steps, parameter, relative_error."""
    rows = []
    for case in cases(seed, lengths=lengths):
        theirs = oracle(case.network, case.params, case.window)
        for parameter, error in relative_errors(case.network, exact(case), theirs).items():
            rows.append((case.depth, case.loss_at, case.steps, parameter, error))
    return pd.DataFrame(rows, columns=["depth", "loss_at", "steps", "parameter", "relative_error"])

"""The prequential loss: that of training itself, each prediction made before the weights saw its target.

The error of a learner that predicts and learns at once, as tables of online learning have it: of runs whose recipe keeps it
(`prequential`), averaged over some stretches of training. A row of somebody else's table agrees if the two means lie within two
standard errors of their difference.

Source of the name: A. P. Dawid, Statistical theory: the prequential approach, J. Royal Statistical Society A 147 (1984).
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.study.analysis.comparisons import better
from rnnbench.study.analysis.outcomes import Agreement
from rnnbench.study.analysis.paired import common, difference, holm
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.training.run import Run

Losses: TypeAlias = Mapping[tuple[str, str], Array]
"""(task, variant) -> (replicate,), of the runs that have kept theirs; infinite where a replicate diverged."""
AGREES = 2.0
"""Standard errors of the difference within which two means agree."""
ASKED = ("question", "task", "variant", "reference")
"""What the config says of a contrast."""
LATE = 0.9
"""Of training: what comes after it is averaged where no stretches are given."""


def losses(runs: Sequence[Run], stretches: Sequence[Mapping[str, Sequence[Any]]]) -> Losses:
    """The mean loss of every replicate.

    stretches: of the `replicates` from the first to the last, the `examples` seen, (from, to] each; others have the last tenth.
    """
    found = {}
    for run in runs:
        kept = run.curves[run.curves["split"] == "training"]
        if len(kept):
            counted = kept["examples"] > LATE * kept["examples"].max()
            for stretch in stretches:
                own = kept["replicate"].between(*stretch["replicates"])
                within = [kept["examples"].between(begin, end, inclusive="right") for begin, end in stretch["examples"]]
                counted = np.where(own, np.any(within, axis=0), counted)
            blocks = kept["value"].where(np.isfinite(kept["value"]), np.inf)[counted].groupby(kept["replicate"]).mean()
            mean = blocks.reindex(range(run.provenance["replicates"])).to_numpy()
            found[run.provenance["task"], run.provenance["variant"]] = np.where(np.isnan(mean), np.inf, mean)
    return found


def deviation(values: Array) -> float:
    """The population's standard deviation, as tables of a few seeds have it."""
    return float(values.std()) if np.isfinite(values).all() else np.nan


def summary(found: Losses) -> pd.DataFrame:
    """The table `prequential`."""
    rows = []
    for key, values in found.items():
        diverged = len(values) - int(np.isfinite(values).sum())
        extremes = float(values.min()), float(np.median(values)), float(values.max())
        rows.append((*key, float(values.mean()), deviation(values), *extremes, len(values), diverged))
    return pd.DataFrame(rows, columns=columns("prequential"))


def contrasts(found: Losses, asked: Sequence[Mapping[str, Any]], confidence: float) -> pd.DataFrame:
    """The table `contrasts`: two variants beside each other, by the ratio of their losses in the geometric mean over replicates.

    A t interval and a paired t test of the logarithms, with Holm's correction over all that are asked and ran. A replicate that
    diverged in either is left out.
    """
    logs, counts = [], []
    for one in asked:
        own, other = common(*(found.get((one["task"], one[key]), np.zeros(0)) for key in ("variant", "reference")))
        kept = np.isfinite(own) & np.isfinite(other)
        logs.append(difference(np.log(own[kept]), np.log(other[kept]), confidence))
        counts.append(int(kept.sum()))
    rows = [
        (*(one[key] for key in ASKED), *np.exp(of[:3]), of.p, p, better(of, p, False, confidence), count)
        for one, of, p, count in zip(asked, logs, holm(np.array([of.p for of in logs])), counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns("contrasts"))


def published(found: Losses, asked: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table `published`: rows of others' tables, with what ran here beside them."""
    rows: list[tuple[Any, ...]] = []
    for table in asked:
        for of in table["rows"]:
            said = table["source"], of["task"], of["variant"], of["mean"], of["deviation"], of["seeds"]
            ours = found.get((of["task"], of["variant"]))
            if ours is None:
                rows.append((*said, np.nan, np.nan, 0, np.nan, np.nan, Agreement.NOT_RUN))
                continue
            spread = deviation(ours)
            # Of a population's deviation over n, s^2 / n = deviation^2 / (n - 1).
            error = np.sqrt(of["deviation"] ** 2 / max(1, of["seeds"] - 1) + spread**2 / max(1, len(ours) - 1))
            apart = float(ours.mean()) - of["mean"]
            agrees = Agreement.AGREES if abs(apart) <= AGREES * error else Agreement.DIFFERS
            rows.append((*said, float(ours.mean()), spread, len(ours), apart, float(error), agrees))
    return pd.DataFrame(rows, columns=columns("published"))

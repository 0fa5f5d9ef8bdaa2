"""What others found of gradient rules, tried on the tasks of this study: the table `claims`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.study.analysis.comparisons import Endings
from rnnbench.study.analysis.outcomes import Closeness
from rnnbench.study.analysis.paired import equivalence, interval_level
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.analysis.statistics import Estimate, share_recovered
from rnnbench.study.settings import TaskSettings


def claims(
    ends: Endings,
    tasks: Mapping[str, TaskSettings],
    asked: Sequence[Mapping[str, Any]],
    margins: Mapping[str, float],
    statistics: Mapping[str, Any],
    seed: int,
) -> pd.DataFrame:
    """A row for each claim of the config and each comparison that it is tried by, in the task's first metric on test data.

    Paired over the replicates that all of its variants have. Untested, and without numbers, where one of them did not run, or the
    task has no margin.
    """
    confidence = statistics["confidence"]
    rows: list[tuple[Any, ...]] = []
    for claim in asked:
        for tried in claim["tried"]:
            task, floor = tried["task"], tried.get("without")
            ended, metric = ends.get(task, {}), tasks[task].kind.metrics[0].name
            said = claim["claim"], claim["source"], task, tried["variant"], tried["reference"], floor, metric
            named = [name for name in (tried["variant"], tried["reference"], floor) if name]
            if task not in margins or not set(named) <= set(ended):
                rows.append((*said, *[np.nan] * 5, Closeness.UNTESTED, *[np.nan] * 3, 0))
                continue
            count = min(len(ended[name]) for name in named)
            own, exact, *none = (ended[name][:count] for name in named)
            found = equivalence(own, exact, margins[task], confidence)
            share = share_recovered(own, exact, none[0], **statistics, seed=seed) if none else Estimate(np.nan, np.nan, np.nan)
            interval = found.mean, interval_level(confidence), found.low, found.high
            rows.append((*said, margins[task], *interval, found.verdict, *share, count))
    return pd.DataFrame(rows, columns=columns("claims"))

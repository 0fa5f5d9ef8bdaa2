"""From a study's tables to its page and its answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures.catalogue import catalogue, look_of
from rnnbench.study.report import answer, contents, page
from rnnbench.study.report.explorer import explorer
from rnnbench.study.settings import tasks_of


class Report(NamedTuple):
    """The page, and the first screen of it as text."""

    html: str
    answer: str


def build(
    tables: Tables,
    traces: pd.DataFrame,
    figures: Path,
    jobs: pd.DataFrame,
    provenance: Mapping[str, Any],
    citation: Mapping[str, Any],
) -> Report:
    """traces: rows of the runs' curves.csv; figures: their folder; jobs: those of the workflow; citation: of CITATION.cff."""
    config = provenance["config"]
    tasks = tasks_of(config)
    entries = catalogue(tables, tasks, config["statistics"]["confidence"])
    timed = tables.curves.merge(tables.times, how="left", on=["task", "variant", "updates"])
    explored = explorer(timed, traces[traces["split"] == "validation"], tasks, look_of(tables))
    answers = answer.answers(tables, tasks, config["targets"])
    of = tables, answers, entries, figures, tasks, config["targets"], jobs, explored, provenance, citation
    return Report(page.render(answers, contents.views(contents.Study(*of))), answer.plain(answers))

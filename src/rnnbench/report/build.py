"""From a study's tables to its page and its answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from rnnbench.figures.catalogue import catalogue, look_of
from rnnbench.report import answer, contents, page
from rnnbench.report.explorer import explorer
from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables


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
    tasks = {name: TaskSettings.of(name, task, config["seed"]) for name, task in config["tasks"].items()}
    entries = catalogue(tables, tasks, config["statistics"]["confidence"])
    timed = tables.curves.merge(tables.times, how="left", on=["task", "variant", "updates"])
    explored = explorer(timed, traces[traces["split"] == "validation"], tasks, look_of(tables))
    claims = answer.claims(tables, tasks, config["targets"])
    sections = contents.sections(tables, claims, entries, figures, tasks, config["targets"], jobs, explored, provenance, citation)
    return Report(page.render(claims, sections), answer.plain(claims))

"""From a study's tables to its page and its answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures import STUDY, style
from rnnbench.study.figures.catalogue import catalogue, look_of
from rnnbench.study.figures.hero import WIDTHS, strips
from rnnbench.study.report import answer, contents, page
from rnnbench.study.report.checks import checks
from rnnbench.study.report.explorer import Explorer, explorer, of_gradients, of_learning
from rnnbench.study.report.phrases import number
from rnnbench.study.report.summary import Tile, summary
from rnnbench.study.settings import TaskSettings, tasks_of


class Report(NamedTuple):
    """The page, the first screen of it as text, and the names of its variants, a line each."""

    html: str
    answer: str
    variants: str


def last_time(file: Path) -> list[str] | None:
    """The variants of the last report, by its file of that name; None where there was none."""
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else None


def build(
    tables: Tables,
    traces: pd.DataFrame,
    figures: Path,
    jobs: pd.DataFrame,
    provenance: Mapping[str, Any],
    citation: Mapping[str, Any],
    files: Mapping[str, str],
    before: Sequence[str] | None = None,
) -> Report:
    """traces: rows of the runs' curves.csv; figures: their folder; jobs: those of the workflow; citation: of CITATION.cff.

    files: the text of the .smk of every variant, by name; before: the variants of the last report, if there was one.
    """
    config = provenance["config"]
    tasks = tasks_of(config)
    entries = catalogue(tables, tasks, config["statistics"]["confidence"])
    answers = answer.answers(tables, tasks, config["targets"])
    run_on = {name: task for name, task in tasks.items() if (tables.final["task"] == name).any()}
    learning = {name: chart_of_learning(tables, traces, task) for name, task in run_on.items()}
    gradients = {name: chart_of_gradients(tables, task) for name, task in run_on.items()}
    found = checks(tables, provenance, tasks)
    said = summary(tables, tasks, found)
    of = (
        tables,
        answers,
        entries,
        figures,
        tasks,
        config["targets"],
        jobs,
        learning,
        gradients,
        found,
        files,
        provenance,
        citation,
    )
    shown = list(WIDTHS) if said.missing is not None else ["published", "published_narrow"]
    hero = entries.get(f"{STUDY}/{shown[0]}")
    title = (
        f"What that costs: {tasks[said.task].kind.metrics[0].label}" if said.task else "The published means, and those of here"
    )
    pictures = page.Pictures(
        title,
        hero.caption if hero else "",
        hero.alt if hero else "",
        [(figures / f"{STUDY}/{name}.svg").read_text(encoding="utf-8") for name in shown] if hero else [],
        [strip(tables, tile, tasks) for tile in said.tiles],
    )
    names = list(dict.fromkeys(tables.final["variant"]))
    fresh = [name for name in names if before is not None and name not in before]
    looks = {name: page.looks(look_of(tables, name), tables.variants, name) for name in run_on}
    html = page.render(said, pictures, known(tables), {"tasks": looks, "fresh": fresh}, contents.views(contents.Study(*of)))
    return Report(html, said.plain(), "\n".join(names))


def chart_of_learning(tables: Tables, traces: pd.DataFrame, task: TaskSettings) -> Explorer:
    """Learning curves. traces: rows of the runs' curves.csv."""
    name = task.name
    own = tables.curves[tables.curves["task"] == name].merge(tables.times, how="left", on=["task", "variant", "updates"])
    single = traces[(traces["task"] == name) & (traces["split"] == "validation")]
    title = f"Learning curves on {name}"
    return explorer(f"explore-{name}", name, title, of_learning(own, single, task), look_of(tables, name))


def chart_of_gradients(tables: Tables, task: TaskSettings) -> Explorer:
    """What was measured along the runs."""
    own = tables.gradient_statistics[tables.gradient_statistics["task"] == task.name]
    title = f"Gradients along training on {task.name}"
    return explorer(f"explore-gradients-{task.name}", task.name, title, of_gradients(own, task), look_of(tables, task.name))


def strip(tables: Tables, tile: Tile, tasks: Mapping[str, TaskSettings]) -> str | None:
    """The runs of a tile as an SVG, if it has any."""
    if not tile.rows or tile.task is None:
        return None
    kind = tasks[tile.task].kind
    return style.text(strips(tables.replicates[tables.replicates["task"] == tile.task], kind.metrics[0], tile.rows, kind))


def known(tables: Tables) -> str:
    """How the summary is known."""
    tried, runs = tables.learning_rates.groupby(["task", "variant"]).ngroups, len(tables.variants)
    rates = "each at the learning rate that is best for it" + ("" if tried == runs else ", where the config names none")
    if len(tables.published):
        rates = "with the settings of the published table"
    elif not tried:
        rates = "at the learning rates that the config names"
    return (
        "Each gradient was held against the exact one on random networks, parameter by parameter. The exact one was held against"
        f" TensorFlow's automatic differentiation: at most {number(tables.oracle_error)} apart. Then all of a recipe trained"
        f" from the same weights on the same data, {rates}."
    )

"""What stands in which section of the report, in reading order."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.cost.exponents import crossing
from rnnbench.study.cost.names import WINDOW
from rnnbench.study.figures import STUDY
from rnnbench.study.figures.entry import Entry
from rnnbench.study.report import origin, tabulated
from rnnbench.study.report.answer import Answer
from rnnbench.study.report.checks import checks
from rnnbench.study.report.explorer import Explorer
from rnnbench.study.report.mathematics import formulas
from rnnbench.study.report.page import Checks, Code, Figure, Part, Section
from rnnbench.study.report.phrases import number
from rnnbench.study.roles import Role, playing
from rnnbench.study.settings import TaskSettings

RULES = (
    "Each rule in place of the exact gradient, in an otherwise equal training. Most carry something forward instead of looking"
    " back. None is there twice under another name: without a leak RFLO is one-step truncation (elman), and e-prop with"
    " symmetric feedback is SnAp-1 (snap1). KF-RTRL in reverse is left out, as its variance was found to be that of UORO."
)
LITERATURE = (
    "To hold this against: Marschall, Cho and Savin (JMLR 21, 2020) found, at 64 units and by task, cosines to the exact gradient"
    " of about 0.4 to 0.7 for SnAp-1, 0.4 to 0.6 for KF-RTRL, 0.2 to 0.6 for RFLO and 0.04 to 0.1 for UORO. Cosines here are at"
    " the number of units of these tasks, and of their data."
)
RULES_SHOWN = ["alignment", "noise", "pareto"]
STATISTICS = [
    *("cosine", "alignment", "rules", "norms", "movement"),
    *("lags", "jacobians", "lyapunov", "radius", "saturation", "staleness"),
]


def sections(
    tables: Tables,
    answers: Sequence[Answer],
    entries: Mapping[str, Entry],
    figures: Path,
    tasks: Mapping[str, TaskSettings],
    targets: Mapping[str, float],
    jobs: pd.DataFrame,
    explorer: Explorer,
    provenance: Mapping[str, Any],
    citation: Mapping[str, Any],
) -> list[Section]:
    """The sections after the answer. jobs: the workflow's so far, as `rnnbench.study.jobs.pipeline.overview` gives them."""

    def drawn(*names: str) -> list[Part]:
        return [Figure(figures / f"{name}.svg", entries[name].alt, entries[name].caption) for name in names if name in entries]

    def section(anchor: str, title: str, *parts: Part, short: str = "") -> Section:
        """Opens with what is claimed on its evidence. short: its name in the contents, if that is not the title."""
        claimed = [answer.detail for answer in answers if answer.evidence == anchor]
        return Section(anchor, title, [*claimed, *parts], short or title)

    learning, ladders, gradients = [], [], []
    for name, task in tasks.items():
        if not (tables.final["task"] == name).any():
            continue
        shown = drawn(*(f"{name}/{kind}" for kind in ("curve", "endings", "by_position", "cycle")))
        tests: list[Part] = [tabulated.against_posted(tables, playing(Role.POSTED, tables.variants, name), task)]
        if name in targets:
            tests.append(tabulated.to_target(tables.to_target, tables.cost, task, targets[name]))
        if (tables.learning_rates["task"] == name).any():
            tests += [*drawn(f"{name}/rates"), tabulated.learning_rates(tables, task)]
        outcome = tabulated.outcome(tables.final, task, targets.get(name))
        learning.append(section(f"task-{name}", f"Learning: {name}", outcome, *shown, *tests))
        for answer in answers:
            if answer.evidence == f"ladder-{name}":
                steps = drawn(*(entry for entry in entries if entry.startswith(f"{name}/ladder_")))
                rungs = tabulated.ladder(tables.ladder, task)
                title = f"{answer.question} The ladder"
                ladders.append(section(answer.evidence, title, *steps, rungs, short=f"The ladder: {name}"))
        statistics = [*drawn(*(f"{name}/{kind}" for kind in STATISTICS)), tabulated.endings(tables.gradient_statistics, task)]
        if len(task.kind.counted) == 1:
            statistics.append(
                "Nothing is stale here: the loss is at one step of a sequence only, so the weights never move while RTRL carries"
                " its sensitivities, and its gradient is exact as it is applied."
            )
        title = f"Gradients along training: {name}"
        gradients.append(section(f"gradients-{name}", title, *statistics, short=f"Gradients: {name}"))
    online = []
    if len(tables.online):
        compared = [task for name, task in tasks.items() if (tables.online["task"] == name).any()]
        shown = [part for task in compared for part in of_rules(tables, task, drawn)]
        told: list[Part] = [tabulated.correlation(tables.correlation)] if len(tables.correlation) else []
        online.append(section("rules", "Rules of online learning", RULES, *shown, *told, LITERATURE))
    if len(tables.claims):
        online.append(section("claims", "What others found", *tabulated.claimed(tables.claims), tabulated.claims(tables.claims)))
    whole: list[Part] = [tabulated.equivalence(tables.equivalence)]
    if f"{STUDY}/lockstep" in entries:
        whole += [*drawn(f"{STUDY}/lockstep"), tabulated.lockstep(tables.lockstep)]
    return [
        section("variants", "All variants", tabulated.variants(tables, tasks, targets)),
        section(
            "gradient",
            "Is the gradient right?",
            *formulas(),
            "A gradient is right or wrong parameter by parameter. W0 and b0 lead into the first recurrent layer, R1 is its"
            " recurrence, W1 and b1 lead to the next layer or to the output, and so on.",
            tabulated.verdicts(tables.verdicts),
            *drawn(f"{STUDY}/errors", f"{STUDY}/paths"),
            "The exact gradient of this trial was itself held against TensorFlow's automatic differentiation: the relative"
            f" error is at most {number(tables.oracle_error)} for any parameter.",
        ),
        *learning,
        section("explore", "Learning curves to explore", explorer, short="Explore the curves"),
        *ladders,
        *online,
        *gradients,
        section("scores", "All tasks together", tabulated.scores(tables.scores)),
        section("lockstep", "Does it match Keras?", *whole),
        section("cost", "What it takes", *drawn(f"{STUDY}/training_time"), *costs(tables, drawn, jobs)),
        section("checks", "Checks", Checks(checks(tables, provenance, tasks))),
        section(
            "provenance",
            "Provenance",
            "Runs are compared only where the SHA-256 of their splits, initial weights and order of presentation are the same;"
            " the aggregation refuses others.",
            Code(
                "provenance-json",
                origin.provenance(provenance),
                "Commit, config, hashes, seeds, versions, BLAS kernel, threads and CPU, as JSON",
            ),
        ),
        section(
            "reproduce",
            "How to reproduce this",
            "This result again, from the root of the repository:",
            Code("commands", origin.commands(provenance["commit"], provenance["configfiles"])),
            short="Reproduce",
        ),
        section("cite", "How to cite this", Code("bibtex", origin.bibtex(citation, provenance["commit"])), short="Cite"),
    ]


def of_rules(tables: Tables, task: TaskSettings, drawn: Callable[..., list[Part]]) -> list[Part]:
    """The rules of online learning on a task."""
    return [tabulated.online(tables, task), *drawn(*(f"{task.name}/rules_{kind}" for kind in RULES_SHOWN))]


def costs(tables: Tables, drawn: Callable[..., list[Part]], jobs: pd.DataFrame) -> list[Part]:
    """What runs, updates, gradients and the workflow took, as far as it was measured."""
    parts: list[Part] = [tabulated.cost(tables.cost)]
    if len(tables.update_cost):
        parts += [*drawn(f"{STUDY}/updates"), tabulated.updates(tables.update_cost)]
    if len(tables.gradient_cost):
        parts += [*drawn(f"{STUDY}/scaling"), tabulated.exponents(tables.gradient_cost, tables.rules)]
        where = crossing(tables.gradient_cost)
        if np.isfinite(where):
            parts.append(
                f"BPTT keeps every step; RTRL on windows of {WINDOW} steps keeps those alone. At the sizes of the figure's sweep"
                f" over steps, RTRL takes less memory than BPTT beyond {number(where)} steps, where the straight lines through"
                " their memory cross."
            )
    if len(jobs):
        parts.append(tabulated.pipeline(jobs))
    return parts

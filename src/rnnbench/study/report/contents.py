"""What stands in which view of the report, in reading order, and what is folded there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.cost.exponents import crossing
from rnnbench.study.cost.names import WINDOW
from rnnbench.study.figures import STUDY
from rnnbench.study.figures.court import matrix
from rnnbench.study.figures.entry import Entry
from rnnbench.study.report import origin, tabulated
from rnnbench.study.report.answer import Answer
from rnnbench.study.report.cards import rule_cards, variant_cards
from rnnbench.study.report.checks import Check, Severity
from rnnbench.study.report.explorer import Explorer
from rnnbench.study.report.mathematics import formulas
from rnnbench.study.report.page import Checks, Code, Duel, Figure, Fold, Formula, Group, Part, Tabs, View
from rnnbench.study.report.phrases import number
from rnnbench.study.roles import Role, playing
from rnnbench.study.settings import TaskSettings
from rnnbench.trial.cases import layers

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


class Study(NamedTuple):
    """What a page is made of. jobs: the workflow's so far, as `rnnbench.study.jobs.pipeline.overview` gives them.

    learning, gradients: the charts of tasks. files: the .smk of every variant.
    """

    tables: Tables
    answers: Sequence[Answer]
    entries: Mapping[str, Entry]
    figures: Path
    tasks: Mapping[str, TaskSettings]
    targets: Mapping[str, float]
    jobs: pd.DataFrame
    learning: Mapping[str, Explorer]
    gradients: Mapping[str, Explorer]
    checks: Sequence[Check]
    files: Mapping[str, str]
    provenance: Mapping[str, Any]
    citation: Mapping[str, Any]

    def drawn(self, *names: str) -> list[Part]:
        """The figures of these names that there are."""
        of = self.entries
        return [Figure(self.figures / f"{name}.svg", of[name].alt, of[name].caption) for name in names if name in of]

    def folded(self, titles: Mapping[str, str]) -> list[Part]:
        """The figures that there are, each under its title. titles: by name."""
        return [Fold(title, self.drawn(name)) for name, title in titles.items() if name in self.entries]

    def claimed(self, anchor: str) -> list[Part]:
        """What is claimed on the evidence that is there, in full."""
        return [answer for answer in self.answers if answer.evidence == anchor]

    def run_on(self) -> dict[str, TaskSettings]:
        """The tasks that anything was run on."""
        return {name: task for name, task in self.tasks.items() if (self.tables.final["task"] == name).any()}


def views(study: Study) -> list[View]:
    """The views after the summary."""
    made = court(study), learning(study), ladder(study), rules(study), gradients(study), cost(study), data(study), cards(study)
    return [view for view in made if view.parts]


def court(study: Study) -> View:
    """Whether the gradient is right, of which parameter, and what is missing."""
    verdicts = study.tables.verdicts
    networks = [
        Group(f"court-{depth}", layers(depth), [matrix(verdicts, depth)]) for depth in verdicts["depth"].unique().tolist()
    ]
    return View(
        "court",
        "Court",
        "Is the gradient right?",
        [
            *study.claimed("court"),
            Tabs("Recurrent layers", networks),
            "Exact is equal to rounding; on average, the mean over draws is; a number is the median cosine to the exact gradient"
            " of one that is wrong. W0 and b0 lead into the first recurrent layer, R1 is its recurrence, W1 and b1 lead to the"
            " next layer or to the output. Tried on random networks of the trial's own, not on those of the tasks.",
            *(Formula(*formula) for formula in formulas()),
            "The exact gradient of this trial was itself held against TensorFlow's automatic differentiation: the relative"
            f" error is at most {number(study.tables.oracle_error)} for any parameter.",
            Fold("Every rule's verdict, with errors and cosines", [tabulated.verdicts(study.tables.verdicts)]),
        ],
    )


def learning(study: Study) -> View:
    """Who learns what, over time and at the end."""
    groups = []
    for name, task in study.run_on().items():
        tables = study.tables
        tests: list[Part] = [tabulated.against_posted(tables, playing(Role.POSTED, tables.variants, name), task)]
        if name in study.targets:
            tests.append(tabulated.to_target(tables.to_target, tables.cost, task, study.targets[name]))
        folds: dict[str, list[Part]] = {
            "Where every run ended": study.drawn(f"{name}/endings"),
            "The end of training in numbers": [tabulated.outcome(tables.final, task, study.targets.get(name))],
            "Tests against the posted one, and when the target is met": tests,
            "Error by position and through the cycle": study.drawn(f"{name}/by_position", f"{name}/cycle"),
        }
        groups.append(
            Group(
                f"task-{name}",
                name,
                [
                    *study.claimed(f"task-{name}"),
                    study.learning[name],
                    *(Fold(title, parts) for title, parts in folds.items() if parts),
                ],
            )
        )
    scores = Fold("All tasks together", [tabulated.scores(study.tables.scores)], "scores")
    return View("learning", "Learning", "Who learns it?", [Tabs("Task", groups), scores])


def ladder(study: Study) -> View:
    """Why one training wins over another: from one to the other, one change at a time."""
    groups = []
    for answer in study.answers:
        task = answer.evidence.removeprefix("ladder-")
        if answer.evidence == f"ladder-{task}":
            steps = [name for name in study.entries if name.startswith(f"{task}/ladder_")]
            parts: list[Part] = [
                answer,
                *study.drawn(*steps[:1]),
                *(Fold("The same in another order", study.drawn(name)) for name in steps[1:]),
                Fold("All numbers of the steps", [tabulated.ladder(study.tables.ladder, study.tasks[task])]),
            ]
            groups.append(Group(answer.evidence, task, parts))
    rates: list[Part] = [
        Fold(
            f"Error over the learning rate: {name}", [*study.drawn(f"{name}/rates"), tabulated.learning_rates(study.tables, task)]
        )
        for name, task in study.run_on().items()
        if (study.tables.learning_rates["task"] == name).any()
    ]
    return View("ladder", "Ladder", "From the posted recipe to Keras's", [Tabs("Task", groups), *rates] if groups else rates)


def rules(study: Study) -> View:
    """The rules of online learning beside each other, and what others found of them."""
    tables, groups = study.tables, []
    parts: list[Part] = []
    compared = [task for name, task in study.tasks.items() if (tables.online["task"] == name).any()]
    for task in compared:
        kinds = {
            "pareto": "Performance against time and memory",
            "alignment": "Alignment along the exact run",
            "noise": "Bias and variance of every rule",
        }
        folds = study.folded({f"{task.name}/rules_{kind}": title for kind, title in kinds.items()})
        numbers = Fold("All numbers", [tabulated.online(tables, task)])
        groups.append(Group(f"rules-{task.name}", task.name, [*study.drawn(f"{task.name}/rules_cosine"), numbers, *folds]))
    if groups:
        told: list[Part] = [tabulated.correlation(tables.correlation)] if len(tables.correlation) else []
        board = tabulated.leaderboard(tables, study.tasks)
        variants = dict(zip(tables.online["rule"], tables.online["variant"], strict=True))
        duel = Duel({rule: variants[rule] for rule in board.frame["rule"]}, [study.learning[task.name] for task in compared])
        parts += [board, duel, Tabs("Task", groups)]
        parts.append(Fold("In words, and beside the literature", [*study.claimed("rules"), RULES, *told, LITERATURE]))
    if len(tables.published):
        again: list[Part] = [*study.drawn(f"{STUDY}/published"), tabulated.published(tables.published)]
        parts.append(Group("published", "Somebody else's table", again))
    if len(tables.contrasts):
        parts.append(Group("contrasts", "Which of two learns better", [tabulated.contrasts(tables.contrasts)]))
    if len(tables.claims):
        others: list[Part] = [*tabulated.claimed(tables.claims), tabulated.claims(tables.claims)]
        parts.append(Fold("What others found, tried here", others, "claims"))
    return View("rules", "Rules", "The rules of online learning", parts)


def gradients(study: Study) -> View:
    """Gradients and the dynamics along training."""
    groups = []
    for name, task in study.run_on().items():
        parts: list[Part] = [
            study.gradients[name],
            Fold("Gradients at the end of training", [tabulated.endings(study.tables.gradient_statistics, task)]),
            *study.folded(
                {f"{name}/alignment": "Pairs of gradients beside each other", f"{name}/staleness": "How stale sensitivities get"}
            ),
        ]
        if len(task.kind.counted) == 1:
            parts.append(
                "Nothing is stale here: the loss is at one step of a sequence only, so the weights never move while RTRL carries"
                " its sensitivities, and its gradient is exact as it is applied."
            )
        groups.append(Group(f"gradients-{name}", name, parts))
    return View("gradients", "Gradients", "Gradients along training", [Tabs("Task", groups)])


def cost(study: Study) -> View:
    """What runs, updates, gradients and the workflow took, as far as it was measured."""
    tables = study.tables
    folds: list[Part] = [Fold("Time and memory of every run", [tabulated.cost(tables.cost)])]
    shown: list[Part] = [*study.claimed("cost"), *study.drawn(f"{STUDY}/training_time")]
    if len(tables.update_cost):
        shown += study.drawn(f"{STUDY}/updates")
        folds.append(Fold("One update, in NumPy and in Keras", [tabulated.updates(tables.update_cost)]))
    if len(tables.gradient_cost):
        growth: list[Part] = [*study.drawn(f"{STUDY}/scaling"), tabulated.exponents(tables.gradient_cost, tables.rules)]
        where = crossing(tables.gradient_cost)
        if np.isfinite(where):
            growth.append(
                f"BPTT keeps every step; RTRL on windows of {WINDOW} steps keeps those alone. At the sizes of the figure's sweep"
                f" over steps, RTRL takes less memory than BPTT beyond {number(where)} steps, where the straight lines through"
                " their memory cross."
            )
        folds.append(Fold("How one gradient grows with its size", growth))
    if len(study.jobs):
        folds.append(Fold("The workflow", [tabulated.pipeline(study.jobs)]))
    return View("cost", "Cost", "What it takes", [*shown, *folds])


def data(study: Study) -> View:
    """Whether to trust it, all of it in numbers, and how to have it again."""
    tables, provenance = study.tables, study.provenance
    everyone = [
        Group(f"variants-{name}", name, [tabulated.variants(tables, study.tasks, task, study.targets.get(name))])
        for name, task in study.run_on().items()
    ]
    fine = [check for check in study.checks if check.severity == Severity.FINE]
    doubtful = [check for check in study.checks if check.severity != Severity.FINE]
    same = [*study.claimed("lockstep"), tabulated.equivalence(tables.equivalence)]
    if f"{STUDY}/lockstep" in study.entries:
        same += [*study.drawn(f"{STUDY}/lockstep"), tabulated.lockstep(tables.lockstep)]
    return View(
        "data",
        "Data",
        "Checks and data",
        [
            Group(
                "checks", "Checks", [*study.claimed("checks"), Checks(doubtful), Fold(f"{len(fine)} are fine", [Checks(fine)])]
            ),
            Fold("Does it match Keras?", same, "lockstep"),
            Fold("All variants", [Tabs("Task", everyone)], "variants"),
            Fold("Every table as CSV", [tabulated.files(tables)], "tables"),
            Fold(
                "Provenance: commit, config, hashes, seeds, versions, BLAS kernel, threads and CPU",
                [
                    "Runs are compared only where the SHA-256 of their splits, initial weights and order of presentation are the"
                    " same; the aggregation refuses others.",
                    Code("provenance-json", origin.provenance(provenance)),
                ],
                "provenance",
            ),
            Group(
                "reproduce",
                "How to reproduce this",
                [
                    "This result again, from the root of the repository:",
                    Code("commands", origin.commands(provenance["commit"], provenance["configfiles"])),
                ],
            ),
            Group("cite", "How to cite this", [Code("bibtex", origin.bibtex(study.citation, provenance["commit"]))]),
        ],
    )


def cards(study: Study) -> View:
    """What is known of every rule and of every variant, a fold each."""
    of = [
        *rule_cards(study.tables, study.tasks),
        *variant_cards(study.tables, study.tasks, study.files, study.provenance["runs"]),
    ]
    folds = [Fold(card.anchor.replace("/", " "), [card], card.anchor) for card in of]
    return View("cards", "", "Rules and variants", folds)

"""What could make a result doubtful, looked at one by one: each check says what was found, and how grave it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.study.analysis.statistics import ENOUGH
from rnnbench.study.analysis.tables import FIRST, Tables
from rnnbench.study.figures.entry import n_of
from rnnbench.study.probes.quantities import Quantity
from rnnbench.study.report.phrases import number
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.backward import ROUNDING
from rnnbench.study.training.run import RunError, check_same_ground
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.summary import listed

MUCH = 1.01
"""Data differ by less where a last batch is not filled."""


OF_A_CPU = ("cpu", "cores")
"""What of an environment is the machine's, of which there is a check of its own."""


class Severity(StrEnum):
    """How grave it is what a check has found, the gravest first."""

    PROBLEM = "problem"
    NOTE = "note"
    FINE = "fine"


@dataclass(frozen=True)
class Check:
    """A fact that would make the result doubtful, if it were otherwise."""

    severity: Severity
    what: str
    detail: str


def checks(tables: Tables, provenance: Mapping[str, Any], tasks: Mapping[str, TaskSettings]) -> list[Check]:
    """All checks of a study, the gravest first."""
    found = [
        *missing(provenance),
        *diverged(tables),
        oracle(tables),
        *lockstep(tables),
        *backward(tables),
        *ground(provenance["runs"]),
        environment(provenance["runs"]),
        *processors(provenance),
        *code(provenance),
        *replicates(tables),
        *edges(tables),
        *unequal(tables, tasks),
        *left_out(provenance),
    ]
    return sorted(found, key=lambda check: list(Severity).index(check.severity))


def missing(provenance: Mapping[str, Any]) -> Iterator[Check]:
    """Runs that the config asks for and that are not there, and tasks that it leaves out."""
    for gone in provenance["missing"]:
        yield Check(Severity.PROBLEM, f"{gone['what']} is missing", gone["why"])
    absent = {gone["task"] for gone in provenance["missing"]}
    out = [task for task in provenance["config"]["tasks"] if task not in absent | {run["task"] for run in provenance["runs"]}]
    if out:
        yield Check(Severity.FINE, f"Nothing was run on {listed(out)}", "The config leaves all variants out there.")
    if not provenance["missing"]:
        yield Check(Severity.FINE, "All that the config asks for is there", f"Trainings: {len(provenance['runs'])}.")


def left_out(provenance: Mapping[str, Any]) -> Iterator[Check]:
    """Variants that the config leaves out of a task."""
    for task, names in provenance["config"]["leave_out"].items():
        if names:
            yield Check(Severity.NOTE, f"Left out on {task}", f"By the config, to save time: {', '.join(names)}.")


def diverged(tables: Tables) -> Iterator[Check]:
    """Replicates whose weights were no longer finite."""
    runs = tables.final.drop_duplicates(["task", "variant"])
    lost = runs[runs["diverged"] > 0]
    for _, row in lost.iterrows():
        told = f"{row['diverged']} of {row['replicates']} runs; they count as the worst value."
        yield Check(Severity.NOTE, f"{row['variant']} diverged on {row['task']}", told)
    if lost.empty:
        yield Check(Severity.FINE, "No run diverged", f"Runs: {int(runs['replicates'].sum())}.")


def oracle(tables: Tables) -> Check:
    """Whether the exact gradient of the trial is that of automatic differentiation."""
    told = f"Largest relative error of any parameter {number(tables.oracle_error)}; at most {EXACT:g} is rounding."
    what = "The exact gradient against TensorFlow's automatic differentiation"
    return Check(Severity.FINE if tables.oracle_error <= EXACT else Severity.PROBLEM, what, told)


def lockstep(tables: Tables) -> Iterator[Check]:
    """Whether NumPy and Keras agree in the first updates, in float64, and stay together after them."""
    for task, rows in tables.double_lockstep.groupby("task", sort=False):
        first = tables.first_lockstep.loc[tables.first_lockstep["task"] == task, "difference"].max(skipna=False)
        drift = rows["difference"].max(skipna=False)
        told = f"Largest difference of any weight {number(drift)} in {rows['update'].max()} updates."
        what = f"NumPy and Keras in lockstep on {task}, float64"
        if first <= EXACT < drift:
            apart = rows.loc[rows["difference"] > EXACT, "update"].min()
            told += f" In the first {FIRST} it is {number(first)}, and more than {EXACT:g} from update {apart} on: what begins as"
            yield Check(Severity.NOTE, what, f"{told} rounding grows, as it does where training is chaotic.")
        else:
            yield Check(Severity.FINE if drift <= EXACT else Severity.PROBLEM, what, told)


def backward(tables: Tables) -> Iterator[Check]:
    """Whether the backward passes that were trained with find the gradients of the rules they stand for."""
    replaced = tables.variants[tables.variants["backward"].notna()]
    for (task, rule, by), rows in replaced.groupby(["task", "gradient", "backward"], sort=False):
        along = tables.gradient_statistics.merge(rows[["task", "variant"]])
        along = along[along["quantity"] == Quantity.BACKWARD_ERROR]
        worst = np.max([rows["backward_error"].max(skipna=False), *along["high"].dropna()])
        told = (
            f"{', '.join(rows['variant'])}: weights stand still within a sequence, and {by} finds the gradient of {rule} in less"
            f" time. Largest relative difference of any parameter's gradient at the same weights, in float64, {number(worst)}: at"
            f" the first {rows['backward_updates'].max()} updates, and at {along['updates'].nunique()} points of the runs."
        )
        severity = Severity.FINE if worst <= ROUNDING else Severity.PROBLEM
        yield Check(severity, f"On {task}, {rule} was trained by a backward pass", told)


def ground(runs: list[dict[str, Any]]) -> Iterator[Check]:
    """Whether runs that are compared had the same splits, initial weights and order."""
    try:
        check_same_ground(runs)
    except RunError as error:
        yield Check(Severity.PROBLEM, "Runs were not made on the same ground", str(error))
        return
    for task in dict.fromkeys(run["task"] for run in runs):
        hashes = [run["hashes"] for run in runs if run["task"] == task]
        told = ", ".join(f"{part} {value[:12]}…" for part, value in hashes[0].items())
        yield Check(Severity.FINE, f"Runs on {task}, {len(hashes)}, were made on the same ground", f"SHA-256: {told}.")


def environment(runs: list[dict[str, Any]]) -> Check:
    """Whether all runs were made by the same versions."""
    kinds = [of for run in runs for of in environments(run)]
    apart = [key for key in kinds[0] if key not in OF_A_CPU and any(kind.get(key) != kinds[0][key] for kind in kinds)]
    if apart:
        return Check(Severity.NOTE, "Runs were made in different environments", f"They differ in {', '.join(apart)}.")
    told = f"Python {kinds[0]['python']}, NumPy {kinds[0]['packages']['numpy']}."
    return Check(Severity.FINE, "All runs were made in the same environment", told)


def environments(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """That of a run, or those of its blocks."""
    found: list[Mapping[str, Any]] = run.get("environments", [run["environment"]])
    return found


def processors(provenance: Mapping[str, Any]) -> Iterator[Check]:
    """Whether runs that are compared, and the times, are of one kind of CPU: another gives other bits, and other times."""
    cpus: set[str] = set()
    for task in dict.fromkeys(run["task"] for run in provenance["runs"]):
        by_cpu: dict[str, list[str]] = {}
        for run in (run for run in provenance["runs"] if run["task"] == task):
            for cpu in dict.fromkeys(of["cpu"] for of in environments(run)):
                by_cpu.setdefault(cpu, []).append(run["variant"])
        cpus |= set(by_cpu)
        if len(by_cpu) > 1:
            told = "; ".join(f"{cpu}: {', '.join(names)}" for cpu, names in by_cpu.items())
            why = (
                f"{told}. Bits differ between kinds, and times cannot be compared: docs/cluster.md says how to ask for one kind."
            )
            yield Check(Severity.NOTE, f"Runs on {task} were made on different kinds of CPU", why)
    if len(cpus) == 1:
        yield Check(Severity.FINE, "All runs were made on one kind of CPU", f"{next(iter(cpus))}.")
    measured = provenance["measured_on"]
    if measured:
        same = measured["cpu"] in cpus
        told = f"Node {measured['node']}, {measured['cpu']}."
        what = "Times of gradients and updates were measured" + ("" if same else " on another kind of CPU than the runs")
        yield Check(Severity.FINE if same else Severity.NOTE, what, told)


def code(provenance: Mapping[str, Any]) -> Iterator[Check]:
    """Whether the code is one that others can have."""
    commit = provenance["commit"]
    if commit == "unknown":
        yield Check(Severity.NOTE, "The code is not of a known commit", "It was not in a git checkout.")
    elif commit.endswith("+"):
        yield Check(Severity.NOTE, "Files were changed or added since the commit", commit.rstrip("+"))
    else:
        yield Check(Severity.FINE, "The code is that of a commit", commit)


def replicates(tables: Tables) -> Iterator[Check]:
    """Whether intervals can be trusted."""
    few = tables.final[tables.final["replicates"] < ENOUGH].drop_duplicates(["task", "variant"])
    for name, own in few.groupby("task", sort=False):
        told = f"{n_of(own['replicates'])} of {len(own)} variants; bootstrap intervals of fewer than {ENOUGH} are too narrow."
        yield Check(Severity.NOTE, f"Few runs on {name}", told)


def edges(tables: Tables) -> Iterator[Check]:
    """Whether the learning rates that were chosen lie within the grid."""
    best = tables.learning_rates[tables.learning_rates["chosen"] == 1]
    for task, own in best[best["edge"] == 1].groupby("task", sort=False):
        told = ", ".join(f"{variant} ({rate:g})" for variant, rate in zip(own["variant"], own["learning_rate"], strict=True))
        yield Check(Severity.NOTE, f"Learning rates at the edge of the grid on {task}", f"A better one may lie beyond: {told}.")
    if len(best) and not best["edge"].any():
        yield Check(Severity.FINE, "Every learning rate that was chosen lies within its grid", f"Variants: {len(best)}.")


def unequal(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Iterator[Check]:
    """Whether variants that are held against each other have seen as much data."""
    seen = tables.cost.set_index(["task", "variant"])["examples"]
    pairs = {
        (str(row["task"]), frozenset((row["variant"], row["reference"])))
        for table in (tables.comparisons, tables.equivalence)
        for _, row in table.iterrows()
    }
    for (task, _), rungs in tables.ladder[tables.ladder["replicates"] > 0].groupby(["task", "ladder"], sort=False):
        pairs |= {(str(task), frozenset(pair)) for pair in pairwise(rungs["variant"])}
    for name in dict.fromkeys(seen.index.get_level_values("task")):
        of_task = {pair: seen[name].reindex(list(pair)) for task, pair in pairs if task == name}
        found = [own for own in of_task.values() if own.max() > MUCH * own.min()]
        apart = dict(sorted(pd.concat(found).items(), key=lambda item: (item[1], item[0]))) if found else {}
        if apart:
            told = ", ".join(f"{variant} {count:,.0f}" for variant, count in apart.items())
            unit = tasks[name].kind.unit
            yield Check(Severity.NOTE, f"Some comparisons on {name} are at unequal data", f"{unit.capitalize()} seen: {told}.")
        elif of_task:
            yield Check(Severity.FINE, f"All comparisons on {name} are at equal data", f"To {MUCH - 1:.0%}.")

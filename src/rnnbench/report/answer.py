"""The first screen of the report: sentences whose every number comes from a table, each with the section that shows it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables
from rnnbench.tasks import Metric
from rnnbench.trial.exactness import EXACT, layers


class Claim(NamedTuple):
    """question, then the answer in a word or two, then the sentence, then the anchor of its evidence."""

    question: str
    verdict: str
    sentence: str
    evidence: str


def claims(tables: Tables, tasks: Mapping[str, TaskSettings], targets: Mapping[str, float]) -> list[Claim]:
    """What the study says, in the order in which the question was asked."""
    found = [derivation(tables.exactness)]
    for name, task in tasks.items():
        found.append(learning(tables.final, name, task.kind.metrics[0], targets.get(name)))
    found += list(agreement(tables, tasks))
    found += list(cost(tables.cost))
    return found


def number(value: float) -> str:
    """Three significant digits, without an exponent where it can be read without."""
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def derivation(exactness: pd.DataFrame) -> Claim:
    """Is the posted derivation right, and for which parameters? Is it wrong as one-step truncation is?"""
    worst = exactness.groupby(["rule", "depth", "parameter"], sort=False)["relative_error"].max()
    posted = worst["posted"]
    parts = []
    for depth in posted.index.unique("depth"):
        errors = posted[depth]
        right, wrong = errors[errors <= EXACT], errors[~(errors <= EXACT)]
        if wrong.empty:
            parts.append(f"With {layers(depth)} it is exact for every parameter.")
            continue
        named = listed([f"{p} (relative error {number(e)})" for p, e in wrong.items()] if depth == 1 else list(wrong.index))
        exact = f"exact for {listed(list(right.index))} and " if len(right) else ""
        parts.append(f"With {layers(depth)} it is {exact}wrong for {named}.")
        if depth == 1 and "elman" in worst and np.allclose(worst["elman"][depth][wrong.index], wrong, rtol=1e-6):
            parts.append(
                f"In {listed(list(wrong.index))} it errs just as one-step truncation does, which has no path through earlier"
                " states: those are missing."
            )
    exact = posted <= EXACT
    verdict = "Yes" if exact.all() else "In part" if exact.any() else "No"
    return Claim("Is the derivation right?", verdict, " ".join(parts), "gradient")


def learning(final: pd.DataFrame, task: str, metric: Metric, target: float | None) -> Claim:
    """Who learns the task?"""
    rows = final[(final["task"] == task) & (final["metric"] == metric.name)]
    rows = rows.sort_values("iqm", ascending=not metric.higher_is_better)
    question = f"Who learns {task}?"
    if rows.empty:
        return Claim(question, "Not run", f"No variant was run on {task}.", "answer")

    def told(row: pd.Series) -> str:
        interval = f" [{number(row['low'])}, {number(row['high'])}]" if pd.notna(row["low"]) else ""
        solved = f", {row['solved']} of {row['replicates']} replicates learn it" if pd.notna(row["solved"]) else ""
        diverged = f", {row['diverged']} diverged" if row["diverged"] else ""
        return f"{row['variant']} {number(row['iqm'])}{interval}{solved}{diverged}"

    told_of = {
        "numpy-posted": "the posted derivation",
        "numpy-rtrl-online": "the same recipe with the exact recursion for every parameter",
        "numpy-mlp": "without memory",
    }
    parts = [f"{words}, {told(row)}" for v, words in told_of.items() for _, row in rows[rows["variant"] == v].iterrows()]
    parts.append(f"best of all recipes, {told(rows.iloc[0])}")
    sentence = f"On test data, {metric.label}: {'; '.join(parts)}"
    if target is None:
        return Claim(question, rows.iloc[0]["variant"], sentence + ".", f"task-{task}")
    learners = rows[rows["solved"] * 2 > rows["replicates"]]["variant"].tolist()
    bound = "at least" if metric.higher_is_better else "at most"
    sentence += f". A replicate learns it with {bound} {number(target)}."
    if not learners:
        return Claim(question, "None in most replicates", sentence, f"task-{task}")
    return Claim(
        question,
        f"{len(learners)} of {len(rows)} variants",
        f"In most replicates: {', '.join(learners)}. {sentence}",
        f"task-{task}",
    )


def agreement(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Iterator[Claim]:
    """Does NumPy match Keras, from the same weights on the same batches?"""
    question = "Does it match Keras?"
    double = tables.lockstep[tables.lockstep["dtype"] == "float64"]
    drift, updates = double["difference"].max(skipna=False), double["update"].max()
    sentence = (
        f"Side by side in float64, on the same batches from the same weights, no weight differs by more than {number(drift)} at"
        f" any of {updates} updates."
    )
    for name, task in tasks.items():
        metric = task.kind.metrics[0]
        rows = tables.final[(tables.final["task"] == name) & (tables.final["metric"] == metric.name)].set_index("variant")
        if {"numpy-bptt", "keras"} <= set(rows.index):
            ours, theirs = rows["iqm"]["numpy-bptt"], rows["iqm"]["keras"]
            sentence += f" After whole trainings on {name}, {metric.label}: numpy-bptt {number(ours)}, keras {number(theirs)}."
    yield Claim(question, "Yes" if drift <= EXACT else "No", sentence, "lockstep")


def cost(table: pd.DataFrame) -> Iterator[Claim]:
    """What does an update take, against the Keras twin?"""
    parts, ratios = [], []
    for task, rows in table.groupby("task", sort=False):
        times = rows.set_index("variant")["microseconds_per_update"]
        if {"numpy-bptt", "keras"} <= set(times.index):
            ratio = times["keras"] / times["numpy-bptt"]
            ratios.append(ratio)
            parts.append(
                f"On {task} an update took {number(times['numpy-bptt'])} µs a replicate in numpy-bptt, which trains all"
                f" replicates together, and {number(times['keras'])} µs in keras, which trains one after the other:"
                f" {number(ratio)} times as long."
            )
        if {"numpy-rtrl", "numpy-bptt"} <= set(times.index):
            parts.append(f"Exact RTRL took {number(times['numpy-rtrl'] / times['numpy-bptt'])} times as long as BPTT.")
    if parts:
        verdict = f"Keras / NumPy: {' and '.join(f'{number(r)}x' for r in ratios)}" if ratios else "See the table"
        yield Claim("What does it cost?", verdict, " ".join(parts), "cost")

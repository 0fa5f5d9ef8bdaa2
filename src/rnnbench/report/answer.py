"""The first screen of the report: sentences whose every number comes from a table, each with the section that shows it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from rnnbench.cost.names import ALONE, DEFAULT, KERAS, OURS
from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables
from rnnbench.tasks import Metric
from rnnbench.trial.cases import layers
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.verdict import ONE_LAYER
from rnnbench.trial.words import listed


class Claim(NamedTuple):
    """question, then the answer in a word or two, then the sentence, then the anchor of its evidence."""

    question: str
    verdict: str
    sentence: str
    evidence: str


def claims(tables: Tables, tasks: Mapping[str, TaskSettings], targets: Mapping[str, float]) -> list[Claim]:
    """What the study says, in the order in which the question was asked."""
    found = [derivation(tables.verdicts)]
    for name, task in tasks.items():
        found.append(learning(tables.final, name, task.kind.metrics[0], targets.get(name)))
    for name, task in tasks.items():
        found += list(why(tables, name, task.kind.metrics[0]))
    found += list(agreement(tables, tasks))
    found += list(cost(tables.cost, tables.update_cost))
    return found


def number(value: float) -> str:
    """Three significant digits, without an exponent where it can be read without."""
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"


def measured(value: float, low: float, high: float) -> str:
    """A value with its interval, where it has one."""
    return number(value) + (f" [{number(low)}, {number(high)}]" if pd.notna(low) else "")


def derivation(verdicts: pd.DataFrame) -> Claim:
    """Is the posted derivation right, for which parameters, and what is wrong with the others?"""
    posted = verdicts[verdicts["rule"] == "posted"]
    right = posted["verdict"] == "exact"
    parts = []
    for depth, rows in posted.groupby("depth", sort=False):
        exact, wrong = rows[rows["verdict"] == "exact"], rows[rows["verdict"] != "exact"]
        if wrong.empty:
            parts.append(f"With {layers(int(str(depth)))} it is exact for every parameter.")
            continue
        kept = f"exact for {listed(list(exact['parameter']))} and " if len(exact) else ""
        errors = f"{number(wrong['error_median'].min())} to {number(wrong['error_median'].max())}"
        parts.append(
            f"With {layers(int(str(depth)))} it is {kept}wrong for {listed(list(wrong['parameter']))} (median relative error"
            f" {errors} over random networks)."
        )
        if depth == posted["depth"].min():
            for diagnosis, of in wrong.groupby("diagnosis", sort=False):
                parts.append(f"In {listed(list(of['parameter']))}: {diagnosis}.")
    above = posted[~right & (posted["depth"] > posted["depth"].min()) & (posted["verdict"] == ONE_LAYER)]
    for diagnosis, of in above.groupby("diagnosis", sort=False):
        parts.append(f"With more layers, in {listed(list(of['parameter'].unique()))}: {diagnosis}.")
    verdict = "Yes" if right.all() else "In part" if right.any() else "No"
    return Claim("Is the derivation right?", verdict, " ".join(parts), "gradient")


def learning(final: pd.DataFrame, task: str, metric: Metric, target: float | None) -> Claim:
    """Who learns the task?"""
    rows = final[(final["task"] == task) & (final["metric"] == metric.name)]
    rows = rows.sort_values("iqm", ascending=not metric.higher_is_better)
    question = f"Who learns {task}?"
    if rows.empty:
        return Claim(question, "Not run", f"No variant was run on {task}.", "answer")

    def told(row: pd.Series) -> str:
        solved = f", {row['solved']} of {row['replicates']} replicates learn it" if pd.notna(row["solved"]) else ""
        diverged = f", {row['diverged']} diverged" if row["diverged"] else ""
        return f"{row['variant']} {measured(row['iqm'], row['low'], row['high'])}{solved}{diverged}"

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


def why(tables: Tables, task: str, metric: Metric) -> Iterator[Claim]:
    """Why does Keras win, if it does? The steps of the task's ladders, by what is shown of each."""
    rungs = tables.ladder[tables.ladder["task"] == task]
    if rungs.empty:
        return
    first = rungs[rungs["ladder"] == rungs["ladder"].iloc[0]]
    bottom, top = first.iloc[0], first.iloc[-1]
    who = "Keras" if "keras" in top["variant"] else top["variant"]
    against = tables.comparisons[(tables.comparisons["task"] == task) & (tables.comparisons["variant"] == top["variant"])]
    against = against[against["reference"] == bottom["variant"]]
    steps = " ".join(_steps(str(title), part) for title, part in rungs.groupby("ladder", sort=False))
    if against.empty:
        verdict = "Not compared" if top["replicates"] and bottom["replicates"] else "Not run"
        yield Claim(f"Does {who} win on {task}?", verdict, steps, f"ladder-{task}")
        return
    row, wanted = against.iloc[0], "higher" if metric.higher_is_better else "lower"
    sentence = (
        f"On test data {top['variant']} differs from {bottom['variant']} by"
        f" {measured(row['difference'], row['low'], row['high'])} in {metric.label} ({wanted} is better; paired mean difference"
        f" over {row['replicates']} replicates): {row['better']}. {steps}"
    )
    if row["better"] == "better":
        helping = first.loc[first["better"] == "better", "change"].tolist()
        yield Claim(
            f"Why does {who} win on {task}?", listed(helping or ["No single step is shown to help"]), sentence, f"ladder-{task}"
        )
        return
    verdict = {"worse": "No, it does worse", "the same": "No, it ends the same"}.get(row["better"], "Not shown")
    yield Claim(f"Does {who} win on {task}?", verdict, sentence, f"ladder-{task}")


def _steps(title: str, rungs: pd.DataFrame) -> str:
    """One ladder in a sentence: which changes make it better, which worse, which are not shown to do either."""
    parts = []
    for word in ("better", "worse", "the same", "not shown"):
        told = []
        for _, row in rungs[rungs["better"] == word].iterrows():
            by = measured(row["difference"], row["difference_low"], row["difference_high"])
            told.append(row["change"] if word == "the same" else f"{row['change']} ({by})")
        if told:
            parts.append(f"{word}: {', '.join(told)}")
    missing = rungs.loc[rungs["replicates"] == 0, "variant"].tolist()
    if missing:
        parts.append(f"not run, so that the steps beside them are not measured: {listed(missing)}")
    return f"Step by step ({title}), {'; '.join(parts)}."


def agreement(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Iterator[Claim]:
    """Does NumPy match Keras, update by update and after whole trainings, from the same weights on the same batches?"""
    question = "Does it match Keras?"
    double = tables.lockstep[tables.lockstep["dtype"] == "float64"]
    if double.empty:
        yield Claim(question, "Not compared", "No task of this study can be run in Keras.", "lockstep")
        return
    drift, updates = double["difference"].max(skipna=False), double["update"].max()
    sentence = (
        f"Side by side in float64, on the same batches from the same weights, no weight differs by more than {number(drift)} at"
        f" any of {updates} updates."
    )
    whole = tables.equivalence[(tables.equivalence["variant"] == "numpy-bptt") & (tables.equivalence["reference"] == "keras")]
    for _, row in whole.iterrows():
        label = tasks[row["task"]].kind.metrics[0].label
        tested = "" if pd.isna(row["p"]) else f" (two one-sided tests, p = {number(row['p'])})"
        level = row["level"]
        if row["low"] == row["high"]:
            tested = " (the same in every replicate)"
        sentence += (
            f" After whole trainings on {row['task']}, numpy-bptt differs from keras by"
            f" {measured(row['difference'], row['low'], row['high'])} in {label}, paired over {row['replicates']} replicates"
            f"{f' ({level:.0%} interval)' if pd.notna(row['low']) else ''}; within {number(row['margin'])} they"
            f" count as equivalent{tested}: {row['verdict']}."
        )
    if whole.empty:
        sentence += " Whole trainings were not held against each other."
    if not drift <= EXACT or "different" in set(whole["verdict"]):
        verdict = "No"
    elif len(whole) and (whole["verdict"] == "equivalent").all():
        verdict = "Yes"
    else:
        undecided = whole.loc[whole["verdict"] != "equivalent", "task"].tolist()
        verdict = f"Update by update, yes; whole trainings {f'not shown on {listed(undecided)}' if undecided else 'not compared'}"
    yield Claim(question, verdict, sentence, "lockstep")


def cost(table: pd.DataFrame, updates: pd.DataFrame) -> Iterator[Claim]:
    """What does an update take, against Keras at its fastest, where that was measured, else as it trained?"""
    parts, ratios = [], []
    for task, rows in table.groupby("task", sort=False):
        times = rows.set_index("variant")["microseconds_per_update"]
        measured = updates[updates["task"] == task].set_index("who")["seconds"] * 1e6
        keras = measured[measured.index.str.startswith(KERAS)]
        if OURS in measured.index and len(keras):
            ours, alone = measured[OURS], measured.get(ALONE)
            ratios.append(keras.min() / ours)
            parts.append(
                f"On {task} an update takes {number(ours)} µs a replicate in NumPy, which trains all replicates together"
                + (f" ({number(alone)} µs if it trains one)" if alone is not None else "")
                + f", and {number(keras.min())} µs in Keras at its fastest ({str(keras.idxmin()).removeprefix(KERAS)}), which"
                f" trains one: {number(ratios[-1])} times as long"
                + (f" (as it is by default, {number(keras[DEFAULT] / ours)} times)." if DEFAULT in keras.index else ".")
            )
        elif {"numpy-bptt", "keras"} <= set(times.index):
            ratios.append(times["keras"] / times["numpy-bptt"])
            parts.append(
                f"On {task} an update took {number(times['numpy-bptt'])} µs a replicate in numpy-bptt, which trains all"
                f" replicates together, and {number(times['keras'])} µs in keras, which trains one after the other:"
                f" {number(ratios[-1])} times as long."
            )
        if {"numpy-rtrl", "numpy-bptt"} <= set(times.index):
            parts.append(f"Exact RTRL took {number(times['numpy-rtrl'] / times['numpy-bptt'])} times as long as BPTT.")
    if parts:
        verdict = f"Keras / NumPy: {' and '.join(f'{number(r)}x' for r in ratios)}" if ratios else "See the table"
        yield Claim("What does it cost?", verdict, " ".join(parts), "cost")

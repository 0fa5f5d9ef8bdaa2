"""What the tables say to each question, in full; every number comes from a table of the view that the answer opens."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from rnnbench.gradients.base import Claim
from rnnbench.study.analysis.outcomes import Change, Closeness
from rnnbench.study.analysis.tables import FIRST, Tables
from rnnbench.study.cost.names import ALONE, DEFAULT, KERAS, OURS
from rnnbench.study.report.phrases import measured, number
from rnnbench.study.roles import Role, playing, twin
from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks import Metric
from rnnbench.trial.cases import layers
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.summary import listed

SAME_RECIPE = {
    Role.POSTED: "as posted",
    Role.EXACT: "the exact gradient in the same recipe",
    Role.NO_MEMORY: "without memory",
}
"""Variants of one recipe, in words."""


class Answer(NamedTuple):
    """question, then the answer in a word or two, and all of it for the place with that anchor."""

    question: str
    verdict: str
    detail: str
    evidence: str


def answers(tables: Tables, tasks: Mapping[str, TaskSettings], targets: Mapping[str, float]) -> list[Answer]:
    """What the study says, in the order in which the question was asked."""
    found = [derivation(tables.verdicts)]
    for name, task in tasks.items():
        found.append(learning(tables.final, tables.variants, name, task.kind.metrics[0], targets.get(name)))
    for name, task in tasks.items():
        found += list(why(tables, name, task.kind.metrics[0]))
    found += list(online(tables, tasks))
    found += list(agreement(tables, tasks))
    found += list(cost(tables.cost, tables.update_cost, tables.variants))
    return found


def derivation(verdicts: pd.DataFrame) -> Answer:
    """Is the posted derivation right, for which parameters, and what is wrong with the others?"""
    posted = verdicts[verdicts["rule"] == "posted"]
    right = posted["verdict"] == Outcome.EXACT
    parts = []
    for depth, rows in posted.groupby("depth", sort=False):
        within = f"With {layers(int(str(depth)))}"
        exact, wrong = rows[rows["verdict"] == Outcome.EXACT], rows[rows["verdict"] != Outcome.EXACT]
        if wrong.empty:
            parts.append(f"{within} it is exact for every parameter.")
            continue
        kept = f"exact for {listed(list(exact['parameter']))} and " if len(exact) else ""
        errors = f"{number(wrong['error_median'].min())} to {number(wrong['error_median'].max())}"
        found = f"{within} it is {kept}wrong for {listed(list(wrong['parameter']))} (median relative error"
        parts.append(f"{found} {errors} over random networks).")
        if depth == posted["depth"].min():
            parts += [f"In {listed(list(of['parameter']))}: {said}." for said, of in wrong.groupby("diagnosis", sort=False)]
    above = posted[~right & (posted["depth"] > posted["depth"].min()) & (posted["verdict"] == Outcome.ONE_LAYER)]
    for diagnosis, of in above.groupby("diagnosis", sort=False):
        parts.append(f"With more layers, in {listed(list(of['parameter'].unique()))}: {diagnosis}.")
    verdict = "Yes" if right.all() else "In part" if right.any() else "No"
    return Answer("Is the derivation right?", verdict, " ".join(parts), "court")


def learning(final: pd.DataFrame, variants: pd.DataFrame, task: str, metric: Metric, target: float | None) -> Answer:
    """Does the posted derivation learn the task, and who does? Where it was not run: is the task learnt at all?"""
    rows = final[(final["task"] == task) & (final["metric"] == metric.name)]
    rows = rows.sort_values("iqm", ascending=not metric.higher_is_better)
    question = f"Does it learn {task}?"
    if rows.empty:
        words = f"No variant was run on {task}."
        return Answer(question, "Not run", words, "checks")

    def told(row: pd.Series) -> str:
        solved = f", {row['solved']} of {row['replicates']} learn it" if pd.notna(row["solved"]) else ""
        diverged = f", {row['diverged']} diverged" if row["diverged"] else ""
        return measured(row["iqm"], row["low"], row["high"]) + solved + diverged

    by_name = {str(row["variant"]): row for _, row in rows.iterrows()}
    by_role = {role: by_name[name] for role in SAME_RECIPE if (name := playing(role, variants, task)) in by_name}
    posted, best = by_role.get(Role.POSTED), rows.iloc[0]
    of = [(SAME_RECIPE[role], row) for role, row in by_role.items()]
    of.append((f"best of all recipes, {best['variant']}", best))
    bound = "at least" if metric.higher_is_better else "at most"
    ends = "; ".join(f"{words}, {told(row)}" for words, row in of)
    detail = f"On test data, {metric.label}: {ends}."
    if posted is None:
        question, verdict = f"Is {task} learnt?", f"The best ends at {number(best['iqm'])}"
    else:
        verdict = f"It ends at {number(posted['iqm'])}"
    if target is not None:
        detail += f" A run learns it with {bound} {number(target)}."
        learners = rows[rows["solved"] * 2 > rows["replicates"]]["variant"].tolist()
        among = f"{len(learners)} of {len(rows)} variants learn it in most runs"
        detail += f" {among}{': ' if learners else ''}{', '.join(learners)}."
        if posted is None:
            verdict = f"By {len(learners)} of {len(rows)} variants, in most runs"
        else:
            verdict = f"In {posted['solved']} of {posted['replicates']} runs"
    return Answer(question, verdict, detail, f"task-{task}")


def why(tables: Tables, task: str, metric: Metric) -> Iterator[Answer]:
    """Why does Keras win, if it does? The steps of the task's ladders, by what is shown of each."""
    rungs = tables.ladder[tables.ladder["task"] == task]
    if rungs.empty:
        return
    first = rungs[rungs["ladder"] == rungs["ladder"].iloc[0]]
    bottom, top = first.iloc[0], first.iloc[-1]
    library = tables.variants.loc[tables.variants["variant"] == top["variant"], "library"]
    who = "Keras" if "keras" in set(library) else top["variant"]
    against = tables.comparisons[(tables.comparisons["task"] == task) & (tables.comparisons["variant"] == top["variant"])]
    against = against[against["reference"] == bottom["variant"]]
    steps = " ".join(_steps(str(title), part) for title, part in rungs.groupby("ladder", sort=False))
    anchor = f"ladder-{task}"
    if against.empty:
        missing = f"{top['variant']} and {bottom['variant']} were not both run. {steps}"
        yield Answer(f"Does {who} win on {task}?", "Not run", missing, anchor)
        return
    row, wanted = against.iloc[0], "higher" if metric.higher_is_better else "lower"
    by = measured(row["difference"], row["low"], row["high"])
    detail = (
        f"On test data {top['variant']} differs from {bottom['variant']} by"
        f" {by} in {metric.label} ({wanted} is better; paired mean difference"
        f" over {row['replicates']} runs): {row['better']}. {steps}"
    )
    if row["better"] == Change.BETTER:
        helping = first.loc[first["better"] == Change.BETTER, "change"].tolist()
        verdict = f"{len(helping)} of {len(first) - 1} steps help" if helping else "No single step is shown to help"
        yield Answer(f"Why does {who} win on {task}?", verdict, detail, anchor)
        return
    verdict = {Change.WORSE: "No, it does worse", Change.SAME: "No, it ends the same"}.get(row["better"], "Not shown")
    yield Answer(f"Does {who} win on {task}?", verdict, detail, anchor)


def _steps(title: str, rungs: pd.DataFrame) -> str:
    """One ladder in a sentence: which changes make it better, which worse, which are not shown to do either."""
    parts = []
    for word in Change:
        told = []
        for _, row in rungs[rungs["better"] == word].iterrows():
            by = measured(row["difference"], row["difference_low"], row["difference_high"])
            told.append(row["change"] if word == Change.SAME else f"{row['change']} ({by})")
        if told:
            parts.append(f"{word}: {', '.join(told)}")
    missing = rungs.loc[rungs["replicates"] == 0, "variant"].tolist()
    if missing:
        parts.append(f"not run, so that the steps beside them are not measured: {listed(missing)}")
    return f"Step by step ({title}), {'; '.join(parts)}."


def online(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Iterator[Answer]:
    """Which rules of online learning do as well as the exact gradient, and does it take alignment with it?"""
    question = "Which online rules are as good as the exact one?"
    near, first, detail = [], [], []
    for name, rows in tables.online.groupby("task", sort=False):
        metric = tasks[str(name)].kind.metrics[0]
        rows = rows.sort_values("iqm", ascending=not metric.higher_is_better)
        exact, others = rows[rows["claim"] == Claim.EXACT], rows[rows["claim"] != Claim.EXACT]
        if others.empty:
            continue
        told = {row["rule"]: measured(row["iqm"], row["low"], row["high"]) for _, row in rows.iterrows()}
        best, worst = others["rule"].iloc[0], others["rule"].iloc[-1]
        ends = [(words, rule) for words, rule in [("best", best), ("worst", worst)][: len(others)]]
        first.append(f"{best} (on {name})")
        whole = [f"{words} {rule} {told[rule]}" for words, rule in ends]
        if len(exact):
            whole.insert(0, f"exact {told[exact['rule'].iloc[0]]}")
        if (others["as_good"] != Closeness.UNTESTED).any():
            groups = {
                word: others.loc[others["as_good"] == word, "rule"].tolist()
                for word in (Closeness.EQUIVALENT, Closeness.NOT_SHOWN)
            }
            near.append(f"{len(groups[Closeness.EQUIVALENT])} of {len(others)} (on {name})")
            as_good, open_yet = (listed(names) if names else "none" for names in groups.values())
            whole.append(f"as good as the exact one, within the margin: {as_good}; not shown to be or not to be: {open_yet}")
        detail.append(f"On {name}, {metric.label} at the end, of {len(others)} rules: {'; '.join(whole)}.")
        for _, row in tables.correlation[tables.correlation["task"] == name].iterrows():
            by = measured(row["rho"], row["low"], row["high"])
            found = predicts(row)
            detail.append(f"{found[0].upper()}{found[1:]} (rank correlation over {row['rules']} rules {by}).")
    if detail:
        verdict = listed(near) if len(near) == len(first) else f"The best is {listed(first)}"
        yield Answer(question, verdict, " ".join(detail), "rules")


def predicts(row: pd.Series) -> str:
    """Whether alignment predicts performance, by the interval of its rank correlation."""
    if row["low"] > 0:
        return "alignment predicts it"
    return "alignment predicts the reverse" if row["high"] < 0 else "alignment is not shown to predict it"


def agreement(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Iterator[Answer]:
    """Does NumPy match Keras, update by update and after whole trainings, from the same weights on the same batches?"""
    question = "Does it match Keras?"
    double = tables.double_lockstep
    if double.empty:
        words = "NumPy was not run beside Keras: no task of this study can be, or the checks say why it is missing."
        yield Answer(question, "Not compared", words, "lockstep")
        return
    drift, updates = double["difference"].max(skipna=False), double["update"].max()
    first = tables.first_lockstep["difference"].max(skipna=False)
    most = f"no weight differs by more than {number(drift)}" if pd.notna(drift) else "weights did not stay finite"
    detail = f"Side by side in float64, on the same batches from the same weights, {most} at any of {updates} updates"
    detail += f", and by {number(first)} in the first {FIRST}." if first <= EXACT < drift else "."
    twins = {task: twin(tables.variants, task) for task in tasks}
    whole = tables.equivalence[tables.equivalence["variant"] == tables.equivalence["task"].map(twins)]
    for _, row in whole.iterrows():
        label = tasks[row["task"]].kind.metrics[0].label
        tested = "" if pd.isna(row["p"]) else f" (two one-sided tests, p = {number(row['p'])})"
        level = row["level"]
        if row["low"] == row["high"]:
            tested = " (the same in every run)"
        by = measured(row["difference"], row["low"], row["high"])
        detail += (
            f" After whole trainings on {row['task']}, {row['variant']} differs from {row['reference']} by"
            f" {by} in {label}, paired over {row['replicates']} runs"
            f"{f' ({level:.0%} interval)' if pd.notna(row['low']) else ''}; within {number(row['margin'])} they"
            f" count as equivalent{tested}: {row['verdict']}."
        )
    if whole.empty:
        detail += " Whole trainings were not compared."
    if not first <= EXACT or Closeness.DIFFERENT in set(whole["verdict"]):
        verdict = "No"
    elif len(whole) and (whole["verdict"] == Closeness.EQUIVALENT).all():
        verdict = "Yes"
    else:
        undecided = whole.loc[whole["verdict"] != Closeness.EQUIVALENT, "task"].tolist()
        verdict = f"Update by update, yes; whole trainings {f'not shown on {listed(undecided)}' if undecided else 'not compared'}"
    yield Answer(question, verdict, detail, "lockstep")


def cost(table: pd.DataFrame, updates: pd.DataFrame, variants: pd.DataFrame) -> Iterator[Answer]:
    """What does an update take, against Keras at its fastest, where that was measured, else as it trained?"""
    parts, ratios = [], []
    for task, rows in table.groupby("task", sort=False):
        times = rows.set_index("variant")["microseconds_per_update"]
        numpy, keras_twin = twin(variants, str(task)), playing(Role.KERAS_TWIN, variants, str(task))
        own = updates[updates["task"] == task].set_index("who")
        rounds = {str(who): (1e6 * float(row["low"]), 1e6 * float(row["high"])) for who, row in own.iterrows()}
        measured = own["seconds"] * 1e6
        # The difference of a long and a short training; where it is not above zero, other work ran beside them.
        lost, measured = list(measured.index[measured <= 0]), measured[measured > 0]
        if lost:
            parts.append(f"On {task} an update of {listed(lost)} was not measured: other work ran beside it.")
        keras = measured[measured.index.str.startswith(KERAS)]
        if OURS in measured.index and len(keras):
            ours, alone = measured[OURS], measured.get(ALONE)
            fastest = str(keras.idxmin())
            theirs, how = keras.min(), f"at its fastest ({fastest.removeprefix(KERAS)})"
            parts.append(_alone_against(rounds, fastest, str(task)))
            meet = rounds[OURS][0] <= rounds[fastest][1] and rounds[fastest][0] <= rounds[OURS][1]
            parts.append(
                f"On {task} an update takes {number(ours)} µs per run in NumPy, which trains all runs together"
                + (f" ({number(alone)} µs if it trains one)" if alone is not None else "")
                + f", and {number(theirs)} µs in Keras {how}, which"
                f" trains one: {number(theirs / ours)} times as long"
                + (f" (as it is by default, {number(keras[DEFAULT] / ours)} times)." if DEFAULT in keras.index else ".")
            )
        elif numpy is not None and keras_twin is not None and {numpy, keras_twin} <= set(times.index):
            ours, theirs, meet = times[numpy], times[keras_twin], False
            parts.append(
                f"On {task} an update took {number(ours)} µs per run in {numpy}, which trains all"
                f" runs together, and {number(theirs)} µs in {keras_twin}, which trains one after the other:"
                f" {number(theirs / ours)} times as long."
            )
        else:
            continue
        ratios.append(
            f"as long, within the measurement's range (on {task})"
            if meet
            else f"{number(theirs / ours)} times as long (on {task})"
        )
        rtrl = _in_the_recipe_of(numpy, rows, variants, str(task), "rtrl")
        if numpy is not None and rtrl is not None and numpy in times.index:
            ratio = number(times[rtrl] / times[numpy])
            parts.append(f"Exact RTRL took {ratio} times as long as BPTT.")
    if ratios:
        verdict = f"Per run, Keras takes {listed(ratios)}"
        yield Answer("What does it cost?", verdict, " ".join(filter(None, parts)), "cost")


def _alone_against(rounds: Mapping[str, tuple[float, float]], fastest: str, task: str) -> str:
    """One replicate in NumPy against one in Keras, by the ranges over the rounds."""
    if ALONE not in rounds:
        return ""
    (low, high), (least, most) = rounds[ALONE], rounds[fastest]
    found = "NumPy is faster" if high < least else "Keras is faster" if most < low else "the ranges meet"
    told = f"{number(low)} to {number(high)} µs in NumPy and {number(least)} to {number(most)} µs in Keras at its fastest"
    return f"One run against one on {task}: {told} over the rounds; {found}."


def _in_the_recipe_of(variant: str | None, rows: pd.DataFrame, variants: pd.DataFrame, task: str, gradient: str) -> str | None:
    """Another variant of a task with the same recipe, unchanged, that follows this gradient in NumPy."""
    own = variants[(variants["task"] == task) & variants["variant"].isin(rows["variant"])]
    recipe = own.loc[own["variant"] == variant, "recipe"]
    found = own[
        (own["gradient"] == gradient)
        & (own["library"] == "numpy")
        & (own["change"] == "{}")
        & own["recipe"].isin(recipe)
        & own["backward"].isna()  # which takes the time of another rule
    ]
    return str(found["variant"].iloc[0]) if len(found) else None

"""Tables that hold variants against each other: against the posted one, NumPy against Keras, up the ladder, and to the target.

All in a task's first metric on test data, but `to_target`, which looks at validation data. A replicate that diverged has the
metric's worst value. Replicates of a task have the same data, and the same initial
weights unless a recipe names its own, so differences are paired.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from rnnbench.arrays import Array, Integers
from rnnbench.gradients.base import Claim
from rnnbench.study.analysis.outcomes import Change
from rnnbench.study.analysis.paired import (
    Difference,
    common,
    detectable,
    difference,
    equivalence,
    equivalence_power,
    holm,
    interval_level,
)
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.analysis.statistics import interquartile_mean_over_tasks, probability_of_improvement
from rnnbench.study.middle import complete
from rnnbench.study.roles import Role, playing
from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks import Metric
from rnnbench.study.training.run import Run

Endings: TypeAlias = Mapping[str, Mapping[str, Array]]
"""What every replicate ends with: task -> variant -> (replicate,)."""


def endings(runs: Sequence[Run], tasks: Mapping[str, TaskSettings]) -> Endings:
    """The first metric of every run's task on test data, by replicate."""
    found: dict[str, dict[str, Array]] = {}
    for run in runs:
        task, variant = run.provenance["task"], run.provenance["variant"]
        metric = tasks[task].kind.metrics[0]
        rows = run.curves[(run.curves["split"] == "test") & (run.curves["metric"] == metric.name)]
        values = rows.sort_values("replicate")["value"].to_numpy()
        found.setdefault(task, {})[variant] = complete(values, metric.worst)
    return found


def better(found: Difference, p: float, higher_is_better: bool, confidence: float) -> Change:
    """What is shown of a difference, by its (corrected) p-value."""
    if found.low == found.high:
        return Change.SAME
    if not p <= 1 - confidence:
        return Change.NOT_SHOWN
    return Change.BETTER if (found.mean > 0) == higher_is_better else Change.WORSE


def comparisons(
    ends: Endings,
    variants: pd.DataFrame,
    tasks: Mapping[str, TaskSettings],
    ladders: Mapping[str, Sequence[Mapping[str, Any]]],
    statistics: Mapping[str, Any],
    seed: int,
) -> pd.DataFrame:
    """The table `comparisons`: every variant against the posted one, with Holm's correction within a task, and the top of each
    ladder against its bottom. variants: the table of that name.
    """
    rows = []
    for name, ended in ends.items():
        metric = tasks[name].kind.metrics[0]
        sign = 1 if metric.higher_is_better else -1
        posted = playing(Role.POSTED, variants, name)
        families = {posted: [variant for variant in ended if variant != posted]} if posted else {}
        for ladder in ladders.get(name, []):
            bottom, top = (ladder["rungs"][end]["variant"] for end in (0, -1))
            family = families.setdefault(bottom, [])
            family += [top] if top not in family else []
        for reference, others in families.items():
            others = [variant for variant in others if variant in ended]
            if reference not in ended or not others:
                continue
            found = [difference(ended[variant], ended[reference], statistics["confidence"]) for variant in others]
            corrected = holm(np.array([f.p for f in found]))
            for variant, shown, p in zip(others, found, corrected, strict=True):
                pair = [sign * ended[variant]], [sign * ended[reference]]
                improved = probability_of_improvement(*pair, **statistics, seed=seed)
                word = better(shown, p, metric.higher_is_better, statistics["confidence"])
                count = len(common(ended[variant], ended[reference])[0])
                rows.append((name, variant, reference, metric.name, *shown, p, word, *improved, count))
    return pd.DataFrame(rows, columns=columns("comparisons"))


def equivalences(
    ends: Endings,
    variants: pd.DataFrame,
    rules: pd.DataFrame,
    tasks: Mapping[str, TaskSettings],
    margins: Mapping[str, float],
    confidence: float,
) -> pd.DataFrame:
    """The table `equivalence`: Keras's twin, and what follows the exact gradient in NumPy in the same recipe, unchanged.

    variants, rules: the tables of these names; a rule counts as exact where it claims to be and was tried. level: of the
    interval, 1 - 2 alpha. replicates: those of which not both diverged.
    """
    exact = set(rules.loc[(rules["claim"] == Claim.EXACT) & rules["headline"].notna(), "rule"])
    rows = []
    for name, ended in ends.items():
        reference = playing(Role.KERAS_TWIN, variants, name)
        if reference is None or name not in margins:
            continue
        own = variants[variants["task"] == name].set_index("variant")
        twins = own[(own["library"] == "numpy") & own["gradient"].isin(exact) & (own["change"] == "{}")]
        for variant in sorted(twins.index[twins["recipe"] == own.loc[reference, "recipe"]]):
            metric = tasks[name].kind.metrics[0]
            ours, theirs = common(ended[variant], ended[reference])
            counted = (ours != metric.worst) | (theirs != metric.worst)  # that both diverged does not make them alike
            found = equivalence(ours[counted], theirs[counted], margins[name], confidence)
            power = equivalence_power(ours[counted], theirs[counted], margins[name], confidence)
            interval = (found.mean, interval_level(confidence), found.low, found.high, found.p, found.verdict, power)
            rows.append((name, variant, reference, metric.name, margins[name], *interval, int(counted.sum())))
    return pd.DataFrame(rows, columns=columns("equivalence"))


def scores(
    ends: Endings, variants: pd.DataFrame, tasks: Mapping[str, TaskSettings], statistics: Mapping[str, Any], seed: int
) -> pd.DataFrame:
    """The table `scores`: every variant over all the tasks it ran on. 0 is what chance scores, 1 the best there is.

    variants: the table of that name. improvement: over the posted variant, on the tasks that both ran on; missing for itself.
    """
    normalised = {
        name: {variant: tasks[name].kind.normalised(values) for variant, values in ended.items()} for name, ended in ends.items()
    }
    posted = {name: playing(Role.POSTED, variants, name) for name in ends}
    rows = []
    for variant in dict.fromkeys(variant for ended in ends.values() for variant in ended):
        own = {name: ended[variant] for name, ended in normalised.items() if variant in ended}
        middle = interquartile_mean_over_tasks(list(own.values()), **statistics, seed=seed)
        improved: tuple[float, ...] = (np.nan, np.nan, np.nan)
        both = [(own[name], normalised[name][reference]) for name in own if (reference := posted[name]) not in (None, variant)]
        if both:
            improved = probability_of_improvement([a for a, _ in both], [b for _, b in both], **statistics, seed=seed)
        rows.append((variant, ", ".join(own), *middle, *improved))
    return pd.DataFrame(rows, columns=columns("scores"))


def to_target(runs: Sequence[Run], tasks: Mapping[str, TaskSettings], targets: Mapping[str, float]) -> pd.DataFrame:
    """When a run first meets the target on validation data, among the updates it is looked at: the table `to_target`.

    updates, passes (over the training data), seconds: medians over replicates, in which one that never meets the target takes
    infinitely long. seconds: of CPU time, a replicate's share where all train together. reached: how many ever meet it.
    """
    rows = []
    for run in runs:
        task, variant = tasks[run.provenance["task"]], run.provenance["variant"]
        if task.name not in targets:
            continue
        first, timing = _first_reached(run, task.kind.metrics[0], targets[task.name]), run.provenance["timing"]
        examples = run.curves.groupby("updates")["examples"].first()
        seconds = pd.Series(timing["seconds"], index=timing["updates"])
        medians = (
            np.median(first),
            np.median(_at(examples, first)) / task.examples_of_a_pass,
            np.median(_at(seconds, first)) / run.provenance["replicates"],
        )
        rows.append((task.name, variant, *medians, int(np.isfinite(first).sum()), len(first)))
    return pd.DataFrame(rows, columns=columns("to_target"))


def _first_reached(run: Run, metric: Metric, target: float) -> Array:
    """For each replicate the first update at which validation data meet the target, infinite where none does."""
    validation = run.curves[(run.curves["split"] == "validation") & (run.curves["metric"] == metric.name)]
    values = validation.pivot(index="replicate", columns="updates", values="value").sort_index(axis="columns")
    met = metric.meets(values.to_numpy(), target)
    return np.where(met.any(1), values.columns.to_numpy()[met.argmax(1)], np.inf)


def _at(by_update: pd.Series, updates: Array) -> Array:
    return np.array([by_update[int(u)] if np.isfinite(u) else np.inf for u in updates])


class Course(NamedTuple):
    """The first metric along a run on validation data. updates: (point,), how many had been made. values: (point, replicate)."""

    updates: Integers
    values: Array

    def after(self, updates: int) -> Array:
        """By replicate, after about so many updates: at the point next to it."""
        values: Array = self.values[np.abs(self.updates - updates).argmin()]
        return values


def courses(runs: Sequence[Run], tasks: Mapping[str, TaskSettings]) -> dict[str, dict[str, Course]]:
    """The course of every run: task -> variant."""
    found: dict[str, dict[str, Course]] = {}
    for run in runs:
        task, variant = run.provenance["task"], run.provenance["variant"]
        metric = tasks[task].kind.metrics[0]
        rows = run.curves[(run.curves["split"] == "validation") & (run.curves["metric"] == metric.name)]
        wide = rows.pivot(index="updates", columns="replicate", values="value").sort_index(axis="columns")
        found.setdefault(task, {})[variant] = Course(wide.index.to_numpy(), complete(wide.to_numpy(), metric.worst))
    return found


def ladder(
    final: pd.DataFrame,
    cost: pd.DataFrame,
    reached: pd.DataFrame,
    ends: Endings,
    along: Mapping[str, Mapping[str, Course]],
    tasks: Mapping[str, TaskSettings],
    ladders: Mapping[str, Sequence[Mapping[str, Any]]],
    confidence: float,
) -> pd.DataFrame:
    """The ladders of the config rung by rung, the first at the bottom: the table `ladder`.

    final, cost: the tables of these names; reached: to_target. along: as `courses` gives it. difference: to the rung before, with
    Holm's correction within the ladder, at the end of training, which is at equal data where both have seen as much. at_updates:
    the same at equal updates. A rung that was not run has no replicates.
    """
    parts = []
    for name, variants in ends.items():
        metric = tasks[name].kind.metrics[0]
        own = final[(final["task"] == name) & (final["metric"] == metric.name)]
        summary = own.set_index("variant")[["learning_rate", "iqm", "low", "high", "solved", "replicates"]]
        times = reached[reached["task"] == name].set_index("variant")[["passes", "reached"]]
        made = cost[cost["task"] == name].set_index("variant")[["updates", "examples"]]
        for one in ladders.get(name, []):
            rungs = pd.DataFrame(one["rungs"]).assign(task=name, ladder=one["title"], metric=metric.name)
            rungs["rung"] = np.arange(1, len(rungs) + 1)
            for table in (summary, made, times):
                rungs = rungs.join(table, on="variant")
            rungs = rungs.rename(columns={"passes": "passes_to_target"})
            names = rungs["variant"].tolist()
            pairs = [None, *(pair if set(pair) <= set(variants) else None for pair in pairwise(names))]
            at_end = [(variants[pair[1]], variants[pair[0]]) if pair else None for pair in pairs]
            least = [int(made.loc[list(pair), "updates"].min()) if pair else None for pair in pairs]
            early = [
                (along[name][pair[1]].after(updates), along[name][pair[0]].after(updates)) if pair and updates else None
                for pair, updates in zip(pairs, least, strict=True)
            ]
            steps = _steps(at_end, metric, confidence)
            tests = sum(pair is not None for pair in at_end)
            steps["detectable"] = [detectable(*pair, confidence, tests) if pair else np.nan for pair in at_end]
            again = _steps(early, metric, confidence).add_suffix("_at").drop(columns="p_holm_at")
            again.columns = ["difference_at", "difference_at_low", "difference_at_high", "better_at"]
            again["at_updates"] = pd.array(least, dtype="Int64")
            rungs = pd.concat([rungs, steps, again], axis="columns")
            rungs["replicates"] = rungs["replicates"].fillna(0).astype(int)
            parts.append(rungs[columns("ladder")])
    joined = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns("ladder"))
    return joined.astype(dict.fromkeys(("solved", "reached", "updates", "examples", "at_updates"), "Int64"))


def _steps(pairs: Sequence[tuple[Array, Array] | None], metric: Metric, confidence: float) -> pd.DataFrame:
    """The difference of each rung to the one before it, by replicate; missing where there is no pair of them."""
    found = [difference(*pair, confidence=confidence) if pair else None for pair in pairs]
    names_of = ["difference", "difference_low", "difference_high", "p"]
    table = pd.DataFrame([step or (np.nan,) * 4 for step in found], columns=names_of)
    table["p_holm"] = holm(table["p"].to_numpy())
    words = [
        step and better(step, p, metric.higher_is_better, confidence) for step, p in zip(found, table["p_holm"], strict=True)
    ]
    return table.drop(columns="p").assign(better=pd.Series(words, dtype="str"))

"""The tables of the report: from the study's own frames to rows that people read."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.gradients.base import Claim
from rnnbench.study.analysis.online import standing
from rnnbench.study.analysis.outcomes import Closeness
from rnnbench.study.analysis.specifications import SPECIFICATIONS
from rnnbench.study.analysis.statistics import ENOUGH
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.cost.exponents import exponents as fitted
from rnnbench.study.cost.names import OURS, SHORT
from rnnbench.study.figures.online import bias, variance
from rnnbench.study.jobs.pipeline import ALONE_ON_THE_MACHINE, available_cores, summary
from rnnbench.study.probes.quantities import AS_TRAINED, Quantity
from rnnbench.study.report.page import Shown, Table
from rnnbench.study.report.phrases import measured, number, supported
from rnnbench.study.settings import UNROLLED, TaskSettings
from rnnbench.trial.cases import layers
from rnnbench.trial.exactness import EXACT
from rnnbench.trial.outcome import RIGHT, Outcome


def verdicts(table: pd.DataFrame) -> Table:
    """What is right and wrong in which rule: rows with the same class and diagnosis together."""
    rows = []
    for (rule, verdict, diagnosis), of in table.fillna({"diagnosis": ""}).groupby(["rule", "verdict", "diagnosis"], sort=False):
        depths = of.groupby("depth", sort=False)["parameter"].apply(list)
        where = "; ".join(f"{', '.join(names)} with {layers(int(str(depth)))}" for depth, names in depths.items())
        rows.append(
            {
                "rule": rule,
                "verdict": verdict,
                "parameters": "all" if len(of) == (table["rule"] == rule).sum() else where,
                "what is wrong": diagnosis,
                "worst error": of["error"].max(),
                "median error": of["error_median"].median(),
                "median cosine": of["cosine_median"].median(),
                "median norm ratio": of["norm_ratio_median"].median(),
            }
        )
    return Table(
        "verdicts",
        "Verdicts",
        pd.DataFrame(rows),
        "Against the exact gradient in float64, on random networks: 1 to 3 recurrent layers, 1 to 30 steps, the loss at every"
        f" step and at the last, every activation and loss. Exact means a relative error of at most {EXACT:g} on all of them. An"
        " error can exceed 1 where the exact gradient happens to be small. For a rule of your own: rnnbench trial my_rule.py",
        ("verdict", "parameters", "what is wrong"),
    )


def outcome(final: pd.DataFrame, task: TaskSettings, target: float | None) -> Table:
    """Where every variant of a task ended, a row for each variant."""
    metric = task.kind.metrics[0]
    own = final[final["task"] == task.name]
    first = own[own["metric"] == metric.name].sort_values("iqm", ascending=not metric.higher_is_better)
    table = pd.DataFrame(
        {
            "variant": first["variant"],
            metric.label: first["iqm"],
            "from": first["low"],
            "to": first["high"],
            "learnt by": share(first["solved"], first["replicates"]),
            "diverged": first["diverged"],
        }
    )
    for other in task.kind.metrics[1:]:
        values = own[own["metric"] == other.name].set_index("variant")["iqm"]
        table[other.label] = table["variant"].map(values).astype(float)
    note = "Interquartile means over runs on test data, the first with its bootstrap interval."
    if first["replicates"].min() < ENOUGH:
        note += f" With fewer than {ENOUGH} runs the interval is too narrow; look at the dots."
    if target is not None:
        note += f" A run has learnt the task with {metric.label} {'>=' if metric.higher_is_better else '<='} {target:g}."
    seen = ", ".join(f"{name} {recipe.passes:g}" for name, recipe in task.recipes.items())
    note += f" Passes over the training data by recipe: {seen}."
    return Table(f"final-{task.name}", f"{task.name}: the end of training", table, note)


def at_the_end(statistics: pd.DataFrame, task: str) -> pd.DataFrame:
    """The rows of the last update at which each variant of a task was diagnosed."""
    own = statistics[statistics["task"] == task]
    return own[own["updates"] == own.groupby("variant")["updates"].transform("max")]


def endings(statistics: pd.DataFrame, task: TaskSettings) -> Table:
    """What the figures of gradients show at the end of training, a row for each variant."""
    last = at_the_end(statistics, task.name)

    def column(quantity: str, of: str, lag: int = 0) -> pd.Series:
        return last[(last["quantity"] == quantity) & (last["of"] == of) & (last["lag"] == lag)].set_index("variant")["median"]

    top = f"x{task.network.depth}"
    columns = {"cosine to exact, as trained": column(Quantity.COSINE, AS_TRAINED)}
    columns |= {"equal signs": column(Quantity.SIGN_AGREEMENT, AS_TRAINED)}
    columns |= {f"spectral radius of R{i}": column(Quantity.SPECTRAL_RADIUS, f"R{i}") for i in range(1, task.network.depth + 1)}
    columns |= {f"norm at lag {lag}": column(Quantity.LAG_NORM, top, lag) for lag in (0, 5, 10, 20)}
    columns |= {
        "factor per lag": column(Quantity.LAG_RATE, top),
        "Lyapunov exponent": column(Quantity.LYAPUNOV_EXPONENT, "largest"),
    }
    columns["saturated units, top layer"] = column(Quantity.SATURATED_UNITS, top)
    frame = pd.DataFrame(columns).dropna(axis="columns", how="all").rename_axis("variant").reset_index()
    caption = f"{task.name}: gradients at the end of training"
    return Table(f"gradients-{task.name}", caption, frame, "Medians over the runs that did not diverge.")


def intervals(table: pd.DataFrame, value: str, low: str, high: str, missing: str = "") -> list[Shown]:
    """Values with their intervals, a cell each."""
    rows = table[[value, low, high]].itertuples(index=False)
    return [Shown(measured(*row), *row) if pd.notna(row[0]) else Shown(missing) for row in rows]


def until(values: pd.Series) -> list[Shown]:
    """How much it took, where it ever came to it."""
    return [Shown("") if pd.isna(v) else Shown(number(v), v) if np.isfinite(v) else Shown("not reached", np.inf) for v in values]


def counts(values: pd.Series) -> list[Shown]:
    """Whole numbers, some of which may be missing."""
    return [Shown("") if pd.isna(value) else Shown(f"{value:,}", int(value)) for value in values]


def share(some: Iterable[int], of: Iterable[int]) -> list[Shown]:
    """So many of so many, ordered by the share."""
    return [Shown(f"{s:.0f} of {n:.0f}", s / n) if pd.notna(s) and n else Shown("") for s, n in zip(some, of, strict=True)]


def terms(tables: Tables, variants: pd.Series, task: TaskSettings) -> dict[str, Any]:
    """The terms on which variants of a task were trained, as columns: what a comparison of them has to be read by."""
    own = {name: getattr(tables, name) for name in ("final", "cost", "variants")}
    own = {name: table[table["task"] == task.name].drop_duplicates("variant").set_index("variant") for name, table in own.items()}
    final, cost, said = (own[name].reindex(variants) for name in ("final", "cost", "variants"))
    return {
        f"{task.kind.unit} seen": counts(cost["examples"].astype("Int64")),
        "updates": counts(cost["updates"].astype("Int64")),
        "batch": counts(said["batch"].astype("Int64")),
        "learning rate": final["learning_rate"].to_numpy(),
        "CPU s of a run": (cost["training_seconds"] / cost["replicates"]).to_numpy(),
    }


def against_posted(tables: Tables, posted: str | None, task: TaskSettings) -> Table:
    """Every variant of a task against the posted one."""
    metric, comparisons = task.kind.metrics[0], tables.comparisons
    own = comparisons[(comparisons["task"] == task.name) & (comparisons["reference"] == posted)]
    own = own.sort_values("difference", ascending=not metric.higher_is_better)
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            **terms(tables, own["variant"], task),
            f"difference in {metric.label}": intervals(own, "difference", "low", "high"),
            "p": own["p"],
            "p, Holm": own["p_holm"],
            "shown": own["better"],
            "probability of improvement": intervals(own, "improvement", "improvement_low", "improvement_high"),
        }
    )
    return Table(
        f"against-posted-{task.name}",
        f"{task.name}: every variant against {posted}",
        frame,
        "Paired mean differences over runs on test data with Student's t interval, the paired t test, and its p-value after"
        " Holm's correction over the variants, by which better and worse are decided. Every variant is listed with the data, the"
        " updates, the batch and the learning rate it was trained with. Between recipes the difference is not the"
        " gradient's alone. Probability of improvement: how often a run of the variant is better than one of"
        f" {posted}, with its bootstrap interval (Agarwal et al., 2021), too narrow below {ENOUGH} runs and near 0 and 1.",
    )


def to_target(table: pd.DataFrame, cost: pd.DataFrame, task: TaskSettings, target: float) -> Table:
    """When each variant of a task first meets the target."""
    own = table[table["task"] == task.name].sort_values("passes")
    startup = own["variant"].map(cost[cost["task"] == task.name].set_index("variant")["startup_seconds"])
    metric = task.kind.metrics[0]
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            "updates": until(own["updates"]),
            "passes": until(own["passes"]),
            "seconds": until(own["seconds"]),
            "whole job, s": until(own["seconds"] * own["replicates"] + startup),
            "reached by": share(own["reached"], own["replicates"]),
        }
    )
    return Table(
        f"to-target-{task.name}",
        f"{task.name}: until the target is first met",
        frame,
        f"Until {metric.label} on validation data is first {'>=' if metric.higher_is_better else '<='} {target:g}, among the"
        f" updates a run is looked at (about {task.points}): medians over runs, of which those that never meet it count as"
        " infinitely long; not reached by half, not reached. Passes are over the training data. Seconds are CPU time up to then"
        " divided by the runs: where all train together, a run's share. The whole job: that of all runs, and"
        " start-up (imports, data and compilation).",
    )


def ladder(table: pd.DataFrame, task: TaskSettings) -> Table:
    """The ladders of a task, from the bottom up."""
    own = table[table["task"] == task.name]
    metric = task.kind.metrics[0]
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            "change": own["change"],
            "learning rate": own["learning_rate"],
            f"{task.kind.unit} seen": counts(own["examples"]),
            "updates": counts(own["updates"]),
            metric.label: intervals(own, "iqm", "low", "high", "not run"),
            "learnt by": share(own["solved"], own["replicates"]),
            "passes to target": until(own["passes_to_target"]),
            "difference to the row above": intervals(own, "difference", "difference_low", "difference_high"),
            "p, Holm": own["p_holm"],
            "shown": own["better"].astype(object).fillna(""),
            "could be shown": own["detectable"].astype(float),
            "at equal updates": counts(own["at_updates"]),
            "difference there": intervals(own, "difference_at", "difference_at_low", "difference_at_high"),
            "shown there": own["better_at"].astype(object).fillna(""),
        }
    )
    if own["ladder"].nunique() > 1:
        frame.insert(0, "ladder", own["ladder"])
    return Table(
        f"ladder-{task.name}",
        f"{task.name}: the ladders, each from the bottom up",
        frame,
        "Each row differs from the one above it by what is said, at the learning rate that suits it. Interquartile"
        " means on test data with bootstrap intervals; paired mean differences with Student's t interval. Better and worse are"
        " decided by the paired t test after Holm's correction over the steps of a ladder; an interval is of its own difference"
        " alone. The same: equal to rounding in every run. Could be shown: the difference that nine of ten such ladders,"
        " of as many runs and this spread, would show after the correction. At equal updates: the same on validation data,"
        " when both had made as many updates as the rung that makes fewer; the one with the larger batch has seen more data.",
        ("ladder", "variant", "change"),
    )


def learning_rates(tables: Tables, task: TaskSettings) -> Table:
    """Which learning rate every variant of a task was given, and by what."""
    metric = task.kind.metrics[0]
    own = tables.learning_rates[tables.learning_rates["task"] == task.name]
    best = own[own["chosen"] == 1]
    grid = ", ".join(f"{rate:g}" for rate in sorted(own["learning_rate"].unique()))
    frame = pd.DataFrame(
        {
            "variant": best["variant"],
            "learning rate": best["learning_rate"],
            f"{metric.label} (validation)": intervals(best, "iqm", "low", "high"),
            "passes": best["passes"],
            "replicates": best["replicates"],
            "at the edge of the grid": best["edge"].map({0: "", 1: "yes"}),
            "CPU s of all rates": best["seconds"],
        }
    )
    return Table(
        f"rates-{task.name}",
        f"{task.name}: the learning rate of every variant",
        frame,
        f"Every variant was trained at each of {grid}, on runs that are not reported, and got the rate with the best"
        " interquartile mean on validation data at the end; the smallest of equal ones. At the edge: a better rate may lie"
        " beyond the grid.",
    )


def online(tables: Tables, task: TaskSettings) -> Table:
    """The rules of online learning on a task, the best first."""
    metric, table = task.kind.metrics[0], tables.online
    rates = tables.final[tables.final["task"] == task.name].drop_duplicates("variant").set_index("variant")["learning_rate"]
    own = table[table["task"] == task.name].sort_values("iqm", ascending=not metric.higher_is_better)
    off = bias(own)
    frame = pd.DataFrame(
        {
            "rule": own["rule"],
            "learning rate": own["variant"].map(rates),
            "claims to be": own["claim"],
            "time": order(own["time"]),
            "memory": order(own["memory"]),
            metric.label: intervals(own, "iqm", "low", "high"),
            "as good as exact": own["as_good"]
            .replace({Closeness.EQUIVALENT: "yes", Closeness.DIFFERENT: "no", Closeness.UNTESTED: ""})
            .mask(own["claim"] == Claim.EXACT, ""),
            "cosine to exact, on the exact run": own["cosine"].astype(float),
            "relative bias": [Shown("not above noise", 0.0) if value == 0 else value for value in off.tolist()],
            "relative variance": [Shown("none", 0.0) if value == 0 else value for value in variance(own).tolist()],
            "µs per update": own["microseconds"].astype(float),
            "memory, kB": own["bytes"].astype(float) / 1e3,
        }
    )
    units = ", ".join(map(str, task.network.hidden))
    return Table(
        f"rules-{task.name}",
        f"{task.name}: the rules of online learning, the best first",
        frame,
        "All have the recipe, the data, the initial weights and the order of presentation of the exact one (bptt), each with the"
        " learning rate that is best for it on validation data, unless the recipe names one. Interquartile means over"
        f" {own['replicates'].max()} runs on test data with bootstrap"
        " intervals. Time and memory by theory: of a step, and of what is carried to the next one, of n units that see as many"
        " inputs; rules that look back (bptt, tbptt) keep a window of activities besides. As good: within the task's margin of"
        " the exact one, by paired one-sided tests. Cosine, bias and variance: of one draw"
        " beside the exact gradient, over the later three quarters of the exact run, parameters of the recurrent layers alone"
        f" ({units} units);"
        " empty where the rule is exact, or the network another. kB: peak memory of one gradient, at the measured size nearest to"
        " this task's.",
    )


def leaderboard(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Table:
    """The rules of online learning on all tasks, the best on average first."""
    columns: dict[str, Any] = {}
    marks = {}
    rules = tables.online.drop_duplicates("rule").set_index("rule").loc[standing(tables.online, tasks).index]
    for name, task in tasks.items():
        own = tables.online[tables.online["task"] == name].set_index("rule")
        if own.empty:
            continue
        metric = task.kind.metrics[0]
        shown = own.reindex(rules.index)
        ends = shown[["iqm", "low", "high"]].itertuples(index=False)
        columns[f"{name}: {metric.label}"] = [Shown(supported(*row), *row) if pd.notna(row[0]) else Shown("") for row in ends]
        marks[f"{name}: {metric.label}"] = (task.kind.chance, metric.best)
        good = {Closeness.EQUIVALENT: "yes", Closeness.DIFFERENT: "no", Closeness.NOT_SHOWN: "not shown"}
        columns[f"{name}: as good"] = [
            "" if claim == Claim.EXACT else good.get(word, "")
            for word, claim in zip(shown["as_good"], shown["claim"], strict=True)
        ]
        columns[f"{name}: cosine"] = shown["cosine"].astype(float)
        columns[f"{name}: µs"] = shown["microseconds"].astype(float)
    frame = pd.DataFrame(
        {
            "rule": rules.index,
            "claims to be": rules["claim"],
            "time": order(rules["time"]),
            "memory": order(rules["memory"]),
            **{name: list(values) for name, values in columns.items()},
        }
    )
    return Table(
        "leaderboard",
        "The rules of online learning, the best on average first",
        frame,
        "Ordered by how far a rule gets from chance to the best there is, the mean over the tasks that it was run on. Each line"
        " goes from chance (left) to the best (right), with the interval on it. As good as the exact one:"
        " within the task's margin, by paired one-sided tests. Cosine to the exact gradient, at the weights of its run. µs: of"
        " one update of one run. Empty: not run, or the rule is exact, or its network another.",
        marks=marks,
    )


def order(exponents: pd.Series) -> list[Shown]:
    """O(n^k) for each k."""
    words = {1: "O(n)", 2: "O(n²)", 3: "O(n³)", 4: "O(n⁴)"}
    return [Shown(words.get(k, f"O(n^{k:g})"), k) if pd.notna(k) else Shown("") for k in exponents]


def correlation(table: pd.DataFrame) -> Table:
    """Whether alignment predicts performance."""
    frame = pd.DataFrame(
        {
            "task": table["task"],
            "rules": table["rules"],
            "rank correlation": intervals(table, "rho", "low", "high", "all alike"),
        }
    )
    return Table(
        "correlation",
        "Rank correlation of cosine and performance",
        frame,
        "Whether alignment predicts the end of training: Spearman's, over the rules that have a cosine, the end so oriented that"
        " more is better, with a bootstrap interval over rules. These few rules, of which several are akin, are no sample of all"
        " there may be.",
    )


def scores(table: pd.DataFrame) -> Table:
    """Every variant over all tasks."""
    own = table.sort_values("iqm", ascending=False)
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            "tasks": own["tasks"],
            "normalised score": intervals(own, "iqm", "low", "high"),
            "probability of improvement": intervals(own, "improvement", "improvement_low", "improvement_high"),
        }
    )
    return Table(
        "scores",
        "Every variant over the tasks it ran on",
        frame,
        "Scores are (value - chance) / (best - chance) of each task's first metric on test data: 0 is chance, 1 the best"
        " there is. Means over tasks of interquartile means over runs, intervals by bootstrap within each task; compare"
        " variants of the same tasks. Probability of improvement over the posted variant, averaged over tasks. Below"
        f" {ENOUGH} runs the intervals are too narrow.",
    )


def equivalence(table: pd.DataFrame) -> Table:
    """NumPy against its twin in Keras after whole trainings."""
    frame = pd.DataFrame(
        {
            "task": table["task"],
            "variants": table["variant"] + " - " + table["reference"],
            "difference": intervals(table, "difference", "low", "high"),
            "margin": table["margin"].astype(float),
            "p": table["p"].astype(float),
            "replicates": table["replicates"],
            "shown": table["verdict"],
            "chance to show it": table["power"].astype(float),
        }
    )
    level = _level(table)
    return Table(
        "equivalence",
        "The same training in NumPy and in Keras: is the difference at the end within the margin?",
        frame,
        f"Paired mean differences of each task's first metric on test data with their {level}t interval. Two one-sided paired t"
        " tests (Schuirmann, 1987): equivalent, the interval lies within the margin; different, it lies beyond it; else not"
        " shown. The chance to show it: of equivalence, if there is no difference, at this spread and so many runs.",
    )


def _level(table: pd.DataFrame) -> str:
    """That of a table's intervals, where it has any, and a space."""
    return f"{table['level'].max():.0%} " if table["level"].notna().any() else ""


TRIED = {
    Closeness.EQUIVALENT: "does as well as {reference}, within {margin:g}",
    Closeness.DIFFERENT: "does not do as {reference} does, with a difference beyond {margin:g}",
    Closeness.NOT_SHOWN: "is neither shown to do as well as {reference} within {margin:g} nor not to",
    Closeness.UNTESTED: "was not tried beside {reference}",
}


def claimed(table: pd.DataFrame) -> list[str]:
    """Each claim of others, and what is seen here on every task that it was tried on."""
    found = []
    for (claim, source), of in table.groupby(["claim", "source"], sort=False):
        said = []
        for row in of.to_dict("records"):
            seen = TRIED[row["verdict"]].format(reference=row["reference"], margin=row["margin"])
            said.append(f"On {row['task']}, {row['variant']} {seen}")
            if pd.notna(row["recovered"]):
                share = measured(row["recovered"], row["recovered_low"], row["recovered_high"])
                said[-1] += f"; it makes up {share} of the gain over {row['without']}"
        found.append(f"Claimed: {claim} ({source}.) Here: {'. '.join(said)}.")
    return found


def claims(table: pd.DataFrame) -> Table:
    """The comparisons that the claims of others are tried by."""
    frame = pd.DataFrame(
        {
            "variant": table["variant"],
            "task": table["task"],
            "as well as": table["reference"],
            "difference": intervals(table, "difference", "low", "high"),
            "margin": table["margin"].astype(float),
            "shown": table["verdict"],
            "over": table["without"].astype(object).fillna(""),
            "share of the gain": intervals(table, "recovered", "recovered_low", "recovered_high"),
            "replicates": table["replicates"],
        }
    )
    level = _level(table)
    return Table(
        "claims",
        "The comparisons that these claims are tried by",
        frame,
        f"Paired mean differences of each task's first metric on test data with their {level}t interval, and two one-sided paired"
        " t tests: equivalent, the interval lies within the task's margin; different, it lies beyond it; else not shown. Share of"
        " the gain: how much of the difference between the variant under over and the one under as well as is made up, with"
        " a bootstrap interval. The papers' tasks, networks and optimizers are others: where a claim fails here, it is"
        " bounded, not refuted.",
    )


def published(table: pd.DataFrame) -> Table:
    """Rows of others' tables, with the same here beside them."""
    frame = pd.DataFrame(
        {
            "task": table["task"],
            "variant": table["variant"],
            "published": table["published"],
            "deviation": table["published_deviation"],
            "seeds": table["seeds"],
            "here": table["mean"],
            "deviation here": table["deviation"],
            "runs": table["replicates"],
            "difference": table["difference"],
            "its standard error": table["standard_error"],
            "shown": table["verdict"],
        }
    )
    return Table(
        "published",
        "What others published, and the same here",
        frame,
        f"From: {'; '.join(dict.fromkeys(table['source']))}. The loss of training itself, each prediction made before the weights"
        " saw its target, over the last records of a training. Deviations are those of the population, as published. Agrees: the"
        " means lie within two standard errors of their difference.",
    )


def contrasts(table: pd.DataFrame) -> Table:
    """Pairs of variants beside each other in the loss of training."""
    frame = pd.DataFrame(
        {
            "question": table["question"],
            "task": table["task"],
            "variant": table["variant"],
            "beside": table["reference"],
            "ratio of losses": intervals(table, "ratio", "low", "high"),
            "p (Holm)": table["p_holm"].astype(float),
            "shown": table["better"],
            "runs": table["replicates"],
        }
    )
    return Table(
        "contrasts",
        "Pairs of variants in the loss of training",
        frame,
        "Geometric mean over runs of the ratio of the variant's loss to that of the one beside it, paired, with a t interval of"
        " the logarithms; below 1 the variant is better. Corrected by Holm's method over all rows.",
        ("question",),
    )


def lockstep(table: pd.DataFrame) -> Table:
    """Drift at its largest and after the last update."""
    grouped = table.sort_values("update").groupby(["task", "dtype", "optimizer", "learning_rate"])
    frame = grouped.agg(updates=("update", "last"), largest=("difference", "max"), last=("difference", "last")).reset_index()
    caption = "Largest difference of any weight, at any update and at the last"
    return Table("lockstep", caption, frame.rename(columns={"last": "at the last"}))


def cost(table: pd.DataFrame) -> Table:
    """Timing of every run."""
    shown = table.assign(run=table["task"] + ", " + table["variant"])
    columns = {
        "run": "run",
        "replicates": "replicates",
        "updates": "updates",
        "training_seconds": "training, CPU s",
        "startup_seconds": "start-up, CPU s",
        "microseconds_per_update": "µs per update and run",
        "peak_memory_mb": "peak memory, MB",
    }
    return Table(
        "cost",
        "Time and memory of every run",
        shown[list(columns)].rename(columns=columns),
        "CPU time, measured inside each job, one thread. Start-up is imports, data and compilation. Keras trains by"
        " fit, compiled by XLA, 25 updates per call.",
    )


def updates(table: pd.DataFrame) -> Table:
    """Time of one update, in NumPy and in ways of running Keras."""
    own = table.sort_values(["task", "seconds"])
    ranges = 1e6 * own[["low", "high"]].to_numpy()
    ours = own["task"].map(own[own["who"] == OURS].set_index("task")["seconds"])
    frame = pd.DataFrame(
        {
            "task": own["task"],
            "by": own["who"],
            "µs per update and run": 1e6 * own["seconds"],
            "range": [f"{number(low)} to {number(high)}" for low, high in ranges],
            "times rnnbench": own["seconds"] / ours,
            "runs at once": own["replicates_at_once"],
        }
    )
    return Table(
        "updates",
        "One update, in NumPy and in six ways of running Keras",
        frame,
        "Medians and ranges over rounds in which the candidates take turns, on one thread: what updates add to a training of"
        f" {SHORT} of them, so that what a training pays once is left out. By default Keras makes one update per call;"
        " several per call avoid Python between them, and weights can be looked at only after a call. Not unrolled beyond"
        f" {UNROLLED} steps and layers.",
        ("by",),
    )


def exponents(table: pd.DataFrame, rules: pd.DataFrame) -> Table:
    """How cost grows, beside the theory."""
    found = fitted(table, rules)
    quantity = found["quantity"].map({"seconds": "time", "memory_bytes": "memory"})
    frame = pd.DataFrame(
        {
            "rule": found["rule"],
            "over": found["sweep"],
            "of": quantity,
            "sizes": found["smallest"].astype(str) + " to " + found["largest"].astype(str),
            "exponent": found["exponent"],
            "between the two largest": found["at_the_end"],
            "theory": found["theory"],
        }
    )
    return Table(
        "exponents",
        "How one gradient grows: exponents of time and memory, measured and in theory",
        frame,
        "Exponents are slopes on logarithmic axes, by least squares over all sizes and between the two largest. Theory counts"
        " products and kept numbers for large sizes; the smaller the arithmetic of a call, the further time stays below it.",
    )


def pipeline(jobs: pd.DataFrame) -> Table:
    """What the workflow itself took, until this page was written."""
    cores = available_cores()
    told = summary(jobs, cores)
    path = jobs[jobs["critical"]]
    rows = {
        "jobs": f"{len(jobs)}",
        "from the start of the workflow to this page, s": number(told["elapsed"]),
        "CPU time of all jobs, s": number(told["work"]),
        "of which before the scripts' own work (Python and first imports), s": number(told["startup"]),
        "that overhead, over the rest": f"{told['overhead']:.1%}",
        f"busy share of {cores} cores": f"{told['busy']:.0%}",
        "CPU time along the critical path, s": number(told["critical"]),
        f"critical path, after {ALONE_ON_THE_MACHINE}": ", ".join(
            f"{job} {number(cpu)}" for job, cpu in zip(path["job"], path["cpu"], strict=True)
        ),
    }
    return Table(
        "workflow",
        "The workflow: how busy it kept the machine",
        pd.DataFrame({"of the jobs of this session": rows.keys(), "it took": rows.values()}),
        "From the last lines of results/logs. The critical path is the chain of jobs that wait for one another with the most CPU"
        f" time. On any number of cores these jobs take at least that long and {ALONE_ON_THE_MACHINE}, which has the machine to"
        " itself and uses one core. What the busy share leaves is the workflow's own time, and cores that wait.",
        ("it took",),
    )


def variants(tables: Tables, tasks: Mapping[str, TaskSettings], task: TaskSettings, target: float | None) -> Table:
    """Everything about every variant of a task, a row each, the best first."""
    metric, name = task.kind.metrics[0], task.name
    ends = tables.final[(tables.final["task"] == name) & (tables.final["metric"] == metric.name)]
    ends = ends.sort_values("iqm", ascending=not metric.higher_is_better).set_index("variant")
    names = list(ends.index)
    columns: dict[str, Any] = {"variant": names, "gradient's rule": [_exactness(tables, tasks, variant) for variant in names]}
    columns[metric.label] = intervals(ends, "iqm", "low", "high")
    if target is not None:
        reached = tables.to_target[tables.to_target["task"] == name].set_index("variant").reindex(names)
        columns["learnt by"] = share(ends["solved"], ends["replicates"])
        columns["passes to target"] = until(reached["passes"])
        columns["seconds to target"] = until(reached["seconds"])
    last = at_the_end(tables.gradient_statistics, name)
    cosine = last[(last["quantity"] == Quantity.COSINE) & (last["of"] == AS_TRAINED)].set_index("variant")["median"]
    columns["cosine to exact, as trained"] = cosine.reindex(names).astype(float).tolist()
    cost = tables.cost[tables.cost["task"] == name].set_index("variant").reindex(names)
    columns["µs per update"] = cost["microseconds_per_update"].astype(float).tolist()
    columns["peak memory, MB"] = cost["peak_memory_mb"].astype(float).tolist()
    columns["diverged"] = share(ends["diverged"], ends["replicates"])
    return Table(
        f"variants-{name}",
        f"Every variant on {name}",
        pd.DataFrame(columns),
        "Interquartile means over runs on test data with bootstrap intervals. Gradient's rule: the trial's verdict, with as"
        " many layers, over whole sequences with weights that stand still. Cosine as trained: to the exact gradient, of"
        " the gradient as it is applied at"
        " the end, where windows truncate it and moving weights make it stale. Passes and (CPU) seconds until validation data"
        f" meet the target{'' if target is None else f' of {target:g}'}: medians over runs. An update is of one run."
        " Memory: libraries included.",
        ("gradient's rule",),
    )


def _exactness(tables: Tables, tasks: Mapping[str, TaskSettings], variant: str) -> str:
    runs = tables.cost[tables.cost["variant"] == variant]
    run = runs.iloc[0]
    if run["library"] == "keras":
        return "exact" if tables.oracle_error <= EXACT else "not as the exact one"
    rule = tables.verdicts[tables.verdicts["rule"] == run["gradient"]]
    tried = rule[rule["depth"] == min(max(tasks[task].network.depth for task in runs["task"]), rule["depth"].max())]
    wrong = tried.loc[~tried["verdict"].isin(RIGHT), "parameter"].tolist()
    if tried.empty:
        return "not tried"
    if wrong:
        return f"wrong in {', '.join(wrong)}"
    return "exact" if (tried["verdict"] == Outcome.EXACT).all() else "unbiased"


def files(tables: Tables) -> Table:
    """The tables that are files beside the page, and what their rows are."""
    named = [(f"{name}.csv", len(table), SPECIFICATIONS[name].about) for name, table in tables.items()]
    frame = pd.DataFrame(named, columns=["file", "rows", "a row is"])
    return Table("files", "Tables in tables/, beside this page", frame, "docs/tables.md explains every column.", ("a row is",))

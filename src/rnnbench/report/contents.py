"""What stands in which section of the report, in reading order."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from rnnbench.comparisons import POSTED
from rnnbench.cost.exponents import crossing
from rnnbench.cost.exponents import exponents as fitted
from rnnbench.cost.names import OURS, SHORT, UNROLLED, WINDOW
from rnnbench.cost.pipeline import ALONE_ON_THE_MACHINE, available_cores, summary
from rnnbench.figures import STUDY
from rnnbench.figures.entry import Entry
from rnnbench.report.answer import measured, number, why
from rnnbench.report.page import Figure, Section, Table
from rnnbench.settings import TaskSettings
from rnnbench.statistics import ENOUGH
from rnnbench.tables import Tables
from rnnbench.trial.cases import layers
from rnnbench.trial.exactness import EXACT

STATISTICS = [
    *("cosine", "alignment", "rules", "norms", "movement"),
    *("lags", "jacobians", "lyapunov", "radius", "saturation", "staleness"),
]


def sections(
    tables: Tables,
    entries: Mapping[str, Entry],
    figures: Path,
    tasks: Mapping[str, TaskSettings],
    targets: Mapping[str, float],
    jobs: pd.DataFrame,
) -> list[Section]:
    """The sections after the answer. jobs: the workflow's so far, as `rnnbench.cost.pipeline.table` gives them."""

    def figure(name: str) -> Figure:
        return Figure(figures / f"{name}.svg", entries[name].alt, entries[name].caption)

    found = [
        Section(
            "gradient",
            "Is the gradient right?",
            [
                "A gradient is right or wrong parameter by parameter. W0 and b0 lead into the first recurrent layer, R1 is its"
                " recurrence, W1 and b1 lead to the next layer or to the output, and so on.",
                verdicts(tables.verdicts),
                figure(f"{STUDY}/errors"),
                *([figure(f"{STUDY}/paths")] if f"{STUDY}/paths" in entries else []),
                "The exact gradient of this trial was itself held against TensorFlow's automatic differentiation: the relative"
                f" error is at most {number(float(tables.yardstick['relative_error'].max(skipna=False)))} for any parameter.",
            ],
        )
    ]
    for name, task in tasks.items():
        if f"{name}/curve" not in entries:
            continue
        shown = [figure(f"{name}/{kind}") for kind in ("curve", "endings", "by_position", "cycle") if f"{name}/{kind}" in entries]
        tests: list[Figure | Table | str] = [against_posted(tables.comparisons, task)]
        if name in targets:
            tests.append(to_target(tables.to_target, tables.cost, task, targets[name]))
        parts = [outcome(tables.final, task, targets.get(name)), *shown, *tests]
        found.append(Section(f"task-{name}", f"Learning: {name}", parts))
        for claim in why(tables, name, task.kind.metrics[0]):
            drawn = [figure(entry) for entry in entries if entry.startswith(f"{name}/ladder_")]
            found.append(Section(claim.evidence, f"{claim.question} The ladder", [*drawn, ladder(tables.ladder, task)]))
        shown = [figure(f"{name}/{kind}") for kind in STATISTICS if f"{name}/{kind}" in entries]
        statistics: list[Figure | Table | str] = [*shown, endings(tables.gradient_statistics, task)]
        if not task.kind.counts_every_step:
            statistics.append(
                "Nothing is stale here: the loss is at the last step only, so the weights never move while RTRL carries its"
                " sensitivities, and its gradient is exact as it is applied."
            )
        found.append(Section(f"gradients-{name}", f"Gradients along training: {name}", statistics))
    whole: list[Figure | Table | str] = [equivalence(tables.equivalence)]
    if f"{STUDY}/lockstep" in entries:
        whole += [figure(f"{STUDY}/lockstep"), lockstep(tables.lockstep)]
    whole_cost: list[Figure | Table | str] = [figure(f"{STUDY}/training_time"), cost(tables.cost)]
    if f"{STUDY}/updates" in entries:
        whole_cost += [figure(f"{STUDY}/updates"), updates(tables.update_cost)]
    if f"{STUDY}/scaling" in entries:
        whole_cost += [figure(f"{STUDY}/scaling"), exponents(tables.gradient_cost)]
        where = crossing(tables.gradient_cost)
        if np.isfinite(where):
            whole_cost.append(
                f"BPTT keeps every step; RTRL on windows of {WINDOW} steps keeps those alone. At the sizes of the figure's sweep"
                f" over steps, RTRL takes less memory than BPTT beyond {number(where)} steps, where the straight lines through"
                " their memory cross."
            )
    if len(jobs):
        whole_cost.append(pipeline(jobs))
    found += [
        Section("scores", "All tasks together", [scores(tables.scores)]),
        Section("lockstep", "Does it match Keras?", whole),
        Section("cost", "What it takes", whole_cost),
    ]
    return found


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
        "Verdicts",
        pd.DataFrame(rows),
        "Against the exact gradient in float64, on random networks: 1 to 3 recurrent layers, 1 to 30 steps, the loss at every"
        f" step and at the last, every activation and loss. Exact means a relative error of at most {EXACT:g} on all of them. An"
        " error can exceed 1 where the exact gradient happens to be small. For a rule of your own: rnnbench trial my_rule.py",
        ("verdict", "parameters", "what is wrong"),
    )


def outcome(final: pd.DataFrame, task: TaskSettings, target: float | None) -> Table:
    """Where every variant of a task ended, a row a variant."""
    metric = task.kind.metrics[0]
    own = final[final["task"] == task.name]
    first = own[own["metric"] == metric.name].sort_values("iqm", ascending=not metric.higher_is_better)
    table = pd.DataFrame(
        {
            "variant": first["variant"],
            metric.label: first["iqm"],
            "from": first["low"],
            "to": first["high"],
            "learnt by": [
                f"{s} of {n}" if pd.notna(s) else "" for s, n in zip(first["solved"], first["replicates"], strict=True)
            ],
            "diverged": first["diverged"],
        }
    )
    for other in task.kind.metrics[1:]:
        values = own[own["metric"] == other.name].set_index("variant")["iqm"]
        table[other.label] = table["variant"].map(values).astype(float)
    note = "Interquartile means over replicates on test data, the first with its bootstrap interval."
    if task.replicates < ENOUGH:
        note += f" With fewer than {ENOUGH} replicates the interval is too narrow; look at the dots."
    if target is not None:
        note += f" A replicate has learnt the task with {metric.label} {'>=' if metric.higher_is_better else '<='} {target:g}."
    seen = ", ".join(f"{name} {recipe.passes:g}" for name, recipe in task.recipes.items())
    note += f" Passes over the training data by recipe: {seen}."
    return Table(f"{task.name}: the end of training", table, note)


def endings(statistics: pd.DataFrame, task: TaskSettings) -> Table:
    """What the figures of gradients show at the end of training, a row a variant."""
    own = statistics[statistics["task"] == task.name]
    last = own[own["updates"] == own.groupby("variant")["updates"].transform("max")]

    def column(quantity: str, of: str, lag: int = 0) -> pd.Series:
        return last[(last["quantity"] == quantity) & (last["of"] == of) & (last["lag"] == lag)].set_index("variant")["median"]

    top = f"x{task.network.depth}"
    columns = {"cosine to exact": column("cosine", "as trained"), "equal signs": column("sign agreement", "as trained")}
    columns |= {f"spectral radius of R{i}": column("spectral radius", f"R{i}") for i in range(1, task.network.depth + 1)}
    columns |= {f"norm at lag {lag}": column("lag norm", top, lag) for lag in (0, 5, 10, 20)}
    columns |= {"factor a lag": column("lag rate", top), "Lyapunov exponent": column("Lyapunov exponent", "largest")}
    columns["saturated units, top layer"] = column("saturated units", top)
    frame = pd.DataFrame(columns).dropna(axis="columns", how="all").rename_axis("variant").reset_index()
    return Table(f"{task.name}: gradients at the end of training", frame, "Medians over the replicates that did not diverge.")


def _intervals(table: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    return [measured(*row) if pd.notna(row[0]) else "" for row in table[[value, low, high]].itertuples(index=False)]


def _until(values: pd.Series) -> list[str]:
    return ["" if pd.isna(v) else number(v) if np.isfinite(v) else "not reached" for v in values]


def against_posted(comparisons: pd.DataFrame, task: TaskSettings) -> Table:
    """Every variant of a task against the posted one."""
    metric = task.kind.metrics[0]
    own = comparisons[(comparisons["task"] == task.name) & (comparisons["reference"] == POSTED)]
    own = own.sort_values("difference", ascending=not metric.higher_is_better)
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            f"difference in {metric.label}": _intervals(own, "difference", "low", "high"),
            "p": own["p"],
            "p, Holm": own["p_holm"],
            "shown": own["better"],
            "probability of improvement": _intervals(own, "improvement", "improvement_low", "improvement_high"),
        }
    )
    return Table(
        f"{task.name}: every variant against numpy-posted",
        frame,
        "Paired mean differences over replicates on test data with Student's t interval, the paired t test, and its p-value after"
        " Holm's correction over the variants, by which better and worse are told. Between recipes the difference is not the"
        " gradient's alone. Probability of improvement: how often a replicate of the variant is better than one of numpy-posted,"
        f" with its bootstrap interval (Agarwal et al., 2021), too narrow below {ENOUGH} replicates and near 0 and 1.",
    )


def to_target(table: pd.DataFrame, cost: pd.DataFrame, task: TaskSettings, target: float) -> Table:
    """When each variant of a task first meets the target."""
    own = table[table["task"] == task.name].sort_values("passes")
    startup = own["variant"].map(cost[cost["task"] == task.name].set_index("variant")["startup_seconds"])
    metric = task.kind.metrics[0]
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            "updates": _until(own["updates"]),
            "passes": _until(own["passes"]),
            "seconds": _until(own["seconds"]),
            "whole job, s": _until(own["seconds"] * own["replicates"] + startup),
            "reached by": [f"{r} of {n}" for r, n in zip(own["reached"], own["replicates"], strict=True)],
        }
    )
    return Table(
        f"{task.name}: until the target is first met",
        frame,
        f"Until {metric.label} on validation data is first {'>=' if metric.higher_is_better else '<='} {target:g}, among the"
        f" updates a run is looked at (about {task.points}): medians over replicates, of which those that never meet it count as"
        " infinitely long; not reached by half, not reached. Passes are over the training data. Seconds are CPU time up to then"
        " divided by the replicates: where all train together, a replicate's share. The whole job: that of all replicates, and"
        " start-up (imports, data and compilation).",
    )


def ladder(table: pd.DataFrame, task: TaskSettings) -> Table:
    """The ladders of a task, from the bottom up."""
    own = table[table["task"] == task.name]
    metric = task.kind.metrics[0]
    solved = [f"{s} of {n}" if pd.notna(s) else "" for s, n in zip(own["solved"], own["replicates"], strict=True)]
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            "change": own["change"],
            "learning rate": own["learning_rate"],
            metric.label: [value or "not run" for value in _intervals(own, "iqm", "low", "high")],
            "learnt by": solved,
            "passes to target": _until(own["passes_to_target"]),
            "difference to the row above": _intervals(own, "difference", "difference_low", "difference_high"),
            "p, Holm": own["p_holm"],
            "shown": own["better"].astype(object).fillna(""),
        }
    )
    if own["ladder"].nunique() > 1:
        frame.insert(0, "ladder", own["ladder"])
    return Table(
        f"{task.name}: the ladders, each from the bottom up",
        frame,
        "Each row differs from the one above it by what is said, at the learning rate that suits it. Interquartile"
        " means on test data with bootstrap intervals; paired mean differences with Student's t interval. Better and worse are"
        " told by the paired t test after Holm's correction over the steps of a ladder; an interval is of its own difference"
        " alone. The same: equal to rounding in every replicate.",
        ("ladder", "variant", "change"),
    )


def scores(table: pd.DataFrame) -> Table:
    """Every variant over all tasks."""
    own = table.sort_values("iqm", ascending=False)
    frame = pd.DataFrame(
        {
            "variant": own["variant"],
            "tasks": own["tasks"],
            "normalised score": _intervals(own, "iqm", "low", "high"),
            "probability of improvement": _intervals(own, "improvement", "improvement_low", "improvement_high"),
        }
    )
    return Table(
        "Every variant over the tasks it ran on",
        frame,
        "Scores are (value - chance) / (best - chance) of each task's first metric on test data: 0 is chance, 1 the best"
        " there is. Means over tasks of interquartile means over replicates, intervals by bootstrap within each task; compare"
        " variants of the same tasks. Probability of improvement over numpy-posted, averaged over tasks. Below"
        f" {ENOUGH} replicates the intervals are too narrow.",
    )


def equivalence(table: pd.DataFrame) -> Table:
    """NumPy against its twin in Keras after whole trainings."""
    frame = pd.DataFrame(
        {
            "task": table["task"],
            "variants": table["variant"] + " - " + table["reference"],
            "difference": _intervals(table, "difference", "low", "high"),
            "margin": table["margin"].astype(float),
            "p": table["p"].astype(float),
            "replicates": table["replicates"],
            "shown": table["verdict"],
        }
    )
    level = f"{table['level'].iloc[0]:.0%} " if len(table) else ""
    return Table(
        "The same training in NumPy and in Keras: is the difference at the end within the margin?",
        frame,
        f"Paired mean differences of each task's first metric on test data with their {level}t interval. Two one-sided paired t"
        " tests (Schuirmann, 1987): equivalent, the interval lies within the margin; different, it lies beyond it; else not"
        " shown.",
    )


def lockstep(table: pd.DataFrame) -> Table:
    """Drift at its largest and after the last update."""
    grouped = table.sort_values("update").groupby(["task", "dtype", "optimizer", "learning_rate"])
    frame = grouped.agg(updates=("update", "last"), largest=("difference", "max"), last=("difference", "last")).reset_index()
    return Table("Largest difference of any weight, at any update and at the last", frame.rename(columns={"last": "at the last"}))


def cost(table: pd.DataFrame) -> Table:
    """Timing of every run."""
    shown = table.assign(run=table["task"] + ", " + table["variant"])
    columns = {
        "run": "run",
        "replicates": "replicates",
        "updates": "updates",
        "training_seconds": "training, CPU s",
        "startup_seconds": "start-up, CPU s",
        "microseconds_per_update": "µs an update and replicate",
        "peak_memory_mb": "peak memory, MB",
    }
    return Table(
        "Time and memory of every run",
        shown[list(columns)].rename(columns=columns),
        "CPU time, measured inside each job, one thread. Start-up is imports, data and compilation. Keras trains by"
        " fit, compiled by XLA, 25 updates a call.",
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
            "µs an update and replicate": 1e6 * own["seconds"],
            "range": [f"{number(low)} to {number(high)}" for low, high in ranges],
            "times rnnbench": own["seconds"] / ours,
            "replicates at once": own["replicates_at_once"],
        }
    )
    return Table(
        "One update, in NumPy and in six ways of running Keras",
        frame,
        "Medians and ranges over rounds in which the candidates take turns, on one thread: what updates add to a training of"
        f" {SHORT} of them, so that what a training pays once is left out. By default Keras makes an update a call;"
        " several a call avoid Python between them, and weights can be looked at only after a call. Not unrolled beyond"
        f" {UNROLLED} steps and layers.",
        ("by",),
    )


def exponents(table: pd.DataFrame) -> Table:
    """How cost grows, beside the theory."""
    found = fitted(table)
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
        "The workflow: how busy it kept the machine",
        pd.DataFrame({"of the jobs of this session": rows.keys(), "": rows.values()}),
        "From the last lines of results/logs. The critical path is the chain of jobs that wait for one another with the most CPU"
        f" time. On any number of cores these jobs take at least that long and {ALONE_ON_THE_MACHINE}, which has the machine to"
        " itself and uses one core. What the busy share leaves is the workflow's own time, and cores that wait.",
        ("",),
    )

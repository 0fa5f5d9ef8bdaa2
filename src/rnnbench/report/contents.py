"""What stands in which section of the report, in reading order."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rnnbench.figures.catalogue import Entry
from rnnbench.report.page import Figure, Section, Table
from rnnbench.settings import TaskSettings
from rnnbench.statistics import ENOUGH
from rnnbench.tables import Tables
from rnnbench.trial.exactness import EXACT, layers


def sections(
    tables: Tables, entries: Mapping[str, Entry], figures: Path, tasks: Mapping[str, TaskSettings], targets: Mapping[str, float]
) -> list[Section]:
    """The sections after the answer."""

    def figure(name: str) -> Figure:
        return Figure(figures / f"{name}.svg", entries[name].alt, entries[name].caption)

    found = [
        Section(
            "gradient",
            "Is the gradient right?",
            [
                "A gradient is right or wrong parameter by parameter. W0 and b0 lead into the first recurrent layer, R1 is its"
                " recurrence, W1 and b1 lead to the next layer or to the output, and so on.",
                figure("exactness"),
                exactness(tables.exactness),
            ],
        )
    ]
    for name, task in tasks.items():
        if f"{name}_curve" not in entries:
            continue
        shown = [figure(f"{name}_{kind}") for kind in ("curve", "endings", "by_position") if f"{name}_{kind}" in entries]
        found.append(Section(f"task-{name}", f"Learning: {name}", [outcome(tables.final, task, targets.get(name)), *shown]))
        shown = [figure(f"{name}_{kind}") for kind in ("cosine", "rules", "norms", "lags", "radius")]
        statistics: list[Figure | Table | str] = [*shown, endings(tables.gradient_statistics, task)]
        found.append(Section(f"gradients-{name}", f"Gradients along training: {name}", statistics))
    found += [
        Section("lockstep", "NumPy beside Keras", [figure("lockstep"), lockstep(tables.lockstep)]),
        Section("cost", "What it takes", [figure("training_time"), cost(tables.cost)]),
    ]
    return found


def exactness(table: pd.DataFrame) -> Table:
    """Rule and depth by parameter, worst relative error."""
    wide = table.groupby(["rule", "depth", "parameter"], sort=False)["relative_error"].max().unstack("parameter")
    order = sorted(wide.columns, key=lambda p: (int(p[1:]) - (p[0] == "R"), "WRb".index(p[0])))
    wide = wide[order].reset_index()
    wide["rule"] = wide["rule"] + wide["depth"].map(lambda depth: f", {layers(depth)}")
    return Table(
        "Worst relative error by rule, number of recurrent layers and parameter",
        wide.drop(columns="depth"),
        f"Exact means at most {EXACT:g}.",
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
    columns = {"cosine to exact": column("cosine", "as trained")}
    columns |= {f"spectral radius of R{i}": column("spectral radius", f"R{i}") for i in range(1, task.network.depth + 1)}
    columns |= {f"norm at lag {lag}": column("lag norm", top, lag) for lag in (0, 5, 10, 20)}
    frame = pd.DataFrame(columns).dropna(axis="columns", how="all").rename_axis("variant").reset_index()
    return Table(f"{task.name}: gradients at the end of training", frame, "Medians over the replicates that did not diverge.")


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
        "CPU time, measured inside each job, one thread. Start-up is imports, data and, for Keras, compilation. Keras trains by"
        " fit, compiled by XLA, 25 updates a call.",
    )

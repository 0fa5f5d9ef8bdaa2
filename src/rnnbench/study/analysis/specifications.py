"""The list of tables: what each is of, and its columns.

A table is made by the property of `material.Material` that has its name. From this list follow what the aggregation makes, how
tables are read again, what an empty one looks like, and docs/tables.md.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import pandas as pd


class Kind(Enum):
    """What the cells of a column are, and the dtype that holds them."""

    TEXT = "str"
    COUNT = "int64"
    NUMBER = "float64"
    MAYBE_COUNT = "Int64"
    """A count that may be missing."""


TEXT, COUNT, NUMBER, MAYBE_COUNT = Kind


class Column(NamedTuple):
    """meaning: in a few words, with the unit where there is one."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Specification:
    """about: what a row is. columns: in order."""

    about: str
    columns: tuple[Column, ...]

    def empty(self) -> pd.DataFrame:
        """The table without rows."""
        return pd.DataFrame({column.name: pd.Series(dtype=column.kind.value) for column in self.columns})

    def read(self, path: Path) -> pd.DataFrame:
        """The table in a CSV file. An empty cell is missing, and nothing else: a text "null" or "2024" stays that text."""
        text = {column.name: str for column in self.columns if column.kind is Kind.TEXT}
        table = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])
        kinds = {column.name: column.kind.value for column in self.columns if column.name in table}
        return table.astype({name: kind for name, kind in kinds.items() if kind != Kind.TEXT.value})


def page() -> str:
    """docs/tables.md."""
    lines = [INTRODUCTION]
    for name, of in SPECIFICATIONS.items():
        lines += [f"## {name}", "", of.about, "", "| column | | |", "|---|---|---|"]
        lines += [f"| `{column.name}` | {WORDS[column.kind]} | {column.meaning} |" for column in of.columns]
        lines.append("")
    return "\n".join(lines)


INTRODUCTION = """\
# Tables

What lies under `results/tables`, one CSV file for each table. This page is made from `study/analysis/specifications.py` by
`make docs`; edit that, not this.

An empty cell is missing: a replicate that diverged, a comparison that was not made. `iqm` is the interquartile mean over
replicates, `low` and `high` are the bounds of its interval at the config's confidence.
"""
WORDS = {Kind.TEXT: "text", Kind.COUNT: "count", Kind.NUMBER: "number", Kind.MAYBE_COUNT: "count, or missing"}

TASK = Column("task", TEXT, "name of the task in the config")
VARIANT = Column("variant", TEXT, "name of the variant")
METRIC = Column("metric", TEXT, "name of the metric")
UPDATES = Column("updates", COUNT, "updates made by then")
EXAMPLES = Column("examples", COUNT, "predictions scored by then, in the task's unit")
REPLICATES = Column("replicates", COUNT, "how many replicates")
IQM = Column("iqm", NUMBER, "interquartile mean over replicates")
LOW, HIGH = Column("low", NUMBER, "lower bound"), Column("high", NUMBER, "upper bound")
QUARTILES = (
    Column("low", NUMBER, "lower quartile over replicates"),
    Column("median", NUMBER, "median over replicates"),
    Column("high", NUMBER, "upper quartile over replicates"),
    Column("finite", COUNT, "replicates in which it is finite"),
)
RULE = Column("rule", TEXT, "gradient rule: a name of the package, or a file of the user's own")
DIFFERENCE = Column("difference", NUMBER, "mean over replicates of variant - reference")
PAIRED = (
    DIFFERENCE,
    LOW,
    HIGH,
    Column("p", NUMBER, "of the paired t test that there is none"),
    Column("p_holm", NUMBER, "the same after Holm's correction within the family"),
    Column("better", TEXT, "what is shown: better, worse, the same, not shown"),
)
WITHIN_MARGIN = (
    Column("margin", NUMBER, "of the config"),
    DIFFERENCE,
    Column("level", NUMBER, "of the interval, 1 - 2 alpha"),
    LOW,
    HIGH,
)
IMPROVEMENT = (
    Column("improvement", NUMBER, "probability that a replicate is better than one of the reference"),
    Column("improvement_low", NUMBER, "lower bound"),
    Column("improvement_high", NUMBER, "upper bound"),
)
COST = (Column("seconds", NUMBER, "median over rounds, s"), Column("low", NUMBER, "least, s"), Column("high", NUMBER, "most, s"))


SPECIFICATIONS: dict[str, Specification] = {
    "curves": Specification(
        "Learning curves on validation data: a row for each task, variant, metric and point of the run.",
        (TASK, VARIANT, METRIC, UPDATES, EXAMPLES, IQM, LOW, HIGH),
    ),
    "final": Specification(
        "Test metrics at the end of training: a row for each task, variant and metric.",
        (
            TASK,
            VARIANT,
            Column("recipe", TEXT, "name of the recipe"),
            Column("learning_rate", NUMBER, "of the recipe"),
            METRIC,
            IQM,
            LOW,
            HIGH,
            REPLICATES,
            Column("diverged", COUNT, "replicates that did not stay finite; they count as the worst value"),
            Column("solved", MAYBE_COUNT, "replicates that meet the task's target, in its first metric"),
        ),
    ),
    "replicates": Specification(
        "Test metrics at the end of training: a row for each task, variant, metric and replicate.",
        (TASK, VARIANT, Column("replicate", COUNT, "number of the replicate"), METRIC, Column("value", NUMBER, "of the metric")),
    ),
    "variants": Specification(
        "What every run is of.",
        (
            TASK,
            VARIANT,
            Column("role", TEXT, "what the variant is in the question, if anything"),
            Column("library", TEXT, "numpy or keras"),
            Column("gradient", TEXT, "gradient rule"),
            Column("recipe", TEXT, "name of the recipe"),
            Column("change", TEXT, "what the variant changes in it, as JSON"),
            Column("batch", COUNT, "sequences at once"),
            Column("backward", TEXT, "backward pass that was trained with in place of the rule, if any"),
            Column("backward_updates", MAYBE_COUNT, "updates at which it was held against the rule, in float64, before"),
            Column("backward_error", NUMBER, "largest relative difference of a parameter's gradient at any of them"),
        ),
    ),
    "learning_rates": Specification(
        "The learning rates that were tried for a run, on validation data and replicates that are not reported: a row a rate.",
        (
            TASK,
            VARIANT,
            Column("learning_rate", NUMBER, "of the grid"),
            METRIC,
            IQM,
            LOW,
            HIGH,
            REPLICATES,
            Column("passes", NUMBER, "over the training data"),
            Column("chosen", COUNT, "1 for the rate that the run was trained with"),
            Column("edge", COUNT, "1 for the smallest and the largest rate"),
            Column("seconds", NUMBER, "CPU time of all rates and replicates of the run together, s"),
        ),
    ),
    "cost": Specification(
        "What every run took, in CPU time.",
        (
            TASK,
            VARIANT,
            Column("library", TEXT, "numpy or keras"),
            Column("gradient", TEXT, "gradient rule"),
            REPLICATES,
            Column("updates", COUNT, "in all"),
            Column("examples", COUNT, "predictions scored in all"),
            Column("startup_seconds", NUMBER, "imports, data and compilation, s"),
            Column("training_seconds", NUMBER, "of all replicates, s"),
            Column("microseconds_per_update", NUMBER, "of one replicate, µs"),
            Column("peak_memory_mb", NUMBER, "of the process, MB"),
        ),
    ),
    "times": Specification(
        "When a run was looked at.",
        (TASK, VARIANT, UPDATES, Column("seconds", NUMBER, "CPU time of one replicate, s")),
    ),
    "gradient_statistics": Specification(
        "Gradients and dynamics along every run, in float64.",
        (
            TASK,
            VARIANT,
            UPDATES,
            EXAMPLES,
            Column("quantity", TEXT, "see rnnbench.study.probes.quantities"),
            Column("of", TEXT, "of which parameter, layer or gradient"),
            Column("lag", COUNT, "steps back, place in a cycle, or number of steps; 0 where there is none"),
            *QUARTILES,
        ),
    ),
    "rules": Specification(
        "The gradient rules of the study.",
        (
            RULE,
            Column("claim", TEXT, "what it claims of its gradient"),
            Column("time", MAYBE_COUNT, "exponent of n: time of one step, for n units that see as many inputs"),
            Column("memory", MAYBE_COUNT, "exponent of n: what is carried to the next step"),
            Column("source", TEXT, "paper in short"),
            Column("text", TEXT, "its docstring"),
            Column("file", TEXT, "file of the user's own"),
            Column("sha256", TEXT, "of that file"),
            Column("headline", TEXT, "what the trial found, in one sentence; missing where it was not tried"),
        ),
    ),
    "verdicts": Specification(
        "What the trial found: a row for each rule, number of recurrent layers and parameter.",
        (
            RULE,
            Column("depth", COUNT, "recurrent layers"),
            Column("parameter", TEXT, "W0, R1, b0, ..."),
            Column("verdict", TEXT, "see rnnbench.trial.outcome"),
            Column("error", NUMBER, "relative error, the worst over random networks"),
            Column("error_median", NUMBER, "the median"),
            Column("cosine", NUMBER, "to the exact gradient, the worst"),
            Column("cosine_median", NUMBER, "the median"),
            Column("norm_ratio", NUMBER, "norm over that of the exact gradient, the worst"),
            Column("norm_ratio_median", NUMBER, "the median"),
            Column("variance", NUMBER, "of one draw, relative to the squared norm of the exact gradient"),
            Column("slip", TEXT, "the usual slip that fits to rounding"),
            Column("diagnosis", TEXT, "what is wrong, in words"),
        ),
    ),
    "paths": Specification(
        "What a rule multiplies the parts of the exact gradient by, where it errs.",
        (
            RULE,
            Column("depth", COUNT, "recurrent layers"),
            Column("parameter", TEXT, "W0, R1, b0, ..."),
            Column("route", TEXT, "where the time between is spent: own layer, layers above, mixed"),
            Column("lag", COUNT, "steps back"),
            Column("weight", NUMBER, "1 is right, 0 is missing"),
        ),
    ),
    "yardstick": Specification(
        "The exact gradient of the trial against TensorFlow's automatic differentiation.",
        (
            Column("depth", COUNT, "recurrent layers"),
            Column("loss_at", TEXT, "every step, or the last"),
            Column("steps", COUNT, "of the sequence"),
            Column("parameter", TEXT, "W0, R1, b0, ..."),
            Column("relative_error", NUMBER, "the worst over networks"),
        ),
    ),
    "lockstep": Specification(
        "NumPy beside Keras, update by update from the same weights on the same batches.",
        (
            TASK,
            Column("dtype", TEXT, "float32 or float64"),
            Column("optimizer", TEXT, "sgd or adam"),
            Column("learning_rate", NUMBER, "of the optimizer"),
            Column("update", COUNT, "number of the update"),
            Column("difference", NUMBER, "largest of any weight"),
        ),
    ),
    "staleness": Specification(
        "How far RTRL's gradient is off because weights move while sensitivities are carried.",
        (TASK, Column("learning_rate", NUMBER, "of SGD"), Column("quantity", TEXT, "see probes.quantities"), *QUARTILES),
    ),
    "comparisons": Specification(
        "Paired differences at the end of training: variants against the posted one, the top of a ladder against its bottom.",
        (TASK, VARIANT, Column("reference", TEXT, "the other variant"), METRIC, *PAIRED, *IMPROVEMENT, REPLICATES),
    ),
    "equivalence": Specification(
        "Keras's twin against the same training in NumPy: is the difference within the margin?",
        (
            TASK,
            VARIANT,
            Column("reference", TEXT, "Keras's twin"),
            METRIC,
            *WITHIN_MARGIN,
            Column("p", NUMBER, "of the two one-sided tests"),
            Column("verdict", TEXT, "equivalent, different, not shown"),
            Column("power", NUMBER, "chance that equivalence is shown where there is no difference, at this spread"),
            REPLICATES,
        ),
    ),
    "claims": Specification(
        "What others found, tried here: a row for each claim and comparison of the config.",
        (
            Column("claim", TEXT, "what is claimed"),
            Column("source", TEXT, "by whom"),
            TASK,
            VARIANT,
            Column("reference", TEXT, "the variant that it is claimed to do as well as"),
            Column("without", TEXT, "the variant over which a gain is claimed, if any"),
            METRIC,
            *WITHIN_MARGIN,
            Column("verdict", TEXT, "equivalent, different, not shown, untested"),
            Column("recovered", NUMBER, "share of the difference between `without` and the reference that the variant makes up"),
            Column("recovered_low", NUMBER, "lower bound"),
            Column("recovered_high", NUMBER, "upper bound"),
            REPLICATES,
        ),
    ),
    "prequential": Specification(
        "The loss of training itself, before each update, over some stretches of it: a row for each run whose recipe keeps it.",
        (
            TASK,
            VARIANT,
            Column("mean", NUMBER, "over replicates; infinite if one diverged"),
            Column("deviation", NUMBER, "standard deviation of the population of replicates"),
            Column("least", NUMBER, "of the best replicate"),
            Column("median", NUMBER, "over replicates"),
            Column("most", NUMBER, "of the worst replicate"),
            REPLICATES,
            Column("diverged", COUNT, "replicates whose loss was not finite"),
        ),
    ),
    "contrasts": Specification(
        "Pairs of variants beside each other in that loss, as the config asks.",
        (
            Column("question", TEXT, "what is asked by it"),
            TASK,
            VARIANT,
            Column("reference", TEXT, "the other variant"),
            Column("ratio", NUMBER, "of the losses, variant to reference: geometric mean over replicates"),
            LOW,
            HIGH,
            Column("p", NUMBER, "of the paired t test of their logarithms"),
            Column("p_holm", NUMBER, "the same after Holm's correction over all contrasts"),
            Column("better", TEXT, "what is shown: better, worse, the same, not shown"),
            Column("replicates", COUNT, "in which neither diverged"),
        ),
    ),
    "published": Specification(
        "Rows of tables that others have published, with the loss of training here beside them.",
        (
            Column("source", TEXT, "whose table"),
            TASK,
            VARIANT,
            Column("published", NUMBER, "mean over seeds, as published"),
            Column("published_deviation", NUMBER, "standard deviation of the population of seeds, as published"),
            Column("seeds", COUNT, "how many were published"),
            Column("mean", NUMBER, "over replicates, here"),
            Column("deviation", NUMBER, "standard deviation of the population of replicates, here"),
            REPLICATES,
            Column("difference", NUMBER, "here - published"),
            Column("standard_error", NUMBER, "of the difference"),
            Column("verdict", TEXT, "agrees: within two standard errors; differs; not run"),
        ),
    ),
    "scores": Specification(
        "Every variant over the tasks it ran on: 0 is chance, 1 the best there is.",
        (VARIANT, Column("tasks", TEXT, "names"), IQM, LOW, HIGH, *IMPROVEMENT),
    ),
    "to_target": Specification(
        "When validation data first meet the target: medians over replicates, infinite for one that never meets it.",
        (
            TASK,
            VARIANT,
            Column("updates", NUMBER, "made by then"),
            Column("passes", NUMBER, "over the training data"),
            Column("seconds", NUMBER, "CPU time of one replicate, s"),
            Column("reached", COUNT, "replicates that ever meet it"),
            REPLICATES,
        ),
    ),
    "ladder": Specification(
        "The ladders of the config, rung by rung.",
        (
            TASK,
            Column("ladder", TEXT, "title of the ladder"),
            Column("rung", COUNT, "from the bottom, 1 first"),
            VARIANT,
            Column("change", TEXT, "what it does otherwise than the rung before"),
            Column("learning_rate", NUMBER, "of the run"),
            Column("updates", MAYBE_COUNT, "made in all"),
            Column("examples", MAYBE_COUNT, "predictions scored in all, in the task's unit"),
            METRIC,
            IQM,
            LOW,
            HIGH,
            Column("solved", MAYBE_COUNT, "replicates that meet the target"),
            REPLICATES,
            Column("passes_to_target", NUMBER, "median, infinite where it is not met"),
            Column("reached", MAYBE_COUNT, "replicates that ever meet it on validation data"),
            Column("difference", NUMBER, "mean over replicates to the rung before"),
            Column("difference_low", NUMBER, "lower bound"),
            Column("difference_high", NUMBER, "upper bound"),
            Column("p_holm", NUMBER, "of the paired t test, after Holm's correction within the ladder"),
            Column("better", TEXT, "what is shown: better, worse, the same, not shown"),
            Column("detectable", NUMBER, "difference that nine of ten such ladders would show at this spread, corrected"),
            Column(
                "at_updates", MAYBE_COUNT, "updates of the rung that makes fewer, to which both are also held on validation data"
            ),
            Column("difference_at", NUMBER, "mean over replicates to the rung before, both after about so many updates"),
            Column("difference_at_low", NUMBER, "lower bound"),
            Column("difference_at_high", NUMBER, "upper bound"),
            Column("better_at", TEXT, "what is shown of that, after Holm's correction within the ladder"),
        ),
    ),
    "gradient_cost": Specification(
        "Time and memory of one gradient: a row for each sweep, rule and size.",
        (
            Column("sweep", TEXT, "what grows"),
            RULE,
            Column("hidden", COUNT, "units of a layer"),
            Column("steps", COUNT, "of the window"),
            Column("depth", COUNT, "recurrent layers"),
            Column("batch", COUNT, "sequences at once"),
            *COST,
            Column("memory_bytes", NUMBER, "peak, bytes"),
            Column("memory_by", TEXT, "how it was seen: allocated, or resident"),
        ),
    ),
    "update_cost": Specification(
        "Time of one update of one replicate, gradient and optimizer.",
        (
            TASK,
            Column("who", TEXT, "NumPy, or a way of running Keras"),
            *COST,
            Column("replicates_at_once", COUNT, "trained together"),
        ),
    ),
    "beside_exact": Specification(
        "Every rule of online learning beside the exact gradient, along the run of the exact one.",
        (TASK, RULE, UPDATES, EXAMPLES, Column("quantity", TEXT, "see probes.quantities"), *QUARTILES),
    ),
    "online": Specification(
        "The rules of online learning compared: a row for each task and rule.",
        (
            TASK,
            RULE,
            VARIANT,
            Column("claim", TEXT, "what the rule claims of its gradient"),
            Column("time", MAYBE_COUNT, "exponent of n by theory"),
            Column("memory", MAYBE_COUNT, "exponent of n by theory"),
            METRIC,
            IQM,
            LOW,
            HIGH,
            REPLICATES,
            Column("cosine", NUMBER, "to the exact gradient, over the later three quarters of the exact run"),
            Column("squared_bias", NUMBER, "relative to the squared norm of the exact gradient"),
            Column("squared_bias_error", NUMBER, "standard error of that"),
            Column("variance", NUMBER, "of one draw, relative to the squared norm of the exact gradient"),
            Column("microseconds", NUMBER, "of an update and replicate, µs"),
            Column("bytes", NUMBER, "peak memory of one gradient, bytes"),
            Column("as_good", TEXT, "within the margin of the exact one: equivalent, different, not shown, untested"),
        ),
    ),
    "correlation": Specification(
        "Whether a rule's alignment with the exact gradient goes with how it ends.",
        (
            TASK,
            METRIC,
            Column("rules", COUNT, "how many"),
            Column("rho", NUMBER, "Spearman's rank correlation"),
            LOW,
            HIGH,
        ),
    ),
}
"""By the name of the table, in the order of docs/tables.md."""


def columns(name: str) -> list[str]:
    """The names of a table's columns."""
    return [column.name for column in SPECIFICATIONS[name].columns]

"""Every figure of a study: its name, how it is drawn, and the words that go with it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from matplotlib.figure import Figure

from rnnbench.figures import cost, gradients, learning
from rnnbench.figures.style import Look
from rnnbench.settings import TaskSettings
from rnnbench.statistics import ENOUGH
from rnnbench.tables import Tables


class Entry(NamedTuple):
    """draw gives the figure; alt says what it shows to who cannot see it; caption what to look at, n, and what bands are."""

    draw: Callable[[], Figure]
    alt: str
    caption: str


def catalogue(tables: Tables, tasks: Mapping[str, TaskSettings], confidence: float) -> dict[str, Entry]:
    """Figures by name; those of a task begin with its name."""
    look = Look(tables.final["variant"].tolist())
    pairs = tables.lockstep.groupby("optimizer", sort=False)["learning_rate"].first()
    rates = " and ".join(f"{method} at {rate:g}" for method, rate in pairs.items())
    entries = {
        "exactness": Entry(
            partial(gradients.exactness, tables.exactness),
            "Heat map of gradient errors by rule and parameter; the table below has the same numbers.",
            "Relative error of each rule's gradient to that of TensorFlow's automatic differentiation, float64: the worst over"
            " random networks, with the loss at every step and at the last. Dark is wrong; 'exact' is equal to rounding.",
        ),
        "lockstep": Entry(
            partial(gradients.lockstep, tables.lockstep),
            f"Drift between NumPy and Keras: at most {tables.lockstep['difference'].max(skipna=False):.1e} anywhere.",
            "Largest difference of any weight between NumPy and Keras, trained side by side from the same weights on the same"
            f" batches, one replicate, {rates}. The dotted line is 1e-10. float32 drifts by its own rounding; where training is"
            " chaotic, any two trainings part.",
        ),
        "training_time": Entry(
            partial(cost.training_time, tables.cost, look),
            "Bars of training time an update and replicate; the table below has the same numbers.",
            "CPU time of training an update and replicate, on a log axis, start-up left out. One update of an"
            " online variant is one step (XOR) or one image (MNIST), of a minibatch variant one batch.",
        ),
    }
    for name, task in tasks.items():
        own = Tables(*(t[t["task"] == name] if "task" in t else t for t in tables))
        if len(own.final):
            entries |= {f"{name}_{figure}": entry for figure, entry in _of_task(own, task, look, confidence)}
    return entries


def _of_task(tables: Tables, task: TaskSettings, look: Look, confidence: float) -> Iterator[tuple[str, Entry]]:
    metric = task.kind.metrics[0]
    unit = "bits seen" if task.kind.counts_every_step else "images seen"
    n = f"n = {task.replicates} replicates"
    ended = tables.final[tables.final["metric"] == metric.name]
    told = ", ".join(f"{row.variant} {row.iqm:.3g}" for row in ended.itertuples())
    band = f"Lines are interquartile means over {n}, bands {confidence:.0%} bootstrap intervals"
    if task.replicates < ENOUGH:
        band += f" (with fewer than {ENOUGH} replicates these are too narrow: look at the dots below)"
    yield (
        "curve",
        Entry(
            partial(learning.curve, tables.curves, task.kind, metric, look, unit),
            f"Learning curves on {task.name}, {metric.label}. At the end on test data: {told}.",
            f"Validation data over {unit}: {metric.label}. {band}. Dotted: {', '.join(task.kind.references)}.",
        ),
    )
    yield (
        "endings",
        Entry(
            partial(learning.endings, tables.replicates, tables.final, task.kind, metric, look),
            f"Every replicate's {metric.label} on test data at the end of training on {task.name}. Means: {told}.",
            f"Every replicate at the end of training, on test data seen once. The bar is the interquartile mean with its"
            f" {confidence:.0%} bootstrap interval, {n}. A variant whose dots fall in two heaps succeeds from some initial"
            " weights only; a diverged replicate has no dot and counts as the worst value in the mean.",
        ),
    )
    if {"mse_position_0", "mse_position_1"} <= set(tables.final["metric"]):
        yield (
            "by_position",
            Entry(
                partial(learning.by_position, tables.final, look),
                f"Squared error by position in the triple on {task.name}; on the XOR bit: {told}.",
                "Squared error by position in the triple, test data. The first two bits are coin flips, on which 1/4 is the best"
                f" there is; memory shows on the third alone. Interquartile means, {n}.",
            ),
        )
    quartiles = f"Lines are medians over {n}, bands quartiles; a diverged replicate is left out"
    statistics = tables.gradient_statistics

    def last(quantity: str, of: str) -> str:
        rows = statistics[(statistics["quantity"] == quantity) & (statistics["of"] == of)]
        rows = rows.sort_values("updates").groupby("variant", sort=False).tail(1).dropna(subset="median")
        return ", ".join(f"{variant} {value:.2g}" for variant, value in zip(rows["variant"], rows["median"], strict=True))

    yield (
        "cosine",
        Entry(
            partial(gradients.along_training, statistics, "cosine", "as trained", look, "cosine to the exact gradient", unit),
            f"Cosine to the exact gradient along training on {task.name}; at the end: {last('cosine', 'as trained')}.",
            "Cosine between the gradient of each run's own rule, in its own windows with the weights standing still, and the"
            f" exact gradient, on validation sequences. 1 is exact. {quartiles}.",
        ),
    )
    yield (
        "rules",
        Entry(
            partial(gradients.rules, statistics, look, unit),
            f"Cosine of each rule's gradient to the exact one along every run on {task.name}.",
            "Cosine of the gradient of each rule over whole sequences to the exact one, at the weights that each run went through"
            f" (lines). Medians over {n}.",
        ),
    )
    yield (
        "norms",
        Entry(
            partial(gradients.norms, statistics, look, unit),
            f"Norm of the exact gradient of each parameter block along training on {task.name}.",
            "Norm of the exact gradient of each parameter block on validation sequences, along each variant's own run."
            f" Medians over {n}.",
        ),
    )
    yield (
        "lags",
        Entry(
            partial(gradients.lags, statistics, look),
            f"Norm of the derivative of the last loss by earlier states, by lag, before and after training on {task.name}.",
            "How far back the loss of a step that asks for memory reaches: the norm of its derivative by the state k steps"
            f" earlier, on a log axis. A straight fall is an exponential one: the gradient vanishes. Medians over {n}.",
        ),
    )
    top = f"R{task.network.depth}"
    yield (
        "radius",
        Entry(
            partial(gradients.along_training, statistics, "spectral radius", top, look, f"spectral radius of {top}", unit),
            f"Spectral radius of {top} along training on {task.name}; at the end: {last('spectral radius', top)}.",
            f"Spectral radius of {top}. Above 1 the linearised memory grows, below 1 it fades. {quartiles}.",
        ),
    )

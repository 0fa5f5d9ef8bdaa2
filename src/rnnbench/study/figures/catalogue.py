"""Every figure of a study: its name, how it is drawn, and the words that go with it."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from rnnbench.study.analysis.outcomes import Agreement
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures import (
    STUDY,
    cost,
    court,
    gradients,
    hero,
    ladder,
    learning,
    online,
    published,
    rates,
    statistics_of_gradients,
    style,
)
from rnnbench.study.figures.entry import Entry, in_words, n_of
from rnnbench.study.figures.style import Look
from rnnbench.study.probes.quantities import Quantity
from rnnbench.study.roles import Role, playing
from rnnbench.study.settings import TaskSettings
from rnnbench.trial.cases import layers


def look_of(tables: Tables, task: str) -> Look:
    """Colour and dash of every variant of a task."""
    own = tables.variants[tables.variants["task"] == task]
    roles = {role: playing(role, tables.variants, task) for role in Role}
    return Look(
        {variant: role for role, variant in roles.items() if variant is not None},
        dict(zip(own["variant"], own["library"], strict=True)),
    )


def catalogue(tables: Tables, tasks: Mapping[str, TaskSettings], confidence: float) -> dict[str, Entry]:
    """Figures by name: TASK/NAME, and STUDY/NAME for those of no single task."""
    pairs = tables.lockstep.groupby("optimizer", sort=False)["learning_rate"].first()
    rates = " and ".join(f"{method} at {rate:g}" for method, rate in pairs.items())
    entries: dict[str, Entry] = {}
    if len(tables.lockstep):
        entries[f"{STUDY}/lockstep"] = Entry(
            partial(gradients.lockstep, tables.lockstep),
            f"Drift between NumPy and Keras: at most {tables.lockstep['difference'].max(skipna=False):.1e} anywhere.",
            "Largest difference of any weight between NumPy and Keras, trained side by side from the same weights on the same"
            f" batches, one run, {rates}. The dotted line is 1e-10. float32 drifts by its own rounding; where training is"
            " chaotic, any two trainings part.",
        )
    if len(tables.verdicts):
        found = court.matrix(tables.verdicts, int(tables.verdicts["depth"].min()))
        entries[f"{STUDY}/court"] = Entry(
            partial(court.court, found),
            "; ".join(f"{', '.join(names)}: {', '.join(cell.word for cell in cells)}" for names, cells in found.rows),
            f"What every rule is for every parameter of a network with {layers(found.depth)}: exact, exact on average, or wrong,"
            " with the median cosine to the exact gradient.",
        )
    if len(tables.published):
        agree = tables.published["verdict"] == Agreement.AGREES
        told = "; ".join(
            f"{row.task} {row.variant} {row.mean:.3g} ({row.published:.3g})" for row in tables.published.itertuples()
        )
        of_published = Entry(
            partial(published.published, tables.published),
            f"Means of here beside the published ones, in brackets: {told}.",
            f"What others published, and the same here: {agree.sum()} of {len(agree)} agree. Rings: the published means over"
            " seeds. Filled: those of here, round where they agree, square where they differ. Lines are two standard errors to"
            " either side; two means agree that are within two standard errors of their difference.",
        )
        narrow = of_published._replace(draw=partial(published.published, tables.published, narrow=True))
        entries |= {f"{STUDY}/published": of_published, f"{STUDY}/published_narrow": narrow}
    for name, task in tasks.items():
        if hero.cast(tables, name):
            metric, unit = task.kind.metrics[0], task.kind.unit
            ends = ", ".join(f"{hero.WORDS[line.role]} {hero.learnt(end)}" for line, end in hero.ends(tables, name, metric))
            for shape, width in hero.WIDTHS.items():
                entries[f"{STUDY}/{shape}"] = Entry(
                    partial(hero.hero, tables, name, task.kind, metric, unit, width),
                    f"{metric.label} over {unit} seen on {name}, to the budget that all have. At the end of training: {ends}.",
                    f"On {name}, validation data; bands are {confidence:.0%} intervals.",
                )
            break
    entries[f"{STUDY}/training_time"] = Entry(
        partial(cost.training_time, tables.cost, {name: look_of(tables, name) for name in tables.cost["task"].unique()}),
        "Training time per update and run; the table below has the same numbers.",
        "CPU time of training, per update and run, on a log axis, start-up left out. One update of an"
        " online variant is one step that is scored, of a minibatch variant one batch.",
    )
    if len(tables.gradient_cost):
        shown = cost.of_exact(tables.gradient_cost, tables.rules)
        entries[f"{STUDY}/scaling"] = Entry(
            partial(cost.scaling, shown),
            f"Time and memory of one gradient as sizes grow. {_at_the_largest(shown)}",
            "One gradient by each exact rule and the posted one (the table has all), and by Keras's automatic differentiation in"
            " a TensorFlow function with a loop over time, compiled by XLA (jit) or not. float32, one input, the loss at the last"
            " step. Above: time, median and range over rounds in which the candidates take turns. Below: peak memory, of NumPy's"
            " arrays as counted, of other libraries by the growth of the process; of what XLA compiles it cannot be seen. A"
            " straight line on these axes is a power; where it is flat, calls outweigh arithmetic.",
        )
    if len(tables.update_cost):
        entries[f"{STUDY}/updates"] = Entry(
            partial(cost.updates, tables.update_cost),
            f"Time of one update in NumPy and in Keras. {_times(tables.update_cost)}",
            "One update of one run, gradient and optimizer, of the recipe under cost.recipes in the config: medians and"
            " ranges of trainings that take turns, on one thread, without what a training pays once (start-up, compilation, the"
            " start of fit). rnnbench trains all runs together, or one; Keras trains one. jax and torch, where they are"
            " installed, give the gradient to rnnbench's training of all runs.",
        )
    for name, task in tasks.items():
        own = tables.of_task(name)
        if len(own.final):
            entries |= {f"{name}/{figure}": entry for figure, entry in _of_task(own, task, look_of(tables, name), confidence)}
    return entries


def draw(tables: Tables, tasks: Mapping[str, TaskSettings], confidence: float, folder: Path, part: str = "") -> None:
    """Draw every figure of a part, a task or STUDY (none: all), as SVG files below the folder."""
    for name, entry in catalogue(tables, tasks, confidence).items():
        if name.startswith(f"{part}/") or not part:
            file = folder / f"{name}.svg"
            file.parent.mkdir(parents=True, exist_ok=True)
            style.save(entry.draw(), file)


def _at_the_largest(table: pd.DataFrame) -> str:
    told = []
    for sweep, of in table.groupby("sweep", sort=False):
        most = of[of[sweep] == of[sweep].max()]
        columns = most["rule"], 1e3 * most["seconds"], 1e-6 * most["memory_bytes"]
        costs = ", ".join(
            f"{rule} {ms:.3g} ms" + (f" and {mb:.3g} MB" if pd.notna(mb) else "") for rule, ms, mb in zip(*columns, strict=True)
        )
        told.append(f"{sweep} {of[sweep].max()}: {costs}.")
    return " ".join(told)


def _times(table: pd.DataFrame) -> str:
    told = []
    for task, of in table.sort_values("seconds").groupby("task", sort=False):
        times = ", ".join(f"{who} {1e6 * seconds:.3g}" for who, seconds in zip(of["who"], of["seconds"], strict=True))
        told.append(f"{task}, µs: {times}.")
    return " ".join(told)


def _of_task(tables: Tables, task: TaskSettings, look: Look, confidence: float) -> Iterator[tuple[str, Entry]]:
    metric = task.kind.metrics[0]
    n = n_of(tables.final["replicates"])
    ended = tables.final[tables.final["metric"] == metric.name]
    told = in_words(ended["variant"], ended["iqm"], 3)
    yield (
        "endings",
        Entry(
            partial(learning.endings, tables.replicates, tables.final, task.kind, metric, look),
            f"Every run's {metric.label} on test data at the end of training on {task.name}. Means: {told}.",
            f"Every run at the end of training, on test data seen once. The bar is the interquartile mean with its"
            f" {confidence:.0%} bootstrap interval, {n}. A variant whose dots fall in two heaps succeeds from some initial"
            " weights only; a diverged run has no dot and counts as the worst value in the mean.",
        ),
    )
    if (places := task.kind.by_position) is not None:
        yield (
            "by_position",
            Entry(
                partial(learning.by_position, tables.final, places, metric, look),
                f"{places.title} on {task.name}; {places.where}: {told}.",
                f"{places.title}, test data. {places.note} Interquartile means, {n}.",
            ),
        )
    if (cycle := task.kind.cycle) is not None:
        along = tables.gradient_statistics
        rows = along[(along["quantity"] == Quantity.RMS_ERROR) & (along["lag"] == cycle.place)].dropna(subset="median")
        rows = rows.sort_values("updates").groupby("variant", sort=False).tail(1)
        at = in_words(rows["variant"], rows["median"], 2) or "none"
        yield (
            "cycle",
            Entry(
                partial(learning.cycle, tables.gradient_statistics, cycle, look),
                f"{cycle.title} on {task.name} after training; {cycle.where}: {at}.",
                f"{cycle.title} of validation data after training. {cycle.note} Dotted: ideal predictors"
                f" ({'; '.join(cycle.references)}). Lines are medians over {n}, bands quartiles; a diverged run is left"
                " out.",
            ),
        )
    tried = tables.learning_rates
    if len(tried):
        at_edge = tried.loc[(tried["chosen"] == 1) & (tried["edge"] == 1), "variant"].tolist()
        best = tried[tried["chosen"] == 1]
        yield (
            "rates",
            Entry(
                partial(rates.rates, tried, task.kind, metric, look),
                f"{metric.label} by learning rate on {task.name}; the best of each:"
                f" {in_words(best['variant'], best['learning_rate'], 3)}.",
                f"{metric.label[0].upper() + metric.label[1:]} on validation data at the end of training, by learning rate:"
                f" interquartile means over {n_of(tried['replicates'])} that are not reported, bands bootstrap intervals,"
                f" {_passes(tried)}. A dot is the rate that a variant is trained with. In grey, those without a role."
                + (f" At the edge of the grid, so that a better one may lie beyond: {', '.join(at_edge)}." if at_edge else ""),
            ),
        )
    for number, (title, rungs) in enumerate(tables.ladder.groupby("ladder", sort=False), 1):
        told = "; ".join(_rung(rung) for _, rung in rungs.iterrows())
        yield (
            f"ladder_{number}",
            Entry(
                partial(ladder.ladder, rungs, tables.replicates, metric),
                f"Ladder on {task.name}: {title}. {metric.label}, from the bottom: {told}.",
                f"From the bottom up ({title}), each variant differs from the one below by what is said under"
                " its name, at a learning rate of its own. Small dots"
                f" are runs, large ones interquartile means with {confidence:.0%} bootstrap intervals, {n}, test data."
                f" Between two: the paired mean difference with its {confidence:.0%} t interval, and what is shown of it at"
                f" p <= {1 - confidence:.2g} after Holm's correction over the ladder.",
            ),
        )
    yield from statistics_of_gradients.entries(tables, task)
    yield from online.entries(tables, task, look, f"{task.kind.unit} seen")


def _passes(tried: pd.DataFrame) -> str:
    least, most = tried["passes"].min(), tried["passes"].max()
    return f"over {least:g} passes" if least == most else f"over {least:g} to {most:g} passes"


def _rung(rung: pd.Series) -> str:
    ended = f"{rung['iqm']:.3g}" if rung["replicates"] else "not run"
    shown = f", {rung['better']}" if pd.notna(rung["better"]) else ""
    return f"{rung['variant']} ({rung['change']}) {ended}{shown}"

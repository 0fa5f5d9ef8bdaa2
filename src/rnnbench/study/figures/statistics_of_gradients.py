"""The figures of gradient statistics of one task, with their words."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures import gradients, memory, pairs
from rnnbench.study.figures.entry import Entry, in_words, n_of
from rnnbench.study.figures.style import Look
from rnnbench.study.probes.quantities import AS_TRAINED, DIAGNOSED, Quantity
from rnnbench.study.roles import Role, playing
from rnnbench.study.settings import TaskSettings


def entries(tables: Tables, task: TaskSettings, look: Look, unit: str) -> Iterator[tuple[str, Entry]]:
    """Figures by name, for tables of one task. unit: what examples are."""
    statistics = tables.gradient_statistics
    n = n_of(tables.final["replicates"], DIAGNOSED)
    quartiles = f"Lines are medians over {n}, bands quartiles; a diverged replicate is left out"
    along = partial(gradients.along_training, statistics)
    yield (
        "cosine",
        Entry(
            partial(along, Quantity.COSINE, AS_TRAINED, look, "cosine to the exact gradient", unit, decades=False),
            f"Cosine to the exact gradient along training on {task.name}; at the end:"
            f" {last(statistics, 'cosine', 'as trained')}.",
            "Cosine between the gradient of each run's own rule, in its own windows with the weights standing still, and the"
            f" exact gradient, on validation sequences. 1 is exact. {quartiles}.",
        ),
    )
    shown = pairs.shown_run(statistics, playing(Role.POSTED, tables.variants, task.name))
    of_shown = statistics[statistics["variant"] == shown]
    yield (
        "alignment",
        Entry(
            partial(pairs.matrices, statistics, shown),
            f"Matrices of cosine, norm ratio and sign agreement between the rules on the run of {shown} on {task.name}; cosine to"
            f" the exact gradient after training: {at_end(of_shown, 'cosine')}.",
            f"Gradients of the posted rule and its neighbours at the same weights, those that {shown} went through, on validation"
            " sequences: cosine, norm of the row over norm of the column, and the share of parameters with the same sign, among"
            " those where not both are zero. White is orthogonal, of equal length, or chance; 1 without decimals is 1 to"
            f" rounding, an empty cell undefined. 'as trained' is the run's own rule in its own windows. Medians over {n}.",
        ),
    )
    yield (
        "rules",
        Entry(
            partial(gradients.rules, statistics, look, unit),
            f"Cosine of each rule's gradient to the exact one along every run on {task.name}.",
            "Cosine of the posted rule and of one-step truncation over whole sequences to the exact one, at the weights that each"
            f" run went through (lines). Medians over {n}.",
        ),
    )
    yield (
        "norms",
        Entry(
            partial(gradients.by_part, statistics, Quantity.GRADIENT_NORM, look, unit, "log"),
            f"Norm of the exact gradient of each parameter block along training on {task.name}.",
            "Norm of the exact gradient of each parameter block on validation sequences, along each variant's own run."
            f" Medians over {n}.",
        ),
    )
    yield (
        "movement",
        Entry(
            partial(along, Quantity.UPDATE_TO_WEIGHT, "all weights", look, "movement per update / weights", unit, "log"),
            f"Movement of the weights per update, relative to the weights, along training on {task.name}; at the end:"
            f" {last(statistics, 'update to weight', 'all weights')}.",
            "How far the weights moved between two points at which they were kept, divided by the updates between and by the norm"
            " of the weights: the net movement per update. Steps that turn back cancel, so it is a lower bound of the mean step"
            f" where many updates lie between. An online variant makes far more updates. {quartiles}.",
        ),
    )
    yield from of_memory(statistics, task, look, unit)
    top = task.network.depth
    yield (
        "radius",
        Entry(
            partial(along, Quantity.SPECTRAL_RADIUS, f"R{top}", look, f"spectral radius of R{top}", unit),
            f"Spectral radius of R{top} along training on {task.name}; at the end:"
            f" {last(statistics, 'spectral radius', f'R{top}')}.",
            f"Spectral radius of R{top}. A linearised memory fades where it is below 1 when multiplied by the slope"
            " of the units, which"
            f" is at most {task.network.f.steepest:g} here. {quartiles}.",
        ),
    )
    yield (
        "saturation",
        Entry(
            partial(gradients.by_part, statistics, Quantity.SATURATED_UNITS, look, unit, "linear"),
            f"Share of saturated units along training on {task.name}; at the end in the top layer:"
            f" {last(statistics, 'saturated units', f'x{top}')}.",
            "Share of units and steps, by layer, at which the slope of the activation is below a tenth of its largest value (with"
            f" relu: zero), so that little gradient comes through. Medians over {n}.",
        ),
    )
    if len(tables.staleness):
        online = [name for name, recipe in task.recipes.items() if recipe.window == 1 and recipe.optimizer == "sgd"]
        used = tables.final[tables.final["recipe"].isin(online)].drop_duplicates("variant")
        named = used.groupby("learning_rate")["variant"].agg(", ".join)
        rates = dict(zip(named.index.tolist(), named.tolist(), strict=True))
        yield (
            "staleness",
            Entry(
                partial(pairs.staleness, tables.staleness, rates),
                f"Staleness of online RTRL on {task.name} by learning rate; at the largest: {stalest(tables.staleness)}.",
                "Exact RTRL from the initial weights along the first steps of the validation stream, an update at every step."
                " Moving weights: how far the sum of the gradients that are applied is from that with the weights at rest, mostly"
                " because elsewhere the gradient is another. Stale"
                " sensitivities: how far each is from the exact gradient at the weights it is taken at, which is all that"
                f" carrying derivatives at old weights (and the state they left) does. Lines are medians over {n}, bands"
                " quartiles.",
            ),
        )


def of_memory(statistics: pd.DataFrame, task: TaskSettings, look: Look, unit: str) -> Iterator[tuple[str, Entry]]:
    """How far back the loss reaches and how nudges of the state fare; nothing where no run has any memory."""
    if statistics.loc[statistics["quantity"] == Quantity.LAG_RATE, "median"].isna().all():
        return
    counted = statistics.loc[statistics["quantity"] == Quantity.LAG_RATE, "finite"]
    n = n_of([counted.max()])
    yield (
        "lags",
        Entry(
            partial(memory.lags, statistics, look),
            f"Norm of the derivative of the last loss by earlier states, by lag, before and after training on {task.name};"
            " factor a step of the exponential that fits, after training:"
            f" {last(statistics, 'lag rate', f'x{task.network.depth}')}.",
            "How far back the loss of a step that asks for memory reaches: the norm of its derivative by the state k steps"
            " earlier, on a log axis. A straight fall is an exponential one: the gradient vanishes. Dotted: the exponential that"
            " fits best (least squares of the log norm over lags from 1). Right: its factor per step, 1 being no decay, with"
            f" quartiles after training. Medians over {n}; without recurrence there is nothing to show.",
        ),
    )
    yield (
        "jacobians",
        Entry(
            partial(memory.singular_values, statistics, look),
            f"Singular values of the derivative of the last state by the state k steps before, after training on {task.name};"
            f" largest of one step: {last(statistics, 'singular value', 'largest', 1)}.",
            "Singular values of the derivative of the last state of all layers by that of k steps before, after training: by how"
            " much a nudge of the state can grow, does in the middle, and must at least remain. Dotted: before training."
            f" Geometric means over sequences, medians over {n}; a line ends where values are rounding beside the largest.",
        ),
    )
    yield (
        "lyapunov",
        Entry(
            partial(
                gradients.along_training,
                statistics,
                *(Quantity.LYAPUNOV_EXPONENT, "largest", look, "largest Lyapunov exponent"),
                unit,
                lines={"neither grows nor fades": 0},
            ),
            f"Largest Lyapunov exponent along training on {task.name}; at the end:"
            f" {last(statistics, 'Lyapunov exponent', 'largest')}.",
            "The rate, natural log per step, at which a small nudge of the whole state grows (above 0) or fades (below) along the"
            " validation sequences, the first quarter of each left out. -0.7 a step is a half-life of one step. Taken over"
            f" finite sequences, it is a finite-time exponent. Lines are medians over {n}, bands quartiles; a network without"
            " recurrence has none.",
        ),
    )


def last(statistics: pd.DataFrame, quantity: str, of: str, lag: int = 0) -> str:
    """The median of a quantity at the end of each run, in words."""
    rows = statistics[(statistics["quantity"] == quantity) & (statistics["of"] == of) & (statistics["lag"] == lag)]
    return _told(rows.sort_values("updates").groupby("variant", sort=False).tail(1), "variant")


def at_end(statistics: pd.DataFrame, quantity: str) -> str:
    """The median of a quantity of everything it is of, at the end of one run, in words."""
    rows = statistics[(statistics["quantity"] == quantity) & (statistics["updates"] == statistics["updates"].max())]
    return _told(rows, "of")


def stalest(staleness: pd.DataFrame) -> str:
    """Both quantities at the largest learning rate, in words."""
    return _told(staleness[staleness["learning_rate"] == staleness["learning_rate"].max()], "quantity")


def _told(rows: pd.DataFrame, name: str) -> str:
    rows = rows.dropna(subset="median")
    return in_words(rows[name], rows["median"], 2) or "none"

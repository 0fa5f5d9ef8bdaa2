"""Gradients of one task beside each other, with their words; what was measured along runs is a chart of the report."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures import pairs
from rnnbench.study.figures.entry import Entry, in_words, n_of
from rnnbench.study.probes.quantities import DIAGNOSED
from rnnbench.study.roles import Role, playing
from rnnbench.study.settings import TaskSettings


def entries(tables: Tables, task: TaskSettings) -> Iterator[tuple[str, Entry]]:
    """Figures by name, for tables of one task."""
    statistics = tables.gradient_statistics
    n = n_of(tables.final["replicates"], DIAGNOSED)
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

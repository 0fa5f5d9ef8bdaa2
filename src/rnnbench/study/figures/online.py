"""The rules of online learning beside each other: how near the exact gradient they come, and what they are worth and cost."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from rnnbench.arrays import Array
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures.entry import Entry, n_of
from rnnbench.study.figures.gradients import from_zero_in_decades
from rnnbench.study.figures.names import at_the_edge, name_dots
from rnnbench.study.figures.style import INK, Look, reference_lines
from rnnbench.study.probes.quantities import Quantity
from rnnbench.study.settings import ONLINE, TaskSettings
from rnnbench.study.tasks import Metric
from rnnbench.trial.summary import listed

ROUNDING = 1e-20
"""A relative variance below is that of the order of summation, not of a rule that draws."""
COSTS = {"microseconds": ("µs per update and run", 1), "bytes": ("peak memory of one gradient, kB", 1e-3)}


def bias(rules: pd.DataFrame) -> pd.Series:
    """Relative bias; zero where its square, the mean over replicates, lies within two standard errors of zero."""
    squared = rules["squared_bias"]
    return np.sqrt(squared.mask(squared <= 2 * rules["squared_bias_error"], 0))


def variance(rules: pd.DataFrame) -> pd.Series:
    """Relative variance of one draw; zero where nothing is drawn."""
    return rules["variance"].mask(rules["variance"] <= ROUNDING, 0)


def front(cost: Array, value: Array, higher_is_better: bool) -> Array:
    """Which have no other that is cheaper and better, or one of them and equal in the other; where a number is missing, False."""
    worth = value if higher_is_better else -value
    known = np.isfinite(cost) & np.isfinite(worth)
    no_worse = (cost[:, None] <= cost) & (worth[:, None] >= worth)
    beaten = (no_worse & ((cost[:, None] < cost) | (worth[:, None] > worth)))[known].any(0)
    found: Array = known & ~beaten
    return found


def on_front(rules: pd.DataFrame, column: str, metric: Metric) -> Array:
    """Which rules are on the front of the metric over a column of cost."""
    return front(rules[column].to_numpy(float), rules["iqm"].to_numpy(float), metric.higher_is_better)


def alignment(along: pd.DataFrame, rules: pd.DataFrame, look: Look, unit: str) -> Figure:
    """Cosine to the exact gradient along the run of the exact one, a line for each rule with its quartiles, named at its end."""
    variants = rules.drop_duplicates("rule").set_index("rule")["variant"]
    data = along[(along["quantity"] == Quantity.COSINE) & along["rule"].isin(variants.index)].dropna(subset="median")
    figure = Figure(figsize=(8, 4.6))
    ax = figure.subplots()
    ends = {}
    for rule, own in data.groupby("rule", sort=False):
        variant = variants[rule]
        line = ax.plot(own["examples"], own["median"], color=look.colour(variant))[0]
        line.set_dashes(look.dash(variant))
        ax.fill_between(own["examples"], own["low"], own["high"], color=look.colour(variant), alpha=0.12, linewidth=0)
        ends[str(rule)] = (float(own["examples"].iloc[-1]), float(own["median"].iloc[-1]), look.colour(variant))
    ax.set(xlabel=unit, ylabel="cosine to the exact gradient", ylim=(min(-0.1, data["low"].min() - 0.05), 1.08))
    from_zero_in_decades(ax, data)
    reference_lines(ax, {"exact": 1})
    at_the_edge(ax, ends)
    return figure


def cosine_and_end(rules: pd.DataFrame, metric: Metric) -> Figure:
    """Where each rule ends over its cosine to the exact gradient, with its interval; every dot named."""
    figure = Figure(figsize=(8, 4.2))
    ax = figure.subplots()
    bars = np.abs(rules[["low", "high"]].to_numpy().T - rules["iqm"].to_numpy())
    ax.errorbar(rules["cosine"], rules["iqm"], yerr=bars, fmt="o", color=INK, markersize=6, linewidth=1)
    ax.set(xlabel="cosine to the exact gradient, along the exact run", ylabel=f"{metric.label} (test)")
    ax.margins(0.12)
    name_dots(ax, rules["cosine"], rules["iqm"], rules["rule"].tolist(), rules[["low", "high"]].to_numpy())
    return figure


def noise(rules: pd.DataFrame, look: Look) -> Figure:
    """Relative bias against relative variance on log axes, zeros of either at the edge; every dot named."""
    figure = Figure(figsize=(8, 4.8))
    ax = figure.subplots()
    x, left = _from_nothing(bias(rules))
    y, bottom = _from_nothing(variance(rules))
    colours = [look.colour(variant) for variant in rules["variant"]]
    ax.scatter(x, y, s=44, c=colours, edgecolors=INK, linewidth=0.8, zorder=3)
    ax.set(xscale="log", yscale="log", xlabel="relative bias", ylabel="relative variance of one draw")
    ax.set_xlim(left / 2, 4 * max(x.max(), 1))
    ax.set_ylim(bottom / 3, 10 * max(y.max(), 1))
    for axis, edge, word in ((ax.xaxis, left, "not above\nthe noise"), (ax.yaxis, bottom, "none")):
        first, last = round(np.log10(edge)) + 1, int(np.log10(axis.get_view_interval()[1]))
        decades = range(first, last + 1, 1 + (last - first) // 8)
        axis.set_ticks([edge, *(10.0**k for k in decades)], [word, *(f"$10^{{{k}}}$" for k in decades)])
    ax.minorticks_off()
    ax.axvline(left * 10**0.5, color=INK, linewidth=0.8, linestyle=":")
    ax.axhline(bottom * 10**0.5, color=INK, linewidth=0.8, linestyle=":")
    name_dots(ax, x, y, rules["rule"].tolist())
    return figure


def _from_nothing(values: pd.Series) -> tuple[pd.Series, float]:
    """For a log axis: zeros a decade below the decade of the smallest that is not, and where that is."""
    smallest = values[values > 0].min()
    edge = 10.0 ** (np.floor(np.log10(smallest)) - 1 if pd.notna(smallest) else -1)
    return values.where(values > 0, edge), edge


def pareto(rules: pd.DataFrame, keras: pd.DataFrame, metric: Metric, look: Look) -> Figure:
    """Where each rule ended over what an update took and over what a gradient keeps; full dots have none cheaper and better.

    keras: of the twins in Keras, variant, microseconds, iqm, low and high.
    """
    figure = Figure(figsize=(11, 4.8))
    panels = figure.subplots(1, 2, sharey=True)
    logarithmic = not metric.higher_is_better and rules["low"].min() > 0 and rules["iqm"].max() > 30 * rules["iqm"].min()
    panels[0].set(ylabel=f"{metric.label} (test)", yscale="log" if logarithmic else "linear")
    for ax, (column, (label, unit)) in zip(panels, COSTS.items(), strict=True):
        data = rules[np.isfinite(rules[column]) & np.isfinite(rules["iqm"])]
        data = data.assign(**{column: unit * data[column]})
        best = on_front(data, column, metric)
        for (_, row), on_it in zip(data.iterrows(), best, strict=True):
            _ended(ax, row[column], row, look, "o", filled=on_it)
        along = data[best].sort_values(column)
        ax.plot(along[column], along["iqm"], color=INK, linewidth=0.8, linestyle=":", drawstyle="steps-post", zorder=1)
        for _, row in (keras if column == "microseconds" else keras[:0]).iterrows():
            _ended(ax, row[column], row, look, "X", filled=True)
        ax.set(xlabel=label, xscale="log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.margins(0.14)
    figure.tight_layout()
    for ax, (column, (_, unit)) in zip(panels, COSTS.items(), strict=True):
        shown = pd.concat([rules, keras.assign(rule="bptt in Keras")]) if column == "microseconds" and len(keras) else rules
        shown = shown[np.isfinite(shown[column]) & np.isfinite(shown["iqm"])]
        name_dots(ax, unit * shown[column], shown["iqm"], shown["rule"].tolist(), shown[["low", "high"]].to_numpy())
    return figure


def _ended(ax: Axes, x: float, row: pd.Series, look: Look, mark: str, filled: bool) -> None:
    """A dot with its interval as a bar."""
    colour = look.colour(row["variant"])
    ax.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=1.2, zorder=2)
    inner, outer, width = (colour, INK, 0.8) if filled else ("none", colour, 1.6)
    ax.scatter([x], [row["iqm"]], s=44, marker=mark, zorder=3, facecolor=inner, edgecolor=outer, linewidth=width)


def entries(tables: Tables, task: TaskSettings, look: Look, unit: str) -> Iterator[tuple[str, Entry]]:
    """Figures by name, for tables of one task; none where no rules were held against each other. unit: what examples are."""
    if tables.online.empty:
        return
    metric, n = task.kind.metrics[0], n_of(tables.online["replicates"])
    aligned = tables.online.dropna(subset=["cosine", "squared_bias", "variance"]).sort_values("cosine", ascending=False)
    if len(aligned):
        yield (
            "rules_alignment",
            Entry(
                partial(alignment, tables.beside_exact, tables.online, look, unit),
                f"Cosine of each rule's gradient to the exact one along the run of the exact rule on {task.name}; over"
                " its later three quarters:"
                f" {', '.join(f'{rule} {cosine:.2g}' for rule, cosine in columns(aligned['rule'], aligned['cosine']))}.",
                "Cosine of each rule's gradient, of one draw where it draws, to the exact one at the same weights: those that the"
                " run of the exact rule went through. On whole validation sequences, of the parameters of the recurrent layers"
                " alone, as the readout's gradient is exact in nearly every rule. A rule that learns something of its own has"
                f" had lessons first. Lines are medians over {n}, bands quartiles. Dotted: exact.",
            ),
        )
        yield (
            "rules_cosine",
            Entry(
                partial(cosine_and_end, aligned, metric),
                f"{metric.label} at the end over cosine to the exact gradient on {task.name}, by rule:"
                f" {', '.join(f'{rule} {end:.3g}' for rule, end in columns(aligned['rule'], aligned['iqm']))}.",
                f"Does alignment predict the end? {metric.label[0].upper() + metric.label[1:]} on test data, over the mean cosine"
                f" of one draw to the exact gradient, in the later three quarters of the exact run; {n}, bars intervals.",
            ),
        )
        scatter = columns(aligned["rule"], bias(aligned), variance(aligned))
        yield (
            "rules_noise",
            Entry(
                partial(noise, aligned, look),
                f"Relative bias and variance of each rule's gradient late in training on {task.name}, 0 where there is none or"
                f" none above the noise: {', '.join(f'{rule} {off:.2g} and {wide:.2g}' for rule, off, wide in scatter)}.",
                "How far each rule's gradient is off on average (bias), and the mean square of how far one draw lies from that"
                " (variance), both relative to the norm of the exact gradient, over the later three quarters of the run of the"
                " exact rule, on log axes. What has none is beyond the dotted lines: at the bottom, rules that draw nothing;"
                " left, those whose squared bias, the mean over runs, is within two standard errors of zero, as an unbiased"
                " rule's is."
                f" {n}, parameters of the recurrent layers alone.",
            ),
        )
    twins = tables.final[(tables.final["metric"] == metric.name) & (tables.final["recipe"] == ONLINE)]
    trained = tables.cost[tables.cost["library"] == "keras"].set_index("variant")["microseconds_per_update"]
    twins = twins[twins["variant"].isin(trained.index)].assign(microseconds=lambda t: t["variant"].map(trained))
    fronts = [
        f"over {what}, none is both cheaper and better than {listed(on_it) if on_it else 'any'}"
        for column, what in (("microseconds", "time"), ("bytes", "memory"))
        for on_it in [tables.online.loc[on_front(tables.online, column, metric), "rule"].tolist()]
    ]
    yield (
        "rules_pareto",
        Entry(
            partial(pareto, tables.online, twins, metric, look),
            f"{metric.label} by rule on {task.name}, over time and over memory: {'; '.join(fronts)}.",
            f"{metric.label[0].upper() + metric.label[1:]} at the end of training: left over the time of an update of a"
            " run, right over the peak memory of one gradient of one sequence, at the measured size nearest to this"
            " task's. Full dots, along the dotted line, have no other rule that is both cheaper and better"
            f"{'; the cross is the exact rule in Keras, which trains one replicate after the other' if len(twins) else ''}. Bars"
            f" are bootstrap intervals, {n}, test data. Times are those of this code in NumPy, where calls outweigh arithmetic in"
            " small networks.",
        ),
    )


def columns(*series: pd.Series) -> Iterator[tuple[Any, ...]]:
    """Side by side, a tuple a row."""
    return zip(*series, strict=True)

"""The learning-curve explorer: what explorer.js draws (a Vega-Lite chart) and from what (the curves, small)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.study.figures.style import Look
from rnnbench.study.settings import TaskSettings

MOST_VALUES = 200_000
"""Of single replicates, as many values are in the page at most: so many replicates of each variant as that allows."""
X_AXES = {"examples": "examples seen", "updates": "updates", "seconds": "CPU seconds of a replicate"}


@dataclass(frozen=True)
class Explorer:
    """chart: a Vega-Lite specification whose data sets are empty; note: what the curves are.

    data: tasks, each with its metrics, what its examples are, and the curves of its variants; variants, with colour and dash;
    x_axes, by column.
    """

    chart: dict[str, Any]
    data: dict[str, Any]
    note: str


def explorer(curves: pd.DataFrame, traces: pd.DataFrame, tasks: Mapping[str, TaskSettings], look: Look) -> Explorer:
    """curves: the table of that name, with seconds; traces: validation rows of all runs' curves.csv."""
    # As many replicates of each as may be, the same number of all.
    rows, most = len(traces), int(traces["replicate"].max()) + 1
    kept = most if rows <= MOST_VALUES else max(1, most * MOST_VALUES // rows)
    by_task = {name: _task(curves, traces[traces["replicate"] < kept], tasks[name]) for name in curves["task"].unique()}
    names = [v for v in look.variants if v in set(curves["variant"])]
    variants = [{"name": v, "colour": look.palette[v], "dash": [2 * dash for dash in look.dashes[v]]} for v in names]
    note = "Means are interquartile, bands bootstrap intervals over replicates, on validation data."
    if kept < most:
        note += f" Of single replicates the first {kept} of each variant are drawn, so that this page stays small."
    return Explorer(_chart(variants), {"tasks": by_task, "variants": variants, "x_axes": X_AXES}, note)


def _task(curves: pd.DataFrame, traces: pd.DataFrame, task: TaskSettings) -> dict[str, Any]:
    own, single = curves[curves["task"] == task.name], traces[traces["task"] == task.name]
    metrics = [
        {
            "name": metric.name,
            "label": metric.label,
            "references": [{"name": n, "value": v[metric.name]} for n, v in task.kind.references.items() if metric.name in v],
        }
        for metric in task.kind.metrics
    ]
    replicates = dict(iter(single.groupby(["variant", "metric"], sort=False)))
    variants: dict[str, Any] = {}
    for (variant, metric), rows in own.groupby(["variant", "metric"], sort=False):
        wide = replicates[variant, metric].pivot(index="replicate", columns="updates", values="value")
        found = variants.setdefault(str(variant), {x: _small(rows[x].to_numpy()) for x in X_AXES} | {"metrics": {}})
        found["metrics"][metric] = {
            **{name: _small(rows[column].to_numpy()) for name, column in (("value", "iqm"), ("low", "low"), ("high", "high"))},
            "replicates": [_small(row) for row in wide[rows["updates"]].to_numpy()],
        }
    return {"metrics": metrics, "examples": f"{task.kind.unit} seen", "variants": variants}


def _small(values: Array) -> list[float | int | None]:
    """Counts as they are, else four significant digits; None where there is no number."""
    return [v if isinstance(v, int) else float(f"{v:.4g}") if np.isfinite(v) else None for v in values.tolist()]


def _chart(variants: list[dict[str, Any]]) -> dict[str, Any]:
    """Bands, single replicates, means, reference lines and a cursor, over x and value; zoomed by dragging and Ctrl + wheel."""
    names = [v["name"] for v in variants]
    colour = alt.Color("variant:N", title=None, legend=None, scale=alt.Scale(domain=names, range=[v["colour"] for v in variants]))
    dash = alt.StrokeDash(
        "variant:N", title=None, legend=None, scale=alt.Scale(domain=names, range=[v["dash"] or [1, 0] for v in variants])
    )
    x, y = alt.X("x:Q"), alt.Y("value:Q")
    mouse = "[pointerdown[event.pointerType === 'mouse'], window:pointerup] > window:pointermove!"
    zoom = alt.selection_interval("zoom", bind="scales", translate=mouse, zoom="wheel![event.ctrlKey || event.metaKey]")

    def layer(data: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(data))

    chart = alt.layer(
        layer("bands").mark_area(opacity=0.18, clip=True).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        layer("traces").mark_line(strokeWidth=0.7, opacity=0.55, clip=True).encode(x=x, y=y, color=colour, detail="replicate:N"),
        layer("means").mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=colour, strokeDash=dash).add_params(zoom),
        layer("references").mark_rule(strokeDash=[2, 3], clip=True).encode(y=y),
        layer("references").mark_text(align="right", dy=-6, clip=True).encode(x=alt.value("width"), y=y, text="name:N"),
        layer("cursor").mark_rule(clip=True).encode(x=x, opacity=alt.Opacity("on:Q", scale=None, legend=None)),
    )
    return chart.properties(width="container", height=420).to_dict()

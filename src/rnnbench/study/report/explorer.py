"""Charts of lines that move: what explorer.js draws (a Vega-Lite chart) and from what, and the same standing still."""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from rnnbench.arrays import Array
from rnnbench.study.figures.style import OTHERS, Look, coloured, small
from rnnbench.study.probes.quantities import AS_TRAINED, DIAGNOSED, Quantity
from rnnbench.study.settings import TaskSettings

MOST_VALUES = 15_000
"""Of single runs, as many values are in a chart at most: so many runs of each variant as that allows."""


@dataclass(frozen=True)
class Measure:
    """Something that is drawn over something. name: in addresses and files; how: how to read it; references: lines by name.

    rows: variant, the columns of `over`, value, low and high, a row for each point. runs: the values of single runs by variant.
    """

    name: str
    label: str
    how: str
    over: Mapping[str, str]
    rows: pd.DataFrame
    log: bool = False
    references: Mapping[str, float] = field(default_factory=dict)
    runs: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Explorer:
    """anchor: its id. chart: a Vega-Lite specification whose data sets are empty; data: what fills them, compressed.

    still: its first state as an SVG. measures: what can be chosen, by name.
    """

    anchor: str
    task: str
    title: str
    chart: Mapping[str, Any]
    data: str
    still: str
    measures: Mapping[str, str]


def explorer(anchor: str, task: str, title: str, measures: Sequence[Measure], look: Look) -> Explorer:
    """A chart of several measures, of which one is drawn at a time."""
    drawn = _chart()
    data = packed(json.dumps([_packed(m) for m in measures], separators=(",", ":")))
    still = coloured(small(vl_convert.vegalite_to_svg(_still(drawn, measures[0], look))))
    return Explorer(anchor, task, title, drawn, data, still, {m.name: m.label for m in measures})


def packed(text: str) -> str:
    """A text, compressed, as letters and digits that explorer.js unpacks."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def of_learning(curves: pd.DataFrame, traces: pd.DataFrame, task: TaskSettings) -> list[Measure]:
    """The metrics of a task. curves: the table, with seconds; traces: validation rows of its runs' curves.csv."""
    over = {"examples": f"{task.kind.unit} seen", "updates": "updates", "seconds": "CPU seconds of a run"}
    rows, most = len(traces), int(traces["replicate"].max()) + 1
    kept = most if rows <= MOST_VALUES else max(1, most * MOST_VALUES // rows)
    single = {
        key: of.pivot(index="replicate", columns="updates", values="value")
        for key, of in traces[traces["replicate"] < kept].groupby(["metric", "variant"], sort=False)
    }
    found = []
    for metric in task.kind.metrics:
        own = curves[curves["metric"] == metric.name]
        runs = {str(v): single[metric.name, v][of["updates"]].to_numpy() for v, of in own.groupby("variant", sort=False)}
        how = "Lines are interquartile means over runs on validation data, bands bootstrap intervals."
        if kept < most:
            how += f" Of single runs the first {kept} of each variant are here."
        points, lines = own.rename(columns={"iqm": "value"}), task.kind.lines(metric)
        found.append(Measure(metric.name, metric.label, how, over, points, references=lines, runs=runs))
    return found


MEDIANS = f"Medians over the first {DIAGNOSED} runs at most, bands quartiles; a diverged run is left out."
COSINE = (
    "Cosine between the gradient of each run's own rule, in its own windows with the weights standing still, and the exact one."
)
ALONG: dict[Quantity, tuple[str, str, bool, dict[str, float]]] = {
    Quantity.COSINE: (
        "cosine to exact, {}",
        "At the weights that a run went through, on validation sequences; 1 is exact.",
        False,
        {},
    ),
    Quantity.NORM_RATIO: ("norm over that of the exact gradient, {}", "1 is as long as the exact gradient.", True, {}),
    Quantity.SIGN_AGREEMENT: ("share of equal signs, {}", "Of the parameters where not both are zero; 1/2 is chance.", False, {}),
    Quantity.GRADIENT_NORM: ("norm of the exact gradient of {}", "On validation sequences, along each run.", True, {}),
    Quantity.UPDATE_TO_WEIGHT: (
        "movement per update over the norm of the weights",
        "Net movement between two points at which weights were kept: steps that turn back cancel.",
        True,
        {},
    ),
    Quantity.SPECTRAL_RADIUS: (
        "spectral radius of {}",
        "A linearised memory fades where it is below 1 times the slope of the units.",
        False,
        {},
    ),
    Quantity.LYAPUNOV_EXPONENT: (
        "largest Lyapunov exponent",
        "Natural log per step at which a small nudge of the state grows (above 0) or fades, over finite sequences.",
        False,
        {"neither grows nor fades": 0.0},
    ),
    Quantity.LAG_RATE: (
        "factor per step of the loss's derivative by {}",
        "Of the exponential that fits its norm over lags best; 1 is no decay.",
        False,
        {},
    ),
    Quantity.SATURATED_UNITS: (
        "share of saturated units in {}",
        "Slope of the activation below a tenth of its largest value.",
        False,
        {},
    ),
}
"""Along training: the label (of what), how to read it, whether on a log axis, reference lines."""
BY_LAG: dict[Quantity, tuple[str, str, str, bool]] = {
    Quantity.LAG_NORM: (
        "norm of the loss's derivative by {}",
        "steps back",
        "How far back the last loss reaches after training. A straight fall on a log axis is an exponential one.",
        True,
    ),
    Quantity.SINGULAR_VALUE: (
        "{} singular value of the derivative of the last state",
        "steps back",
        "By how much a nudge of the state can grow, does in the middle, and must at least remain, after training.",
        True,
    ),
}
"""After training, by lag: the label (of what), what is counted, how to read it, whether on a log axis."""


def of_gradients(statistics: pd.DataFrame, task: TaskSettings) -> list[Measure]:
    """What was measured along the runs of a task, that of the run's own gradient first; and by lag after training."""
    named = statistics.rename(columns={"median": "value"})
    over = {"examples": f"{task.kind.unit} seen", "updates": "updates"}
    found = []
    for quantity, (label, how, log, lines) in ALONG.items():
        own = named[(named["quantity"] == quantity) & named["value"].notna()]
        for of in sorted(own["of"].unique(), key=lambda of: (of != AS_TRAINED, of)):
            rows = own[own["of"] == of]
            told = f"{COSINE} 1 is exact." if (quantity, of) == (Quantity.COSINE, AS_TRAINED) else how
            found.append(Measure(f"{quantity}-{of}", label.format(of), f"{told} {MEDIANS}", over, rows, log, lines))
    ended = named[named["updates"] == named.groupby("variant")["updates"].transform("max")]
    for quantity, (label, counted, how, log) in BY_LAG.items():
        own = ended[(ended["quantity"] == quantity) & (ended["value"] > 0)]
        for of in own["of"].unique():
            told = f"{how} {MEDIANS}"
            found.append(Measure(f"{quantity}-{of}", label.format(of), told, {"lag": counted}, own[own["of"] == of], log))
    return found


def _packed(measure: Measure) -> dict[str, Any]:
    variants = {
        str(variant): {
            **{x: _small(of[x]) for x in measure.over},
            **{name: _small(of[name]) for name in ("value", "low", "high")},
            **({"runs": [_small(run) for run in measure.runs[str(variant)]]} if measure.runs else {}),
        }
        for variant, of in measure.rows.groupby("variant", sort=False)
    }
    said = {"name": measure.name, "label": measure.label, "how": measure.how, "over": dict(measure.over), "log": measure.log}
    return {**said, "references": [{"name": n, "value": v} for n, v in measure.references.items()], "variants": variants}


def _small(values: Iterable[float]) -> list[float | int | None]:
    """Counts as they are, else four significant digits; None where there is no number."""
    return [None if pd.isna(v) else int(v) if float(v).is_integer() else float(f"{v:.4g}") for v in values]


def _chart() -> dict[str, Any]:
    """Bands, single runs, lines, reference lines and a cursor, over x and value; zoomed by dragging and Ctrl + wheel."""
    colour = alt.Color("variant:N", title=None, legend=None, scale=alt.Scale(domain=[], range=[]))
    dash = alt.StrokeDash("variant:N", title=None, legend=None, scale=alt.Scale(domain=[], range=[]))
    x, y = alt.X("x:Q"), alt.Y("value:Q")
    mouse = "[pointerdown[event.pointerType === 'mouse'], window:pointerup] > window:pointermove!"
    zoom = alt.selection_interval("zoom", bind="scales", translate=mouse, zoom="wheel![event.ctrlKey || event.metaKey]")

    def layer(data: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(data))

    chart = alt.layer(
        layer("others").mark_line(strokeWidth=1, clip=True, color=OTHERS[0]).encode(x=x, y=y, detail="variant:N"),
        layer("ends").mark_point(size=18, filled=True, clip=True, color=OTHERS[0]).encode(x=x, y=y),
        layer("bands").mark_area(opacity=0.18, clip=True).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        layer("traces").mark_line(strokeWidth=0.7, opacity=0.55, clip=True).encode(x=x, y=y, color=colour, detail="run:N"),
        layer("means").mark_line(strokeWidth=2.2, clip=True).encode(x=x, y=y, color=colour, strokeDash=dash).add_params(zoom),
        layer("references").mark_rule(strokeDash=[2, 3], clip=True).encode(y=y),
        layer("references").mark_text(align="left", dy=-6, clip=True).encode(x=alt.value(3), y=y, text="name:N"),
        layer("cursor").mark_rule(clip=True).encode(x=x),
    )
    return chart.properties(width="container", height=380).to_dict()


def _still(chart: Mapping[str, Any], measure: Measure, look: Look) -> dict[str, Any]:
    """The chart of a measure with who has a role in colour, as a picture with a legend."""
    x = next(iter(measure.over))
    rows = measure.rows[["variant", x, "value", "low", "high"]].rename(columns={x: "x"}).dropna(subset="value")
    there = [v for v in look.pinned if v in set(rows["variant"])]
    pinned = rows["variant"].isin(there)
    data = {
        "others": rows[~pinned],
        "ends": rows[~pinned].groupby("variant").tail(1),
        "bands": rows[pinned].dropna(),
        "means": rows[pinned],
    }
    spec: dict[str, Any] = json.loads(json.dumps(chart))
    spec["datasets"] = {name: json.loads(of.to_json(orient="records")) for name, of in data.items()}
    spec["datasets"]["references"] = [{"name": n, "value": v} for n, v in measure.references.items()]
    spec["layer"] = [layer for layer in spec["layer"] if spec["datasets"].get(layer["data"]["name"])]
    for layer in spec["layer"]:
        layer.pop("params", None)
        encoded = layer["encoding"]
        if "field" in encoded.get("x", {}):
            encoded["x"] |= {"title": measure.over[x]}
        if "y" in encoded:
            encoded["y"] |= {"title": measure.label, "scale": {"zero": False, "type": "log" if measure.log else "linear"}}
        for of, range_ in (("color", [look.colour(v) for v in there]), ("strokeDash", [look.dash(v) or [1, 0] for v in there])):
            if of in encoded:
                encoded[of] |= {
                    "scale": {"domain": there, "range": range_},
                    "legend": {"orient": "bottom", "symbolType": "stroke"},
                }
    font = {"labelFontSize": 12, "titleFontSize": 12}
    return spec | {
        "width": 640,
        "height": 300,
        "config": {"axis": font, "legend": font, "text": {"fontSize": 12}, "background": None},
    }

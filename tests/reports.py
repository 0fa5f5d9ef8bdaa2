"""Small reports: tables as a study of XOR would leave them, and the page made of them."""

import shutil
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from studies import XOR

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.gradients.registry import RULES
from rnnbench.study.analysis import claims, comparisons, online
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures import style
from rnnbench.study.figures.catalogue import catalogue
from rnnbench.study.jobs import pipeline
from rnnbench.study.probes import verdicts
from rnnbench.study.report.build import build
from rnnbench.study.settings import TaskSettings
from rnnbench.trial import verdict

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
TARGETS = {"xor": 0.05}
STATISTICS = {"confidence": 0.95, "resamples": 100}
GRADIENT_COST = pd.DataFrame(
    [(r, n, 28, s * n**2, 100.0 * n) for r, s in [("bptt", 1e-6), ("rtrl", 1e-5)] for n in (8, 32)],
    columns=["rule", "hidden", "steps", "seconds", "memory_bytes"],
).assign(sweep="hidden", depth=1, batch=1, low=1e-5, high=1.0, memory_by="allocated")
UPDATE_COST = pd.DataFrame(
    {
        "task": "xor",
        "who": ["rnnbench", "rnnbench, one replicate", "jax", "Keras, default", "Keras, jit"],
        "seconds": [1e-5, 4e-5, 1e-6, 8e-5, 3e-5],
        "low": [9e-6, 3.6e-5, 9e-7, 7e-5, 2.7e-5],
        "high": [1.1e-5, 4.4e-5, 1.1e-6, 9e-5, 3.3e-5],
    }
).assign(replicates_at_once=[3, 1, 3, 1, 1])
JOBS = pd.DataFrame([("train", 1.0, 9.0, 7.0, 0.5, True), ("other", 1.0, 3.0, 2.0, 0.5, False)], columns=pipeline.COLUMNS)
EVIL = '<img src=x onerror="alert(1)">'
CLAIMS = [
    {
        "claim": EVIL,
        "source": "somebody",
        "tried": [
            {"task": "xor", "variant": variant, "reference": "numpy-bptt", "without": "numpy-posted"}
            for variant in ("keras", "absent")
        ],
    }
]
FILES = {"keras": "use rule train as train_keras with:\n"}
BLANK = '<svg xmlns="http://www.w3.org/2000/svg"/>'
VARIANTS = ("numpy-posted", "numpy-bptt", "keras", EVIL, *(f"other-{number}" for number in range(5)))
ENVIRONMENT = {"python": "3.11.7", "packages": {"numpy": "2.4.6"}, "cpu": "a CPU"}
HASHES = {"splits": "5" * 64, "initial": "1" * 64, "order": "0" * 64}
CITATION = {"title": "rnnbench", "version": "0.1.0", "authors": [{"name": "The rnnbench developers"}]}


tried = cache(verdict.trial)
ROLES = {"numpy-posted": "posted", "numpy-rtrl-online": "exact", "numpy-mlp": "no-memory"}
ROLES |= {"keras": "keras-twin", "keras-default": "keras-defaults"}


FORWARD = (None, None, float("nan"))
"""Of a run that was not trained by a backward pass."""


def of_variants(names, task="xor"):
    """The table of variants: those that are known by their names have a role, and all have one recipe."""
    rows = [
        (
            task,
            name,
            ROLES.get(name),
            "keras" if name.startswith("keras") else "numpy",
            _gradient(name),
            "online",
            "{}",
            16,
            *FORWARD,
        )
        for name in names
    ]
    return pd.DataFrame(rows, columns=columns("variants"))


def _gradient(name):
    return next((rule for rule in ("posted", "rtrl", "mlp") if rule in name), "bptt")


def judged(**tried_rules):
    """Records of all rules of the package; of those that are given, with what the trial finds."""
    names = [*tried_rules, *(name for name in RULES if name not in tried_rules)]
    records = []
    for name in names:
        rule = tried_rules.get(name)
        records.append(verdicts.record(name, rule or RULES[name], tried(name, rule) if rule else None))
    return records


def tables(
    variants=("numpy-posted", "numpy-bptt", "keras"),
    posted=Posted,
    drift=1e-15,
    mse=0.1,
    solved=1,
    ends=None,
    rungs=None,
    replicates=3,
    points=(0, 1, 9),
    **costs,
):
    """ends: of replicates, where it is not mse; rungs: of the ladder, else the variants; costs: tables of cost and of rules."""
    costs = {**of_rules(held(variants)), **costs}
    count = replicates
    metrics = [m.name for m in TASKS["xor"].kind.metrics]
    pairs = [(v, m) for v in variants for m in metrics]
    names, measured = [v for v, _ in pairs], [m for _, m in pairs]
    final = pd.DataFrame({"task": "xor", "variant": names, "recipe": "online", "learning_rate": 0.05, "metric": measured})
    iqm = [float(np.median((ends or {}).get(v, mse))) for v in names]
    final = final.assign(
        iqm=iqm,
        low=np.divide(iqm, 2),
        high=np.multiply(iqm, 2),
        replicates=count,
        diverged=[1 if v == "keras" else 0 for v in names],
    )
    final["solved"] = pd.array([solved if m == metrics[0] else None for m in measured], dtype="Int64")
    curves = pd.concat(
        [final[["task", "variant", "metric", "iqm", "low", "high"]].assign(updates=u, examples=10 * u) for u in points]
    )
    of_replicates = pd.concat(
        [final[["task", "variant", "metric"]].assign(replicate=r, value=mse * (1 + r / count)) for r in range(count)]
    )
    cost = pd.DataFrame(
        {"task": "xor", "variant": list(variants), "library": "numpy", "replicates": count, "updates": 9, "examples": 90}
    )
    cost = cost.assign(
        gradient=["posted" if "posted" in v else "bptt" for v in variants],
        startup_seconds=1.0,
        training_seconds=2.0,
        microseconds_per_update=[10.0 * (i + 1) for i in range(len(variants))],
        peak_memory_mb=50.0,
    )
    rows = []
    for v in variants:
        for updates in (points[0], *points[2:]):
            for quantity, of, lags in [
                ("cosine", "as trained", 1),
                ("cosine", "posted", 1),
                ("gradient norm", "W0", 1),
                ("spectral radius", "R1", 1),
                ("lag norm", "x1", 4),
                ("lag rate", "x1", 1),
                ("sign agreement", "as trained", 1),
                ("pair cosine", "posted | exact", 1),
                ("pair norm ratio", "posted | exact", 1),
                ("pair sign agreement", "posted | exact", 1),
                ("update to weight", "all weights", 1),
                ("Lyapunov exponent", "largest", 1),
                ("saturated units", "x1", 1),
                ("rms error", "place", 13),
                *(("singular value", of, 3) for of in ("largest", "median", "smallest")),
            ]:
                rows += [("xor", v, updates, 10 * updates, quantity, of, lag, 0.5, 0.4, 0.6, replicates) for lag in range(lags)]
    statistics = pd.DataFrame(
        rows, columns=["task", "variant", "updates", "examples", "quantity", "of", "lag", "median", "low", "high", "finite"]
    )
    records = judged(posted=posted, bptt=Bptt)
    lockstep = pd.DataFrame(
        {
            "task": "xor",
            "dtype": "float64",
            "optimizer": "sgd",
            "learning_rate": 0.01,
            "update": [0, 1, 200],
            "difference": [0, drift / 2, drift],
        }
    )
    rates = [(q, rate) for q in ("moving weights", "stale sensitivities") for rate in (1e-3, 1e-2)]
    staleness = pd.DataFrame([("xor", rate, q, 0.1, 0.2, 0.3, 3) for q, rate in rates], columns=columns("staleness"))
    made = {
        "curves": curves,
        "final": final,
        "replicates": of_replicates,
        "variants": of_variants(variants),
        "cost": cost,
        "gradient_statistics": statistics,
        "rules": verdicts.rules(records),
        "verdicts": verdicts.findings(records),
        "paths": verdicts.paths(records),
        "yardstick": pd.DataFrame({"relative_error": [1e-14, 2e-15]}),
        "lockstep": lockstep,
        "staleness": staleness,
    }
    return Tables({**made, **compared(final, cost, variants, mse, ends or {}, rungs, points), **costs})


def held(variants, **changes):
    """Rules held against each other, as many as there are variants for: name, claim, end, cosine, squared bias, variance."""
    known = [
        ("bptt", "exact", 0.1, np.nan, np.nan, np.nan),
        ("snap1", "biased", 0.15, 0.7, 0.25, 1e-31),
        ("uoro", "unbiased", 0.25, 0.1, -0.3, 40.0),
        ("kf-rtrl", "unbiased", 0.2, 0.5, 0.01, 4.0),
        ("elman", "biased", 0.22, 0.3, 0.36, 0.0),
        ("diagonal", "exact in one layer", 0.3, np.nan, np.nan, np.nan),
    ]
    rows = [(*row, variant) for row, variant in zip(known, variants)]
    table = pd.DataFrame(rows, columns=["rule", "claim", "iqm", "cosine", "squared_bias", "variance", "variant"])
    table = table.assign(task="xor", time=2, memory=1, metric="mse_xor_bit", replicates=3)
    table = table.assign(microseconds=10.0 * (table.index + 1), bytes=[1000.0 * (9 - i) for i in table.index])
    known = {"bptt": "equivalent", "kf-rtrl": "not shown"}
    table = table.assign(squared_bias_error=0.02, as_good=[known.get(rule, "different") for rule in table["rule"]])
    table = table.assign(**changes)
    return table.assign(low=table["iqm"] - 0.02, high=table["iqm"] + 0.02)[columns("online")]


def of_rules(table):
    """The tables of rules, as they go with their summary."""
    beside = [
        ("xor", rule, updates, 10 * updates, quantity, value - 0.1, value, value + 0.1, 3)
        for rule, *values in table[["rule", "cosine", "squared_bias", "variance"]].itertuples(index=False)
        for quantity, value in zip(("cosine", "squared bias", "variance"), values)
        if np.isfinite(value)
        for updates in (0, 1, 9)
    ]
    return {
        "beside_exact": pd.DataFrame(beside, columns=columns("beside_exact")),
        "online": table,
        "correlation": online.correlation(table, TASKS, STATISTICS, 1),
    }


NO_RULES = {name: table[:0] for name, table in of_rules(held("abcdef")).items()}


def compared(final, cost, variants, mse, ends, rungs, points):
    ends = {"xor": {v: np.array(ends.get(v, [mse] * 3)) for v in variants}}
    ladders = {"xor": [{"title": "in order", "rungs": [{"variant": v, "change": f"with {v}"} for v in rungs or variants]}]}
    reached = pd.DataFrame(
        {"task": "xor", "variant": list(variants), "updates": 9, "passes": [1.5] + [np.inf] * (len(variants) - 1)}
    )
    reached = reached.assign(seconds=reached["passes"], reached=[3] + [1] * (len(variants) - 1), replicates=3)
    known = of_variants(variants)
    along = {"xor": {v: comparisons.Course(np.array([9]), values[None]) for v, values in ends["xor"].items()}}
    return {
        "comparisons": comparisons.comparisons(ends, known, TASKS, ladders, STATISTICS, 1),
        "equivalence": comparisons.equivalences(ends, known, verdicts.rules(judged(bptt=Bptt)), TASKS, {"xor": 0.01}, 0.95),
        "claims": claims.claims(ends, TASKS, CLAIMS, {"xor": 0.01}, STATISTICS, 1),
        "scores": comparisons.scores(ends, known, TASKS, STATISTICS, 1),
        "to_target": reached,
        "ladder": comparisons.ladder(final, cost, reached, ends, along, TASKS, ladders, 0.95),
        "times": final.drop_duplicates("variant")[["task", "variant"]].merge(
            pd.DataFrame({"updates": points, "seconds": [u / 10 for u in points]}), how="cross"
        ),
        "gradient_cost": GRADIENT_COST,
        "update_cost": UPDATE_COST,
    }


class Made(NamedTuple):
    """A report as it was made: the page, the answer as text, the folder of its figures, and their entries."""

    html: str
    answer: str
    figures: object
    entries: dict


def provenance(made, tasks, missing=()):
    runs = made.final.drop_duplicates(["task", "variant"])
    config = {
        "seed": 1,
        "tasks": dict.fromkeys(tasks, XOR),
        "statistics": STATISTICS,
        "targets": dict.fromkeys(tasks, TARGETS["xor"]),
        "leave_out": {},
        "name": EVIL,
    }
    return {
        "commit": "abc",
        "configfiles": [],
        "config": config,
        "missing": list(missing),
        "environment": ENVIRONMENT,
        "measured_on": {"node": "n1", "cpu": ENVIRONMENT["cpu"]},
        "runs": [
            {
                "task": row.task,
                "variant": row.variant,
                "recipe": {"name": "online", "initial": None},
                "hashes": HASHES,
                "files": {},
                "environment": ENVIRONMENT,
                "timing": {"training_seconds": 1.0, "updates": [0, 9], "seconds": [0.0, 1.0]},
            }
            for row in runs.itertuples()
        ],
    }


def traces(made):
    """A row for each replicate and a point of every curve, as runs leave them."""
    parts = []
    for r in made.replicates["replicate"].unique():
        part = made.curves.rename(columns={"iqm": "value"})[["task", "variant", "metric", "updates", "examples", "value"]]
        parts.append(part.assign(replicate=r, split="validation", value=part["value"] * (0.9 + 0.01 * r)))
    return pd.concat(parts, ignore_index=True)


def several(made, names):
    """The same tables for tasks of several names."""
    return made.each(lambda t: pd.concat([t.assign(task=n) for n in names], ignore_index=True) if "task" in t else t)


def report(folder, made, tasks=("xor",), missing=(), drawn=None, before=None):
    """Draw the figures into the folder, and write report.html beside them.

    drawn: the tasks whose figures are drawn; the others' are copies of those of the last one, or blank. None: all. before: the
    variants of the last report.
    """
    settings = {name: TaskSettings.of(name, XOR, 1) for name in tasks}
    entries = catalogue(made, settings, 0.95)
    for name, entry in entries.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        task, _, figure = name.partition("/")
        if drawn is None or task in drawn:
            style.save(entry.draw(), folder / f"{name}.svg")
        elif drawn:
            shutil.copy(folder / drawn[-1] / f"{figure}.svg", folder / task)
        else:
            (folder / f"{name}.svg").write_text(BLANK, encoding="utf-8")
    found = build(made, traces(made), folder, JOBS, provenance(made, tasks, missing), CITATION, FILES, before)
    (folder / "report.html").write_text(found.html, encoding="utf-8")
    return Made(found.html, found.answer, folder, entries)

"""What the page says of each rule and of each variant."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from rnnbench.gradients.registry import RULES
from rnnbench.study.analysis.outcomes import Change
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.probes.verdicts import judged_again
from rnnbench.study.report.marks import Mark, on_line
from rnnbench.study.report.phrases import number, supported
from rnnbench.study.settings import TaskSettings
from rnnbench.trial import html


class Fact(NamedTuple):
    """What is said, under its name, and a line to it, if any."""

    name: str
    words: str
    mark: Mark | None = None


class Card(NamedTuple):
    """Facts in a line each, links to other cards, and the evidence as HTML.

    anchor: its id, "rule/NAME" or "variant/NAME". code: a text to copy, under its title, if any.
    """

    anchor: str
    name: str
    facts: Sequence[Fact]
    links: Sequence[tuple[str, str]]
    evidence: Markup = Markup("")
    code: tuple[str, str] | None = None


def rule_cards(tables: Tables, tasks: Mapping[str, TaskSettings]) -> Iterator[Card]:
    """What is known of each rule."""
    for told in tables.rules.to_dict("records"):
        row = {key: None if pd.isna(value) else str(value) for key, value in told.items()}
        name = str(row["rule"])
        findings = judged_again(tables.verdicts, tables.paths, name)
        facts = [
            Fact("claims to be", row["claim"] or ""),
            Fact("source", row["source"] or ""),
            Fact("file", row["file"] or _module(name)),
        ]
        if row["headline"]:
            facts.insert(0, Fact("verdict", f"{row['headline'].split(';')[0]}."))
        elif not findings:
            facts.insert(0, Fact("verdict", "not tried: no variant has it"))
        if findings:
            facts.append(Fact("networks", "random ones of its own, not those of the study's tasks"))
        for task in tasks.values():
            facts += _among(tables, task, name)
        own = tables.cost[tables.cost["gradient"] == name]["variant"].unique()
        links = [(f"variant/{variant}", str(variant)) for variant in own]
        evidence = html.evidence(findings, "What is wrong, depth by depth", of=f": {name}") if findings else []
        code = ("In its own words", row["text"]) if row["text"] else None
        yield Card(f"rule/{name}", name, [fact for fact in facts if fact.words], links, Markup("\n".join(evidence)), code)


def _module(name: str) -> str:
    return f"src/rnnbench/gradients/{name.replace('-', '_')}.py" if name in RULES else ""


def _among(tables: Tables, task: TaskSettings, rule: str) -> Iterator[Fact]:
    """Where a rule ends among all rules of online learning on a task, and what it costs there."""
    metric = task.kind.metrics[0]
    own = tables.online[tables.online["task"] == task.name].sort_values("iqm", ascending=not metric.higher_is_better)
    names = own["rule"].tolist()
    if rule in names:
        row = own.iloc[names.index(rule)]
        place = f"{names.index(rule) + 1} of {len(names)} rules"
        yield Fact(
            f"on {task.name}", f"{metric.label} {supported(row['iqm'], row['low'], row['high'])}, {place}", line(own, row, task)
        )
        costs = {"µs per update and run": row["microseconds"], "kB for one gradient": row["bytes"] / 1e3}
        yield Fact(f"cost on {task.name}", ", ".join(f"{number(c)} {unit}" for unit, c in costs.items() if pd.notna(c)))


def line(ends: pd.DataFrame, row: Any, task: TaskSettings) -> Mark:
    """Where a row of a task's ends lies among them, from chance to the best there is."""
    return on_line(row["iqm"], row["low"], row["high"], (task.kind.chance, task.kind.metrics[0].best), ends["iqm"].tolist())


def variant_cards(
    tables: Tables, tasks: Mapping[str, TaskSettings], files: Mapping[str, str], runs: Sequence[Mapping[str, Any]]
) -> Iterator[Card]:
    """What is known of each variant. files: the text of its .smk, by name; runs: as the provenance has them."""
    made_from = {(run["task"], run["variant"]): {**run["hashes"], **run["files"]} for run in runs}
    for name, of in tables.variants.groupby("variant", sort=True):
        first = of.iloc[0]
        roles = [f"{row['role']} on {row['task']}" for row in of.to_dict("records") if pd.notna(row["role"])]
        changes = dict.fromkeys(str(change) for change in of["change"] if change != "{}")
        facts = [
            Fact("library", first["library"]),
            Fact("recipe", ", ".join(f"{row['recipe']} ({row['task']})" for row in of.to_dict("records"))),
            Fact("changes in it", "; ".join(changes) or "none"),
            Fact("role", "; ".join(roles)),
        ]
        for task in of["task"]:
            facts += _against(tables, tasks[task], str(name))
            hashes = made_from.get((task, str(name)), {})
            facts.append(Fact(f"SHA-256 on {task}", ", ".join(f"{what} {digest[:12]}" for what, digest in hashes.items())))
        code = (f"workflow/variants/{name}.smk", files[str(name)]) if name in files else None
        links = (
            [(f"rule/{first['gradient']}", f"rule {first['gradient']}")] if first["gradient"] in set(tables.rules["rule"]) else []
        )
        yield Card(f"variant/{name}", str(name), [fact for fact in facts if fact.words], links, Markup(""), code)


def _against(tables: Tables, task: TaskSettings, variant: str) -> Iterator[Fact]:
    """Where a variant ends on a task, its place among all, what is shown of it beside the posted one, and what it took."""
    metric = task.kind.metrics[0]
    ends = tables.final[(tables.final["task"] == task.name) & (tables.final["metric"] == metric.name)]
    ends = ends.sort_values("iqm", ascending=not metric.higher_is_better)
    names = ends["variant"].tolist()
    row = ends.iloc[names.index(variant)]
    place = f"{names.index(variant) + 1} of {len(names)} variants"
    told = [f"{metric.label} {supported(row['iqm'], row['low'], row['high'])}", place]
    if pd.notna(row["solved"]):
        told.append(f"{row['solved']} of {row['replicates']} runs learn it")
    beside = tables.comparisons[(tables.comparisons["task"] == task.name) & (tables.comparisons["variant"] == variant)]
    told += [
        f"{'no difference shown' if better == Change.NOT_SHOWN else better} beside {reference}"
        for better, reference in zip(beside["better"], beside["reference"], strict=True)
    ]
    cost = tables.cost[(tables.cost["task"] == task.name) & (tables.cost["variant"] == variant)].iloc[0]
    yield Fact(f"on {task.name}", "; ".join(told), line(ends, row, task))
    took = f"{cost['examples']:,} {task.kind.unit}, {cost['updates']:,} updates of {number(cost['microseconds_per_update'])} µs"
    yield Fact(f"cost on {task.name}", f"{took} at a learning rate of {row['learning_rate']:g}")

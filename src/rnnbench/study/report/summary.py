"""The first screen: the verdict in a sentence, what is missing, and four questions, each with a word, a sentence and its runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from rnnbench.gradients.base import Claim
from rnnbench.study.analysis.online import standing
from rnnbench.study.analysis.outcomes import Agreement, Change
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures.hero import Line, cast
from rnnbench.study.report.checks import Check, Severity
from rnnbench.study.report.phrases import measured, number, supported
from rnnbench.study.roles import Role
from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks.base import Example
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.summary import listed

RECURRENCE = "recurrence missing"
"""The slip of a parameter whose gradient sees the present step alone."""
HALF = 0.5
"""Of the way from the posted gradient to Keras, from which on something is most of it."""
EARLY = 0.05
"""Of what was seen, before which nobody would look."""


class Tile(NamedTuple):
    """A question, its answer in a word or two, a sentence, and the anchor of the evidence.

    rows: whose runs are drawn below it, by what they are called there, and on which task.
    """

    question: str
    word: str
    sentence: str
    evidence: str
    rows: Sequence[tuple[str, Line]] = ()
    task: str | None = None


class Bar(NamedTuple):
    """A cell of the thumbnail: how long its bar is, in its units, what it says, and whether the rule is exact."""

    width: float
    words: str
    exact: bool


class Thumbnail(NamedTuple):
    """The rules of online learning by task, the best first: a bar a cell, from chance to the best there is."""

    tasks: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Bar | None]]]


@dataclass(frozen=True)
class Summary:
    """question, and verdict: the answer in a sentence. missing: whether it is the recurrence of W and b alone; None where the
    question is another one. task: of the picture, if any. premise: why one might have seen no gain. example: a picture that
    explains a task.
    """

    question: str
    verdict: str
    missing: bool | None
    task: str | None
    tiles: Sequence[Tile]
    premise: Sequence[str]
    thumbnail: Thumbnail | None
    example: Example | None

    def plain(self) -> str:
        """All of it for a terminal."""
        lines = [
            f"{self.question} {self.verdict}",
            *(f"{t.question} {t.word}.\n    {t.sentence}" for t in self.tiles),
            *self.premise,
        ]
        return "\n".join(lines) + "\n"


def summary(tables: Tables, tasks: Mapping[str, TaskSettings], found: Sequence[Check]) -> Summary:
    """What the study says. found: what its checks have found."""
    if len(tables.published) and not (tables.verdicts["rule"] == "posted").any():
        return again(tables, tasks, found)
    verdict, missing = derivation(tables.verdicts)
    study = {name: OnTask(tables, task) for name, task in tasks.items()}
    asked = [on for on in study.values() if Role.POSTED in on.by_role]
    tiles = [beats_no_memory(asked), matters(asked), why_keras(asked), trust(tables, found)]
    first = asked[0] if asked else next((on for on in study.values() if on.by_role), None)
    run_on = [task.kind for name, task in tasks.items() if (tables.final["task"] == name).any()]
    example = next((kind.example for kind in run_on if kind.example), None)
    task = first.task.name if first else None
    said = [*deeper(tables.verdicts), *premise(asked)]
    return Summary("Is my RNN gradient wrong?", verdict, missing, task, tiles, said, thumbnail(tables, tasks), example)


def again(tables: Tables, tasks: Mapping[str, TaskSettings], found: Sequence[Check]) -> Summary:
    """What a study says that has a published table again, and not the question's derivation."""
    verdicts = tables.published["verdict"]
    ran, agree = int((verdicts != Agreement.NOT_RUN).sum()), int((verdicts == Agreement.AGREES).sum())
    told = f"{agree} of {ran} rows agree." if ran else "It was not run."
    tiles = [contrasted(str(question), rows) for question, rows in tables.contrasts.groupby("question", sort=False)]
    question = "Does the published table come out again?"
    return Summary(question, told, None, None, [*tiles[:3], trust(tables, found)], [], thumbnail(tables, tasks), None)


def contrasted(question: str, rows: pd.DataFrame) -> Tile:
    """What a question's pairs of variants show, by task."""
    shown = {str(word): list(of["task"]) for word, of in rows.groupby("better", sort=False)}
    word = "; ".join(f"{word} on {listed(names)}" for word, names in shown.items())
    ratios = [
        f"{measured(row['ratio'], row['low'], row['high'])} on {row['task']}"
        for row in rows.to_dict("records")
        if row["replicates"]
    ]
    pairs = [f"{variant} to {reference}" for variant, reference in rows[["variant", "reference"]].drop_duplicates().to_numpy()]
    told = f"Ratio of losses, {listed(pairs)}: {listed(ratios)}." if ratios else "Not both were run."
    return Tile(question, word[0].upper() + word[1:], told, "contrasts")


def derivation(verdicts: pd.DataFrame) -> tuple[str, bool]:
    """The posted derivation in a sentence, by the networks with the fewest layers; whether only the recurrence is missing."""
    posted = verdicts[verdicts["rule"] == "posted"]
    if posted.empty:
        return "It was not tried.", False
    depths = posted["depth"].unique()
    rows = posted[posted["depth"] == depths.min()]
    wrong = rows.loc[rows["verdict"] != Outcome.EXACT]
    names = wrong["parameter"].tolist()
    deeper = posted.loc[(posted["depth"] > depths.min()) & (posted["verdict"] != Outcome.EXACT), "parameter"]
    if wrong.empty and deeper.empty:
        return "No: it is exact for every parameter.", False
    if wrong.empty:
        return f"Only with more layers than one: in {listed(list(deeper.unique()))}.", False
    kinds = {name[0] for name in names}
    if set(wrong["slip"]) == {RECURRENCE} and kinds <= {"W", "b"}:
        of = " and ".join(kind for kind in "Wb" if kind in kinds)
        return f"Yes, in one term: {of} need{'' if len(kinds) > 1 else 's'} the recursion that you gave R.", True
    if len(wrong) == len(rows):
        return "Yes, for every parameter.", False
    return f"Yes: it is wrong for {listed(names)}.", False


def deeper(verdicts: pd.DataFrame) -> list[str]:
    """What is wrong with the posted derivation only where there are more layers, in a sentence."""
    posted = verdicts[verdicts["rule"] == "posted"]
    wrong = posted[posted["verdict"] != Outcome.EXACT]
    few = wrong["depth"] == posted["depth"].min()
    kinds = sorted({name[0] for name in wrong.loc[~few, "parameter"]} - {name[0] for name in wrong.loc[few, "parameter"]})
    if not few.any() or not kinds:
        return []
    return [f"With more recurrent layers, {listed(kinds)} of some {'is' if len(kinds) == 1 else 'are'} wrong too (see Court)."]


class OnTask:
    """What the tables say of who has a role on a task."""

    def __init__(self, tables: Tables, task: TaskSettings) -> None:
        self.tables, self.task = tables, task
        self.metric = task.kind.metrics[0]
        final = tables.final
        self.ends = final[(final["task"] == task.name) & (final["metric"] == self.metric.name)].set_index("variant")
        self.by_role = {line.role: line for line in cast(tables, task.name) if line.variant in self.ends.index}
        compared = tables.comparisons
        self.compared = compared[compared["task"] == task.name].set_index(["variant", "reference"])["better"]
        own = tables.variants[tables.variants["task"] == task.name]
        self.gradient = own.set_index("variant")["gradient"]

    def against_posted(self, variant: str) -> Change:
        """What is shown of a variant beside the posted one."""
        return Change(self.compared.get((variant, self.by_role[Role.POSTED].variant), Change.NOT_SHOWN))

    def gap(self, variant: str) -> float:
        """How far its end lies from the posted one's."""
        return float(self.ends["iqm"][variant] - self.ends["iqm"][self.by_role[Role.POSTED].variant])

    @property
    def scored(self) -> bool:
        """Whether the task has a target, so that runs can be counted that learn it."""
        return bool(self.ends["solved"].notna().all())

    def end(self, variant: str) -> str:
        """Its first metric, in as many digits as its interval supports."""
        return supported(*self.ends.loc[variant, ["iqm", "low", "high"]].astype(float))

    def ends_of(self, *variants: str) -> list[str]:
        """Those of several, in more digits where some would look alike and are not."""
        found, values = [self.end(variant) for variant in variants], self.ends.loc[list(variants), "iqm"].tolist()
        for digits in range(3, 10):
            if len(set(found)) >= len(set(values)):
                break
            found = [f"{value:.{digits}g}" for value in values]
        return found

    def learnt(self, variant: str, beside: str | None = None) -> str:
        """How many runs learn it; how well they do where there is no target. beside: one that was told of as many runs."""
        row = self.ends.loc[variant]
        if not self.scored:
            return self.end(variant)
        same = beside is not None and self.ends.at[beside, "replicates"] == row["replicates"]
        return f"{row['solved']}" if same else f"{row['solved']} of {row['replicates']} runs"

    @property
    def posted_in_kerass_recipe(self) -> Line | None:
        """The posted gradient as near to Keras's recipe as a ladder takes it."""
        rungs = self.tables.ladder[self.tables.ladder["task"] == self.task.name].sort_values("rung")
        climbed = [name for name in rungs["variant"] if self.gradient.get(name) == "posted" and name in self.ends.index]
        last = climbed[-1] if climbed else None
        return None if last in (None, self.by_role[Role.POSTED].variant) else Line(str(last), Role.POSTED)


def beats_no_memory(asked: Sequence[OnTask]) -> Tile:
    """Whether the posted derivation does better than a network without memory."""
    question = "Does it beat no memory?"
    for on in asked:
        if Role.NO_MEMORY not in on.by_role:
            continue
        posted, without = on.by_role[Role.POSTED], on.by_role[Role.NO_MEMORY]
        word = {Change.WORSE: "Yes", Change.BETTER: "No, it does worse", Change.SAME: "No"}
        ends = on.ends_of(posted.variant, without.variant)
        told = f"On {on.task.name}: {ends[0]} against {ends[1]} without memory."
        shown = word.get(on.against_posted(without.variant), "Not shown")
        return Tile(question, shown, told, f"task-{on.task.name}", [("yours", posted), ("no memory", without)], on.task.name)
    return Tile(question, "Not run", "Your gradient and a network without memory were not both run.", "checks")


def matters(asked: Sequence[OnTask]) -> Tile:
    """Whether the exact gradient does better than the posted one in the same recipe."""
    question = "Does the missing term matter?"
    both = [on for on in asked if Role.EXACT in on.by_role]
    if not both:
        return Tile(question, "Not run", "Your gradient and the exact one were not both run.", "checks")
    shown = {on.task.name: on.against_posted(on.by_role[Role.EXACT].variant) for on in both}
    helped = [name for name, change in shown.items() if change == Change.BETTER]
    harmed = [name for name, change in shown.items() if change == Change.WORSE]
    word = f"Yes, on {listed(helped)}" if helped else f"It helps, on {listed(harmed)}" if harmed else "Not shown"
    on = next((on for on in both if on.task.name in helped), both[0])
    posted, exact = on.by_role[Role.POSTED], on.by_role[Role.EXACT]
    target = " learn it" if on.scored else ""
    better = on.learnt(exact.variant, beside=posted.variant)
    told = f"On {on.task.name} {on.learnt(posted.variant)}{target}; {better} with the exact gradient."
    for also in (other for other in both if other is not on and other.task.name in helped + harmed):
        yours, exacts = also.ends_of(also.by_role[Role.POSTED].variant, also.by_role[Role.EXACT].variant)
        told += f" On {also.task.name}, {also.metric.label} {yours}; {exacts} with it."
    open_yet = [name for name, change in shown.items() if change not in (Change.BETTER, Change.WORSE)]
    if open_yet and (helped or harmed):
        told += f" On {listed(open_yet)}: not shown."
    return Tile(question, word, told, f"task-{on.task.name}", [("yours", posted), ("exact", exact)], on.task.name)


def why_keras(asked: Sequence[OnTask]) -> Tile:
    """Whether Keras wins by its recipe or by its gradient."""
    question = "Why does Keras win?"
    on = next((on for on in asked if Role.KERAS_TWIN in on.by_role), None)
    if on is None:
        return Tile(question, "Not run", "Your gradient and Keras were not both run on one task.", "checks")
    posted, keras = on.by_role[Role.POSTED], on.by_role[Role.KERAS_TWIN]
    shown, name = on.against_posted(keras.variant), on.task.name
    ends = f"On {name}: Keras {on.end(keras.variant)}, yours {on.end(posted.variant)}, {on.metric.label}."
    if shown != Change.BETTER:
        word = {Change.WORSE: "It loses", Change.SAME: "It does not"}.get(shown, "Not shown to win")
        return Tile("Does Keras win?", word, ends, f"task-{name}", [("yours", posted), ("Keras", keras)], name)
    evidence = f"ladder-{name}" if (on.tables.ladder["task"] == name).any() else f"task-{name}"
    # What closes the gap alone, and how much of it, by the same means that the sentence has.
    alone = {"its recipe": on.posted_in_kerass_recipe, "its gradient": on.by_role.get(Role.EXACT)}
    lines = {word: line for word, line in alone.items() if line and on.against_posted(line.variant) == Change.BETTER}
    gap = on.gap(keras.variant)
    closed = {word: on.gap(line.variant) / gap for word, line in lines.items() if on.gap(line.variant) * gap > 0}
    if not closed:
        return Tile(question, "Not by one thing alone", ends, evidence, [("yours", posted), ("Keras", keras)], name)
    word = max(closed, key=lambda name: closed[name])
    hows = {"its recipe": "in its recipe", "its gradient": "with the exact gradient"}
    steps = sorted(closed, key=lambda name: closed[name])
    yours, *there, of_keras = on.ends_of(posted.variant, *(lines[step].variant for step in steps), keras.variant)
    passed = [f"{hows[step]} {end}" for step, end in zip(steps, there, strict=True)]
    told = f"On {name}: {', '.join([f'yours {yours}', *passed])}; Keras {of_keras}."
    label = "yours, its recipe" if word == "its recipe" else "exact, your recipe"
    said = f"{'Partly' if closed[word] < HALF else 'Mostly'} {word}"
    return Tile(question, said, told, evidence, [("yours", posted), (label, lines[word]), ("Keras", keras)], name)


def trust(tables: Tables, found: Sequence[Check]) -> Tile:
    """Whether all is there, and what the checks warn of."""
    question = "Can I trust this?"
    problems, notes = ([c for c in found if c.severity == severity] for severity in (Severity.PROBLEM, Severity.NOTE))
    runs = len(tables.final.drop_duplicates(["task", "variant"]))
    first = tables.first_lockstep["difference"].max(skipna=False)
    told = f"NumPy and Keras agree to {number(first)} per update. " if pd.notna(first) else ""
    word = f"{runs} training{'' if runs == 1 else 's'}, {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}"
    grave, kind = (problems, "problem") if problems else (notes, "note")
    if grave:
        first = grave[0].what
        if first.split()[0][1:].islower():  # no name such as NumPy
            first = first[0].lower() + first[1:]
        told += f"{len(grave)} {kind}{'' if len(grave) == 1 else 's, first'}: {first}."
    return Tile(question, word, told.strip(), "checks")


def premise(asked: Sequence[OnTask]) -> list[str]:
    """Where and when one might have seen no gain over a network without memory: at which rates, how long, on what."""
    said = []
    for on in asked:
        if Role.NO_MEMORY not in on.by_role:
            continue
        posted, without = (on.by_role[role].variant for role in (Role.POSTED, Role.NO_MEMORY))
        if on.against_posted(without) != Change.WORSE:
            continue
        name, sign = on.task.name, 1 if on.metric.higher_is_better else -1
        rates = on.tables.learning_rates
        rates = rates[(rates["task"] == name) & (rates["variant"] == posted)]
        floor = rates.loc[rates["iqm"] * sign <= on.task.kind.chance * sign * (0.98 if sign < 0 else 1.02), "learning_rate"]
        low = [rate for rate in floor if rate < rates.loc[rates["chosen"] == 1, "learning_rate"].min()]
        if low:
            said.append(f"on {name}, at a learning rate of {max(low):g} or less")
        curve = on.tables.curves[(on.tables.curves["task"] == name) & (on.tables.curves["metric"] == on.metric.name)]
        one, other = (curve[curve["variant"] == v].set_index("examples").sort_index() for v in (posted, without))
        together = one.join(other.add_suffix("_without"), how="inner")
        apart = together[
            (together["low"] > together["high_without"]) if sign > 0 else (together["high"] < together["low_without"])
        ]
        before = together.index[together.index < apart.index[0]].max() if len(apart) else 0
        if before > EARLY * together.index.max():
            said.append(f"on {name}, in the first {float(f'{before:.2g}'):,.0f} {on.task.kind.unit}")
    for on in asked:
        row = on.ends.loc[on.by_role[Role.POSTED].variant]
        if row["solved"] == 0:
            said.append(f"on {on.task.name}, where none of {row['replicates']} runs learns it")
    return [f"You may have seen no gain {'; '.join(said)}."] if said else []


def thumbnail(tables: Tables, tasks: Mapping[str, TaskSettings], width: float = 96) -> Thumbnail | None:
    """How far every rule of online learning gets on every task."""
    online = tables.online[tables.online["task"].isin(tasks)]
    if online.empty:
        return None
    scores = standing(online, tasks)
    names = [str(task) for task in scores]
    cells = {
        (row["rule"], row["task"]): Bar(
            round(width * float(scores[row["task"]][row["rule"]]), 1),
            supported(row["iqm"], row["low"], row["high"]),
            row["claim"] == Claim.EXACT,
        )
        for row in online.to_dict("records")
    }
    return Thumbnail(names, [(str(rule), [cells.get((rule, task)) for task in names]) for rule in scores.index])

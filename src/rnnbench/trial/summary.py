"""A verdict in a few sentences for all depths at once, what to do about it, and how far back each derivative reaches."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnbench.trial import laws, paths, slips
from rnnbench.trial.cases import layers
from rnnbench.trial.diagnosis import PathWeight
from rnnbench.trial.outcome import RIGHT, Outcome
from rnnbench.trial.verdict import NOT_RESET, Finding, Verdict

OUTPUT = "the output"
KINDS = ("W", "R", "b", OUTPUT)
"""Of parameters: the matrices and biases that lead into recurrent layers, and both of the output."""
ADVICE = (
    (
        slips.RECURRENCE_MISSING.words,
        "let {names} act through the states before too. Going backward, {back};"
        " going forward, the derivatives of x^t by {names} are carried from step to step",
    ),
    (
        paths.NOTHING_ABOVE,
        "for {names}, hand down from the layer above what came back in time there too, not the present step's alone",
    ),
    (slips.TRANSPOSED, "for {names}, going backward, {back}"),
    (slips.PRESENT, "for {names}, take the state of the step before, x^{{t-1}}, which at the first step is the state at rest"),
    (slips.UNSLOPED, "for {names}, multiply what is carried by f'(z^t) at every step"),
    (slips.KEPT, "for {names}, start what comes back anew at every step: = and not +="),
    (slips.OVERWRITTEN, "for {names}, write the new sensitivities into another array than the one that is read"),
    (slips.ONE_STATE, "append a copy of the state at every step, or make a new array of it"),
    (slips.ASSIGNED, "for {names}, write += in the loop, and zeros before it"),
    (slips.WRAPPED, "for {names}, let the state before the first step be an array of its own"),
    (slips.TRUNCATED, "for {names}, follow every loss back to the first step, if the whole gradient is wanted"),
    (paths.CUT, "for {names}, follow every loss back to the first step, if the whole gradient is wanted"),
    (laws.CLIPPED, "check the gradient before it is clipped: clipping belongs to the training"),
    (laws.DECAY, "leave the decay of {names} to the optimizer, or add its penalty to the loss"),
    (laws.SIGN, "multiply {names} by -1"),
    (NOT_RESET, "start every sequence with what is carried for {names} at zero"),
)
"""What to do, by a phrase of the diagnosis."""
MARKS = {"#": "right", ".": "missing", "~": "neither", "?": "not determined"}
LONGEST = 12
"""Lags that are shown."""


class Group(NamedTuple):
    """Kinds of parameter of which the same is said. top, below: what is wrong with those of the top layer, and below it."""

    names: tuple[str, ...]
    top: frozenset[str]
    below: frozenset[str]

    @property
    def told(self) -> str:
        """What is wrong in words, "" for nothing; raises ValueError where it differs from depth to depth."""
        (top,) = self.top
        (below,) = self.below or self.top
        if top == below:
            return top
        if not top:
            return f"right in the top layer; below it, {below}"
        if not below:
            return f"right below the top layer; in it, {top}"
        if below.startswith(f"{top}; "):
            return f"{top}; below the top layer, {below.removeprefix(f'{top}; ')}"
        return f"in the top layer, {top}; below it, {below}"

    @property
    def one(self) -> bool:
        """Whether the same holds at every depth."""
        return len(self.top) == 1 and len(self.below) <= 1


def kind(finding: Finding) -> str:
    """What kind of parameter a finding is of."""
    return OUTPUT if finding.layer > finding.depth else finding.block[0]


def groups(verdict: Verdict) -> list[Group]:
    """The kinds of parameter, those together of which the same is said."""
    found: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for of in KINDS:
        own = [finding for finding in verdict.findings if kind(finding) == of]
        if own:
            top = frozenset(_words(finding) for finding in own if finding.layer >= finding.depth)
            below = frozenset(_words(finding) for finding in own if finding.layer < finding.depth)
            found.setdefault((top, below), []).extend(_names(verdict, of, own))
    return [Group(tuple(dict.fromkeys(names)), top, below) for (top, below), names in found.items()]


def _words(finding: Finding) -> str:
    return "" if finding.verdict in RIGHT else finding.diagnosis


def _names(verdict: Verdict, of: str, own: Sequence[Finding]) -> list[str]:
    """A letter, or the author's own names of the shallowest network."""
    if not verdict.conventions:
        return [of]
    least = min(finding.depth for finding in own)
    return [finding.parameter for finding in own if finding.depth == least]


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def sentences(verdict: Verdict) -> Iterator[str]:
    """What is right, and what is wrong with the rest, at any depth. Where it differs from depth to depth, that alone is said."""
    right = [name for group in groups(verdict) if group.one and not group.told for name in group.names]
    if right:
        yield _capital(f"{listed(right)} {'is' if len(right) == 1 else 'are'} right.")
    for group in groups(verdict):
        if group.one and group.told:
            yield f"{_capital(listed(group.names))}: {group.told}."
        elif not group.one:
            yield f"{_capital(listed(group.names))}: wrong, in more than one way; see below."


def _capital(words: str) -> str:
    """A sentence; the names of parameters keep their letters."""
    return words[0].upper() + words[1:] if words.startswith(OUTPUT) else words


def advice(verdict: Verdict) -> list[str]:
    """What to do, where a diagnosis has a remedy that can be told."""
    said: dict[str, dict[str, None]] = {}
    for group in groups(verdict):
        for phrase, remedy in ADVICE:
            if any(phrase in words for words in group.top | group.below):
                said.setdefault(remedy, {}).update(dict.fromkeys(group.names))
    return [remedy.format(names=listed(list(names)), back=_back(verdict)) for remedy, names in said.items()]


def _back(verdict: Verdict) -> str:
    """How dL/dx^t hears of the step after: for plain code, as a line of it."""
    if not verdict.back:
        return "dL/dx^t has dz^{t+1} R^T in it"
    return f"the line is {verdict.back}, before dz[t] = dx[t] * f'(z[t])"


def complete(verdict: Verdict) -> bool:
    """Whether `sentences` says all that was found wrong."""
    return all(group.one for group in groups(verdict))


def reach(verdict: Verdict, depths: int) -> list[str]:
    """Lag by lag what is there of each derivative, in lines: of so many depths where paths were told, the shallowest."""
    rows = strips(verdict.findings, depths)
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name:{width}}  {marks}".rstrip() for name, marks in rows]


def strips(findings: Sequence[Finding], depths: int) -> list[tuple[str, str]]:
    """The same as names and their marks, from lag 0 on; without marks, the number of layers of those that follow."""
    rows: list[tuple[str, str]] = []
    for depth in sorted({finding.depth for finding in findings if finding.paths})[:depths]:
        own = [finding for finding in findings if finding.depth == depth and kind(finding) != OUTPUT]
        if own:
            rows.append((layers(depth), ""))
            for finding in own:
                if finding.verdict == Outcome.EXACT:
                    rows.append((f"  {finding.parameter}", "#" * LONGEST))
                for route in dict.fromkeys(path.route for path in finding.paths):
                    name = f"  {finding.parameter}" if route == "own" else f"    {ROUTES[route]}"
                    rows.append((name, _marks([path for path in finding.paths if path.route == route])))
    return rows


ROUTES = {"above": "through the past of the layers above", "mixed": "through both"}


def _marks(of: Sequence[PathWeight]) -> str:
    marks = [" "] * LONGEST
    for path in of:
        if path.lag < LONGEST:
            marks[path.lag] = _mark(path.weight)
    return "".join(marks)


def _mark(weight: float | None) -> str:
    if weight is None:
        return "?"
    return "#" if abs(weight - 1) <= 1e-6 else "." if abs(weight) <= 1e-6 else "~"

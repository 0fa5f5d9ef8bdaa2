"""A verdict as people read it: a sentence, the pieces of a page, and the page for the terminal."""

import math
import textwrap
from collections.abc import Iterable, Sequence

from rnnbench.trial import summary
from rnnbench.trial.cases import layers
from rnnbench.trial.outcome import RIGHT, Outcome
from rnnbench.trial.summary import listed
from rnnbench.trial.verdict import Finding, Verdict

REACH = "How far back each derivative reaches"
COLUMNS = ("worst error", "median", "cosine, worst", "median", "norm ratio, worst", "median")
"""Of the table, between the parameter and what was found of it."""
NO_CONVENTION = "No convention of the loss was found, so nothing is said lag by lag."
"""Of code that is held against its own loss."""


def headline(verdict: Verdict) -> str:
    """What the rule is, after its name: "is exact"."""
    if verdict.exact:
        return "is exact"
    wrong = [finding for finding in verdict.findings if finding.verdict not in RIGHT]
    if not wrong:
        return "is unbiased, but noisy" if verdict.noisy and not verdict.breaches else "breaks the contract"
    depths = dict.fromkeys(finding.depth for finding in verdict.findings)
    wrong_at = {finding.depth for finding in wrong}
    if len(depths) > 1 and set(depths) - wrong_at == {1}:
        return "is exact for one recurrent layer, and wrong for more"
    right = [str(depth) for depth in depths if depth not in wrong_at]
    parts = [f"exact with {listed(right)} recurrent layers"] if right else []
    for depth in depths:
        names = [finding.parameter for finding in wrong if finding.depth == depth]
        fine = [f.parameter for f in verdict.findings if f.depth == depth and f.verdict == Outcome.EXACT]
        if names:
            parts.append(f"with {layers(depth)} in {listed(names)}" + (f" (exact in {listed(fine)})" if fine else ""))
    return f"is wrong: {'; '.join(parts)}"


def diagnoses(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Which parameters of which depths, and what is wrong with them; those with the same diagnosis together."""
    by_words: dict[str, dict[int, list[str]]] = {}
    for finding in findings:
        if finding.diagnosis:
            by_words.setdefault(finding.diagnosis, {}).setdefault(finding.depth, []).append(finding.parameter)
    found = []
    for words, depths in by_words.items():
        where: dict[str, list[int]] = {}
        for depth, names in depths.items():
            where.setdefault(", ".join(names), []).append(depth)
        told = [
            f"{names} ({layers(at[0]) if len(at) == 1 else listed([str(d) for d in at]) + ' recurrent layers'})"
            for names, at in where.items()
        ]
        found.append(("; ".join(told), words))
    return found


def short(value: float | None) -> str:
    """Two significant digits; a dash where there is none."""
    return "-" if value is None or math.isnan(value) else f"{value:.2g}"


def opening(verdict: Verdict) -> str:
    """The rule and what it is, in short: the sentences have the rest."""
    said = headline(verdict).partition(":")[0]
    return f"{verdict.rule} {said}{f' on {verdict.networks} random networks' if verdict.exact else ''}"


def account(verdict: Verdict) -> list[str]:
    """What is right and what is wrong, and whose gradient it is; nothing for a rule of which no parameter is wrong."""
    if all(finding.verdict in RIGHT for finding in verdict.findings):
        return []
    rules = [f"{rule.name} ({rule.title}; {rule.source})" for rule in verdict.known]
    return [*summary.sentences(verdict), *([f"Its gradient is that of {listed(rules)}."] if rules else [])]


def over(verdict: Verdict) -> str:
    """What stands over the diagnoses."""
    return "The mean over draws" if verdict.noisy else "What is wrong, depth by depth"


def table(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """The numbers, with `COLUMNS`, depth by depth; a row with a name alone is the depth of those that follow."""
    rows: list[tuple[str, ...]] = []
    for depth in dict.fromkeys(finding.depth for finding in findings):
        rows.append((layers(depth),))
        for f in (f for f in findings if f.depth == depth):
            numbers = (f.error, f.error_median, f.cosine, f.cosine_median, f.norm_ratio, f.norm_ratio_median)
            rows.append((f"  {f.parameter}", *map(short, numbers), f.verdict))
    return rows


def notes(verdict: Verdict) -> list[str]:
    """What else there is to say, in sentences: conventions, the contract, what it was tried on."""
    more = f" {verdict.left_out} more were left out: rounding leaves their gradient too few digits." if verdict.left_out else ""
    said = [f"Its conventions, as found: {verdict.conventions}."] if verdict.conventions else []
    said += [f"Breach of the contract: {breach}." for breach in verdict.breaches]
    if verdict.at_zero:
        said.append(f"Its network lacks weights of {listed(verdict.at_zero)}: it was tried with these at zero.")
    said += [f"A sequence handed over in several windows gives {verdict.handed_on}."] if verdict.handed_on else []
    said += [f"Not supported, {reason}." for reason in verdict.unsupported]
    return [*said, f"Tried on {verdict.networks} random networks in float64, {verdict.seconds:.1f} s.{more}"]


def page(verdict: Verdict, width: int = 100, numbers: bool = False) -> str:
    """The verdict as text: what is right and what is wrong, what to do, how far back each derivative reaches.

    numbers: with the errors of every parameter at every depth, and what is wrong at each.
    """
    remedies = [f"What to do: {remedy}." for remedy in summary.advice(verdict)]
    blocks = [[f"{opening(verdict)}."], account(verdict), remedies]
    text = [line for block in filter(None, blocks) for line in (*_wrapped(block, width), "")]
    reach = summary.reach(verdict, depths=2 if numbers else 1)
    if reach:
        marks = ", ".join(f"{mark} {meaning}" for mark, meaning in summary.MARKS.items())
        text += [*_wrapped([f"{REACH}, from lag 0 on: {marks}."], width), "", *reach, ""]
    found = diagnoses(verdict.findings)
    if found and (numbers or not summary.complete(verdict)):
        text.append(over(verdict))
        for where, words in found:
            text += textwrap.wrap(f"{where}: {words}.", width, initial_indent="  ", subsequent_indent="    ")
        text.append("")
    text += [*_laid_out(table(verdict.findings)), ""] if numbers else []
    return "\n".join([*text, *_wrapped(notes(verdict), width)])


def _wrapped(sentences: Iterable[str], width: int) -> list[str]:
    return [line for sentence in sentences for line in textwrap.wrap(sentence, width, subsequent_indent="  ")]


def _laid_out(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows under `COLUMNS`, in lines."""
    head = ("", *COLUMNS, "")
    columns = [max(len(row[c]) for row in (head, *rows) if len(row) > 1) for c in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [cell.ljust(columns[c]) if c in (0, len(head) - 1) else cell.rjust(columns[c]) for c, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return lines

"""A verdict as people read it: a sentence, and a page for the terminal."""

import math
import textwrap
from collections.abc import Iterable, Sequence

from rnnbench.trial.cases import layers
from rnnbench.trial.outcome import RIGHT, Outcome
from rnnbench.trial.verdict import Finding, Verdict


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


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


def page(verdict: Verdict, width: int = 100) -> str:
    """The whole verdict as text."""
    lines = textwrap.wrap(f"{verdict.rule} {headline(verdict)}.", width)
    more = f" {verdict.left_out} more were left out: rounding leaves their gradient too few digits." if verdict.left_out else ""
    tried = f"Tried on {verdict.networks} random networks in float64, {verdict.seconds:.1f} s.{more}"
    lines += textwrap.wrap(f"Its conventions, as found: {verdict.conventions}.", width) if verdict.conventions else []
    lines += [*textwrap.wrap(tried, width), ""]
    head = ("", "worst error", "median", "cosine, worst", "median", "norm ratio, worst", "median", "")
    rows: list[tuple[str, ...]] = []
    for depth in dict.fromkeys(finding.depth for finding in verdict.findings):
        rows.append((layers(depth),))
        for f in (f for f in verdict.findings if f.depth == depth):
            numbers = (f.error, f.error_median, f.cosine, f.cosine_median, f.norm_ratio, f.norm_ratio_median)
            rows.append((f"  {f.parameter}", *map(short, numbers), f.verdict))
    columns = [max(len(row[c]) for row in (head, *rows) if len(row) > 1) for c in range(len(head))]
    for row in (head, *rows):
        cells = [cell.ljust(columns[c]) if c in (0, len(head) - 1) else cell.rjust(columns[c]) for c, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    found = diagnoses(verdict.findings)
    if found:
        lines += ["", "What is wrong" if not verdict.noisy else "The mean over draws"]
        for where, words in found:
            lines += textwrap.wrap(f"{where}: {words}.", width, initial_indent="  ", subsequent_indent="    ")
    said = (
        [f"Its network lacks weights of {listed(verdict.at_zero)}: it was tried with these at zero."] if verdict.at_zero else []
    )
    said += [f"A sequence handed over in several windows gives {verdict.handed_on}."] if verdict.handed_on else []
    said += [f"Breach of the contract: {breach}." for breach in verdict.breaches]
    said += [f"Not supported, {reason}." for reason in verdict.unsupported]
    for sentence in said:
        lines += ["", *textwrap.wrap(sentence, width)]
    return "\n".join(lines)

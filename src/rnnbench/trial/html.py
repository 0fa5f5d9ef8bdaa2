"""A verdict as one HTML page that needs nothing beside it: what the terminal says, and the lags as a grid of cells."""

from collections.abc import Iterable, Sequence
from html import escape

from rnnbench.trial import summary, words
from rnnbench.trial.differences import Comparison
from rnnbench.trial.verdict import Finding, Verdict

STYLE = """\
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2933;--soft:#52606d;--line:#d5dae0;
--right:#1b6e3c;--missing:#b3261e;--neither:#8a5a00;--on:#fff}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e4e7eb;--soft:#a9b3be;--line:#353d47;
--right:#7fd6a0;--missing:#ff8a80;--neither:#f0c060;--on:#14181d}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem 1rem 3rem;max-width:62rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
h1{font-size:clamp(1.4rem,5vw,1.9rem);line-height:1.25;margin:.5rem 0 1rem;padding-left:.8rem;border-left:.35rem solid}
h1.right{border-color:var(--right)}h1.wrong{border-color:var(--missing)}
h2{font-size:1.15rem;margin:1.8rem 0 .5rem}summary{margin:1.8rem 0 .5rem;cursor:pointer}summary h2{display:inline}
p,ul,dl{margin:.5rem 0;max-width:48rem}ul{padding-left:1.2rem}li,dd{margin:0 0 .4rem}dt{font-weight:600}dd{padding-left:1.2rem}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.93rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{padding:.2rem .5rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}td{white-space:nowrap}
th{font-weight:400}thead th{color:var(--soft);vertical-align:bottom}[scope=rowgroup]{font-weight:600;padding-top:.8rem}
th:first-child{text-align:left;padding-left:0}
.numbers td:last-child,.numbers thead th:last-child{text-align:left}
:focus-visible{outline:.15rem solid;outline-offset:.1rem}
@media print{html{font-size:10pt}body{max-width:none;padding:0}.scroll{overflow:visible}.mark{print-color-adjust:exact}
h2{break-after:avoid}tr,li,dd{break-inside:avoid}details::details-content{content-visibility:visible;height:auto}}
"""


EVIDENCE = """\
.lags{border-collapse:separate;border-spacing:2px}.lags th,.lags td{border:0;padding:.05rem 0;line-height:1.3}
.lags th[scope=row]{padding-right:.4rem}.lags [scope=rowgroup]{padding-top:.4rem}
.lags thead th+th{font-size:.8rem;text-align:center}
.mark{display:inline-block;width:min(1.6rem,4.4vw);border:1px solid;text-align:center;font-family:ui-monospace,monospace;
line-height:1.3;vertical-align:top}td.mark{display:table-cell;min-width:min(1.6rem,4.4vw)}.legend>span{white-space:nowrap;margin-right:1rem}
.mark.right{background:var(--right);border-color:var(--right);color:var(--on)}
.mark.missing{color:var(--missing)}.mark.neither{color:var(--neither)}.mark.not{color:var(--soft)}
.in1{padding-left:.5rem!important}.in2{padding-left:1rem!important}
"""
"""The style of what `evidence` makes, for a page that has the variables of STYLE."""


def page(verdict: Verdict | Comparison) -> str:
    """The page of a verdict, or of a gradient that was held against its own loss."""
    if isinstance(verdict, Comparison):
        title, parts = _of_comparison(verdict)
    else:
        title, parts = words.opening(verdict), _of_verdict(verdict)
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>\n{STYLE}{EVIDENCE}</style>\n</head>\n<body>\n<main>",
            f'<p class="soft">rnnbench trial</p>\n<h1 class="{"right" if verdict.exact else "wrong"}">{escape(title)}</h1>',
            *parts,
            "</main>\n</body>\n</html>\n",
        ]
    )


def _of_verdict(verdict: Verdict) -> list[str]:
    parts = [f"<p>{escape(sentence)}</p>" for sentence in words.account(verdict)]
    remedies = summary.advice(verdict)
    if remedies:
        parts.append(f"<h2>What to do</h2>\n{_items(f'{remedy[0].upper()}{remedy[1:]}.' for remedy in remedies)}")
    parts += evidence(verdict.findings, words.over(verdict), unfolded=not summary.complete(verdict))
    how = f"Seed {verdict.seed}, rnnbench {verdict.version}."
    return [*parts, f"<h2>Notes</h2>\n{_items([*words.notes(verdict), how])}"]


def evidence(findings: Sequence[Finding], over: str, unfolded: bool = False, of: str = "") -> list[str]:
    """What was found of a rule: its lags as a grid, what is wrong with which parameter, and the numbers.

    over: what stands over the diagnoses; unfolded: whether they are shown unless asked for; of: who it is of, where a page has
    several.
    """
    parts = []
    strips = summary.strips(findings, depths=2)
    if strips:
        legend = "".join(f"<span>{_mark(mark)} {escape(meaning)}</span> " for mark, meaning in summary.MARKS.items())
        grid = _table("lags", f"{words.REACH}{of}", ("lag", *map(str, range(summary.LONGEST))), strips)
        parts.append(f'<h2>{words.REACH}</h2>\n<p class="legend">{legend}</p>\n{grid}')
    found = words.diagnoses(findings)
    if found:
        listed = "\n".join(f"<dt>{escape(where)}</dt><dd>{escape(said)}.</dd>" for where, said in found)
        parts.append(_folded(over, f"<dl>{listed}</dl>", unfolded))
    title, head = "Errors, cosines and ratios of norms", ("parameter", *words.COLUMNS, "found")
    parts.append(
        _folded(title, _table("numbers", f"{title}{of}", head, ((name, cells) for name, *cells in words.table(findings))))
    )
    return parts


def _of_comparison(found: Comparison) -> tuple[str, list[str]]:
    """The title, and what follows it."""
    first, *rest = str(found).splitlines()
    title, _, how = first.removesuffix(").").rpartition(" (")
    parts = [f"<p>{escape(line.strip())}</p>" for line in rest]
    errors = [(one.parameter, [words.short(one.error), "exact" if one.exact else "wrong"]) for one in found.parameters]
    parts.append(_folded("Relative errors", _table("numbers", "Relative errors", ("parameter", "worst error", "found"), errors)))
    return title, [*parts, "<h2>Notes</h2>", _items([f"Held {how}.", words.NO_CONVENTION])]


def _items(sentences: Iterable[str]) -> str:
    return "<ul>" + "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def _folded(title: str, content: str, unfolded: bool = False) -> str:
    return f"<details{' open' if unfolded else ''}>\n<summary><h2>{escape(title)}</h2></summary>\n{content}\n</details>"


def _table(kind: str, title: str, columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table that scrolls in itself. rows: a name and its cells; without cells, the heading of those that follow."""
    lines = []
    for name, cells in rows:
        if cells:
            indent = (len(name) - len(name.lstrip())) // 2
            inward = f' class="in{indent}"' if indent else ""
            head = f'<th scope="row"{inward}>{escape(name.strip())}</th>'
            lines.append(f"<tr>{head}{''.join(map(_cell, cells))}</tr>")
        else:
            lines.append(f'</tbody><tbody><tr><th scope="rowgroup" colspan="{len(columns)}">{escape(name)}</th></tr>')
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(title)}">\n<table class="{kind}">\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody>\n</table>\n</div>"
    )


def _cell(content: str) -> str:
    if content in summary.MARKS:
        return f'<td class="mark {summary.MARKS[content].split()[0]}">{content}</td>'
    return f"<td>{escape(content)}</td>"


def _mark(mark: str) -> str:
    """A mark that is coloured, and says what it means."""
    meaning = summary.MARKS[mark]
    return f'<span class="mark {meaning.split()[0]}" title="{meaning}">{mark}</span>'

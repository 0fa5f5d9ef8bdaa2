"""The gradient rules as they describe themselves: a list for the terminal, and a page of documentation."""

import inspect
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rnnbench.gradients.parts.eligibility import Eligibility
from rnnbench.gradients.parts.kronecker import KroneckerSum
from rnnbench.gradients.registry import RULES

INTRODUCTION = """\
# Gradient rules

Every rule of `src/rnnbench/gradients` in its own words: equations, cost, bias, what it must not be confused with, and the
paper. This page is made from their docstrings by `rnnbench rules --markdown`; edit them, not it.

Notation, in row vectors: layer *i* = 1..L, step *t*, state `x_i^t`, `z_i^t = u_i^t V_i`, joint input `u_i^t = [x_{i-1}^t,
x_i^{t-1}, 1]`, parameters `V_i = [W_{i-1}; R_i; b_{i-1}]`, `x_i^t = leak x_i^{t-1} + (1 - leak) f(z_i^t)` with no leak unless
a task asks for one. n: units of a layer, m: the parameters of a unit. Cost is of one step of one sequence, memory what is
carried to the next step, both for m ~ n.

Class: *exact*; *exact in one layer* (with more, the past of the layers above is missing); *unbiased*: the mean over draws is
exact; *biased*. `rnnbench trial NAME` finds each of them again, by parameter, and says of a rule that draws no noise which lags
and routes it keeps, as far as that can be known. `NAME` is what a variant's `gradient` says.
"""
ORDER = ["posted", "elman", "bptt", "rtrl", "replay", "mlp", "tbptt", "snap1", "snap2", "sk-rtrl", "sparse-rtrl", "rflo", "eprop"]
ORDER += ["eprop-random", "diagonal", "uoro", "kf-rtrl", "ok-rtrl", "forward-gradient", "dni", "kernl"]
"""In which the rules are listed; those that are not named here come last."""
LEFT_OUT = """\
## Left out

**Reverse KF-RTRL** (O. Marschall, K. Cho and C. Savin, JMLR 21 (2020)), `P[j, k] ~ a[k] B[j]` with a sign of noise for every
unit, was built and is unbiased; but its variance was that of UORO, as often above as below. The immediate influence is no
product of its factors, so it needs the noise of all units, as UORO does.

Not built: the exact RTRL in O(n^3) on average (J. Schmidhuber, Neural Computation 4 (1992)), subgrouped RTRL (D. Zipser, Neural
Computation 1 (1989)), and ARTBP, randomly truncated BPTT (C. Tallec and Y. Ollivier, arXiv:1705.08209 (2017)).
"""


class Entry(NamedTuple):
    """What is reported of a rule: its name, claim, exponents of cost ("" where it gives none), source in short, and docstring."""

    name: str
    claim: str
    time: str
    memory: str
    source: str
    text: str


def in_order(names: Iterable[str]) -> list[str]:
    """Names of rules in the order in which they are listed."""
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def entries() -> Iterator[Entry]:
    """Every built-in rule, in order."""
    for name in in_order(RULES):
        rule = RULES[name]
        text = inspect.cleandoc(rule.__doc__ or "")
        time, memory = (f"O(n^{k})" if k > 1 else "O(n)" for k in rule.cost) if rule.cost else ("", "")
        yield Entry(name, rule.claim, time, memory, rule.source, text)


def listing() -> str:
    """A line for each rule, for the terminal."""
    rows = [("rule", "class", "time", "memory", "source"), *(entry[:5] for entry in entries())]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def page() -> str:
    """All of it in Markdown. Equations stand indented in the docstrings, which makes them code here."""
    table = ["| rule | class | time | memory | source |", "|---|---|---|---|---|"]
    found = list(entries())
    table += [f"| [`{e.name}`](#{e.name}) | {e.claim} | {e.time} | {e.memory} | {e.source} |" for e in found]
    sections = [f"## {e.name}\n\n{e.text}\n" for e in found]
    shared = [f"## {base.__name__}\n\n{inspect.cleandoc(base.__doc__ or '')}\n" for base in (Eligibility, KroneckerSum)]
    return "\n".join([INTRODUCTION, *table, "", *sections, *shared, LEFT_OUT])

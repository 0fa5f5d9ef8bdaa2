"""Put the page together: one file that needs no network, and a policy that lets nothing run but the scripts written here."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import jinja2
import numpy as np
import pandas as pd
import vl_convert
from markupsafe import Markup

from rnnbench.study.figures.court import Matrix
from rnnbench.study.figures.style import OTHERS, PINS, ROLES, Look
from rnnbench.study.report import mathematics
from rnnbench.study.report.answer import Answer
from rnnbench.study.report.cards import Card
from rnnbench.study.report.checks import Check
from rnnbench.study.report.explorer import Explorer, packed
from rnnbench.study.report.marks import Mark, on_line
from rnnbench.study.report.phrases import measured, number
from rnnbench.study.report.summary import Summary
from rnnbench.trial.html import EVIDENCE

FILTERED = 8
"""Rows from which on a table can be filtered."""


@dataclass(frozen=True)
class Figure:
    """A figure of the page. alt says what it shows to who cannot see it; caption what to see in it."""

    path: Path
    alt: str
    caption: str

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"fig-{self.path.parent.name}-{self.path.stem}"

    @property
    def name(self) -> str:
        """What it is called where it cannot be seen."""
        return f"Figure: {self.path.stem.replace('_', ' ')}, {self.path.parent.name.strip('_')}"

    @property
    def source(self) -> Markup:
        """The picture for an attribute."""
        return source(self.path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Shown:
    """A cell whose words are not its number: what it shows, what it is ordered by and exported as, and its interval."""

    words: str
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan

    @property
    def in_words(self) -> bool:
        """Whether its words say something else than its number."""
        return self.words not in (number(self.value), measured(self.value, self.low, self.high))


@dataclass(frozen=True)
class Table:
    """A table of the page: the first column names the row; `note` stands below it; `prose` are columns of words.

    marks: columns whose intervals are drawn, and the numbers at the ends of the line.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    note: str = ""
    prose: Sequence[str] = ()
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"table-{self.name}"

    @property
    def rows(self) -> list[list[Shown]]:
        """Cells as the page shows them."""
        return [[shown(value) for value in row] for row in self.frame.itertuples(index=False)]

    def mark(self, column: str, cell: Shown) -> Mark | None:
        """A cell as a line; None where nothing is drawn."""
        if column not in self.marks or np.isnan(cell.low):
            return None
        return on_line(cell.value, cell.low, cell.high, self.marks[column])

    @property
    def filtered(self) -> bool:
        """Whether it is long enough to be filtered."""
        return len(self.frame) >= FILTERED


@dataclass(frozen=True)
class Formula:
    """An equation in MathML, and what it is."""

    words: str
    mathml: Markup


@dataclass(frozen=True)
class Checks:
    """Checks as a list, the gravest first."""

    found: Sequence[Check]


@dataclass(frozen=True)
class Code:
    """Lines to copy."""

    name: str
    text: str


@dataclass(frozen=True)
class Fold:
    """Parts that are shown when they are asked for, under these words."""

    title: str
    parts: "Sequence[Part]"
    anchor: str = ""


@dataclass(frozen=True)
class Group:
    """Parts under a heading, with a stable anchor."""

    anchor: str
    title: str
    parts: "Sequence[Part]"


@dataclass(frozen=True)
class Tabs:
    """Groups of which one is seen at a time. label: what they are groups of."""

    label: str
    groups: Sequence[Group]


@dataclass(frozen=True)
class Duel:
    """Two of these rules beside each other, on every task at once. variants: of each rule, by name; charts: of the tasks."""

    variants: Mapping[str, str]
    charts: Sequence[Explorer]


Part: TypeAlias = Answer | Card | Duel | Matrix | Figure | Table | Formula | Checks | Code | Explorer | Fold | Group | Tabs | str


@dataclass(frozen=True)
class View:
    """What is seen at a time, at an address of its own. short: its name in the bar; empty for cards, which are found."""

    anchor: str
    short: str
    title: str
    parts: Sequence[Part]


def source(svg: str) -> Markup:
    """An SVG as a data URI that may stand in an attribute: it has no double quote, and no ampersand as it is."""
    swapped = svg.replace("'", "&#39;").replace('"', "'")
    return Markup("data:image/svg+xml," + quote(swapped, safe="<> =:/;,.(){}[]'!*+@|~_-\n"))


def candidate(svg: str) -> Markup:
    """The same for a list of sources, whose parts spaces and commas would end."""
    return Markup("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode())


def shown(value: Any) -> Shown:
    """A value as a table shows it."""
    if isinstance(value, Shown):
        return value
    if value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return Shown("")
    if isinstance(value, float):
        return Shown(number(value), value)
    if isinstance(value, int | np.integer):
        return Shown(str(value), float(value))
    return Shown(str(value))


@dataclass(frozen=True)
class Pictures:
    """Those of the first screen. hero: wide and narrow; empty where no one has a role. strips: of the tiles, where they are."""

    title: str
    caption: str
    alt: str
    hero: Sequence[str]
    strips: Sequence[str | None]


@cache
def vega() -> str:
    """Vega, Vega-Lite and vega-embed as one script that defines `vegaEmbed`, which the page unpacks with its first chart."""
    return "(() => {" + vl_convert.javascript_bundle("globalThis.vegaEmbed = vegaEmbed;") + "})();"


def digest(text: str) -> str:
    """The source of a content security policy that allows this text and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def render(summary: Summary, pictures: Pictures, known: str, who: Mapping[str, Any], views: Sequence[View]) -> str:
    """The whole page as HTML. known: how the summary is known. who: the looks of each task's variants, and which are new."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"source": source, "candidate": candidate}
    folder = resources.files(__package__)
    style, shell, tables, explorer = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("style.css", "shell.js", "tables.js", "explorer.js")
    )
    style += EVIDENCE + roles()
    scripts = [tables, shell, explorer]
    return environment.get_template("page.html.j2").render(
        summary=summary,
        pictures=pictures,
        known=known,
        who={**who, "colours": [f"pin-{number}" for number in range(len(PINS))]},
        equation=mathematics.short(bool(summary.missing)),
        views=views,
        cards=[part for view in views if not view.short for part in view.parts],
        style=style,
        scripts=scripts,
        vega=packed(vega()),
        policy=f"default-src 'none'; img-src data:; style-src {digest(style)}; base-uri 'none'; form-action 'none';"
        f" script-src {' '.join(map(digest, [*scripts, vega()]))}",
        kind=lambda part: type(part).__name__,
        exact=lambda value: "" if np.isnan(value) else f"{value:.8g}",
    )


def looks(look: Look, variants: pd.DataFrame, task: str) -> dict[str, dict[str, Any]]:
    """The role of each variant of a task that is drawn in colour, and its dash where it has one."""
    names = variants.loc[variants["task"] == task, "variant"]
    role = {name: {"role": look.roles[name]} for name in look.pinned}
    return {name: {**role.get(name, {}), **({"dash": look.dash(name)} if look.dash(name) else {})} for name in names}


def roles() -> str:
    """The colours of roles, pins and all others, for the style."""
    pairs: dict[str, tuple[str, str]] = {
        **{str(role): pair for role, pair in ROLES.items()},
        "others": OTHERS,
        **{f"pin-{number}": pair for number, pair in enumerate(PINS)},
    }
    light, dark = (";".join(f"--{name}:{pair[at]}" for name, pair in pairs.items()) for at in (0, 1))
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"

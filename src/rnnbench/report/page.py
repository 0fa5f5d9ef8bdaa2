"""Put the page together: one file, no script, no network, and a policy that would forbid both."""

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from rnnbench.report.answer import Claim, number


@dataclass(frozen=True)
class Figure:
    """A figure of the page. alt says what it shows to who cannot see it; caption what to see in it."""

    path: Path
    alt: str
    caption: str

    @property
    def source(self) -> str:
        """The SVG as a data URI."""
        return "data:image/svg+xml;base64," + base64.b64encode(Path(self.path).read_bytes()).decode()


@dataclass(frozen=True)
class Table:
    """A table of the page: the first column names the row; `note` stands below it; `prose` are columns of words."""

    caption: str
    frame: pd.DataFrame
    note: str = ""
    prose: Sequence[str] = ()

    @property
    def rows(self) -> list[list[str]]:
        """Cells as text."""
        return [[cell(value) for value in row] for row in self.frame.itertuples(index=False)]


@dataclass(frozen=True)
class Section:
    """A section with a stable anchor; parts are figures, tables or paragraphs in reading order."""

    anchor: str
    title: str
    parts: Sequence[Figure | Table | str]


def cell(value: Any) -> str:
    """A value as a table shows it."""
    if isinstance(value, float):
        return "" if pd.isna(value) else number(value)
    return "" if value is pd.NA else str(value)


def commands(commit: str, configfiles: Sequence[str]) -> list[str]:
    """The commands for a result, and what they cannot bring back."""
    run = ["snakemake", "--cores", "4", *(["--configfile", *configfiles] if configfiles else [])]
    if commit == "unknown":
        return ["# the code was not in a git checkout", shlex.join(run)]
    changed = ["# and what had been changed or added since, which the commit does not have"] if commit.endswith("+") else []
    return [f"git checkout {commit.rstrip('+')}", *changed, shlex.join(run)]


def render(claims: Sequence[Claim], sections: Sequence[Section], provenance: Mapping[str, Any], commands: Sequence[str]) -> str:
    """The whole page as HTML."""
    folder = resources.files(__package__)
    style = folder.joinpath("style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(folder.joinpath("page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        claims=claims,
        sections=sections,
        provenance=json.dumps(provenance, indent=1, ensure_ascii=False),
        commands=commands,
        style=style,
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        kind=lambda part: type(part).__name__,
    )

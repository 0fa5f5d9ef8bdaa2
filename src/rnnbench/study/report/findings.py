"""Pages of findings, docs/results/NAME.md: text in which every number comes from a table in the folder NAME beside it.

The text is a template, NAME.md.j2. In it `rows("ladder", task="xor")` are the rows of a table with these values, `row` is the one
that there is, and the filters `number` and `measured` write numbers as the report does. "default/ladder" is a table of another
page.
"""

import sys
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from rnnbench.study.analysis.specifications import SPECIFICATIONS
from rnnbench.study.report.phrases import measured, number


class FindingError(LookupError):
    """A page asks a table for a row that is not there, or for one of several; the message says which."""


def page(template: Path) -> str:
    """The page that a template makes of the tables in the folder of its name.

    Raises FindingError where a row is not there or not the only one, jinja2.UndefinedError for a column that is not there.
    """
    folder = template.with_suffix("").with_suffix("")

    @cache
    def read(table: str) -> pd.DataFrame:
        study, _, name = table.rpartition("/")
        return SPECIFICATIONS[name].read((template.parent / study if study else folder) / f"{name}.csv")

    def rows(table: str, **where: object) -> list[dict[Hashable, Any]]:
        found = read(table)
        for column, value in where.items():
            found = found[found[column] == value]
        return found.to_dict("records")

    def row(table: str, **where: object) -> dict[Hashable, Any]:
        found = rows(table, **where)
        if len(found) != 1:
            said = ", ".join(f"{column} {value!r}" for column, value in where.items())
            raise FindingError(f"{template}: {len(found)} rows of {folder / table}.csv have {said}")
        return found[0]

    def interval(of: dict[Hashable, Any], value: str, low: str = "low", high: str = "high") -> str:
        return measured(of[value], of[low], of[high])

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.globals |= {"row": row, "rows": rows}
    environment.filters |= {"number": number, "measured": interval}
    return environment.get_template(template.name).render()


if __name__ == "__main__":
    for made in map(Path, sys.argv[1:]):
        made.with_suffix("").write_text(page(made), encoding="utf-8")

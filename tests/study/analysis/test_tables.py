"""The list of tables: what follows from it agrees with it."""

from pathlib import Path

import pandas as pd
import pytest
from reports import tables

from rnnbench.study.analysis.material import Material
from rnnbench.study.analysis.specifications import SPECIFICATIONS, columns, page
from rnnbench.study.analysis.tables import Tables

ROOT = Path(__file__).parents[3]


def test_every_table_is_made_by_a_property_of_its_name():
    fields = Material.__dataclass_fields__
    assert all(
        name in fields or isinstance(getattr(Material, name, None), property | type(Material.final)) for name in SPECIFICATIONS
    )


def test_what_is_not_given_is_empty_with_its_columns(tmp_path):
    Tables({}).write(tmp_path)
    back = Tables.read(tmp_path)
    for name, table in back.items():
        assert table.empty and list(table) == columns(name)
    with pytest.raises(KeyError, match="there is no table 'fnial'"):
        Tables({"fnial": pd.DataFrame()})
    with pytest.raises(AttributeError, match="there is no table 'fnial'"):
        _ = back.fnial


@pytest.mark.parametrize("name", ["null", "nan", "NA", "2024", "1e5", "True"])
def test_a_name_that_looks_like_something_else_stays_a_name(tmp_path, name):
    made = tables(variants=(name, "keras"))
    made.write(tmp_path)
    assert set(Tables.read(tmp_path).final["variant"]) == {name, "keras"}


def test_the_page_of_tables_is_that_of_the_list():
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == page(), "run: make docs"

"""The pages of findings say what the tables beside them say."""

import re
from pathlib import Path

import pytest

from rnnbench.study.report.findings import FindingError, page

RESULTS = Path(__file__).parents[3] / "docs" / "results"
TEMPLATES = sorted(RESULTS.glob("*.md.j2"))
NOT_MEASURED = r"\{# set, not measured #\}.*?\{# end #\}|arXiv:\d{4}\.\d{5}|\d{4}\)|float\d\d|SnAp-1"
"""What may stand in the words of a page itself: how it was set up, papers, years, types, names."""


def test_there_is_a_page():
    assert TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_page_is_what_its_tables_make_it(template):
    assert template.with_suffix("").read_text(encoding="utf-8") == page(template), "run: make docs"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_number_is_written_by_hand(template):
    words = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r".*\d.*", re.sub(NOT_MEASURED, "", words, flags=re.DOTALL)) == []


def made(folder, text):
    (folder / "of").mkdir()
    (folder / "of" / "correlation.csv").write_text(
        "task,metric,rules,rho,low,high\nxor,m,3,0.5,0.25,0.75\nmnist,m,4,0.125,,\n", encoding="utf-8"
    )
    template = folder / "of.md.j2"
    template.write_text(text, encoding="utf-8")
    return template


def test_numbers_are_written_as_in_the_report(tmp_path):
    text = '{{ row("correlation", task="xor") | measured("rho") }}, {{ row("correlation", rules=4) | measured("rho") }}'
    assert page(made(tmp_path, text)) == "0.5 [0.25, 0.75], 0.125"


def test_a_table_of_another_page_is_named_with_it(tmp_path):
    template = made(tmp_path, '{{ row("of/correlation", task="mnist").rules }}')
    other = tmp_path / "other.md.j2"
    template.rename(other)
    assert page(other) == "4"


@pytest.mark.parametrize(("where", "count"), [('task="elman"', 0), ('metric="m"', 2)])
def test_a_row_that_is_not_the_only_one_is_named(tmp_path, where, count):
    with pytest.raises(
        FindingError, match=rf"of.md.j2: {count} rows of .*correlation.csv have {where.replace('=', ' ')}".replace('"', "'")
    ):
        page(made(tmp_path, f'{{{{ row("correlation", {where}) }}}}'))

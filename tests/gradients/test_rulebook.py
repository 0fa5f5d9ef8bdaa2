"""The list of rules, and the page that is made of their docstrings."""

import re
from pathlib import Path

import pytest

from rnnbench.cli import main
from rnnbench.gradients import rulebook
from rnnbench.gradients.registry import RULES

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_is_that_of_the_docstrings():
    assert DOCS.read_text(encoding="utf-8") == rulebook.page() + "\n", "run: make docs"


def test_the_list_names_every_rule_with_class_cost_and_source(capsys):
    assert main(["rules"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["rule", "class", "time", "memory", "source"]
    assert [line.split()[0] for line in lines] == rulebook.in_order(RULES)
    line = next(line for line in lines if line.startswith("snap1 "))
    assert re.split(r"  +", line) == ["snap1", "biased", "O(n^2)", "O(n^2)", "Menick et al. 2021"]
    assert main(["rules", "--markdown"]) == 0
    assert capsys.readouterr().out == DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in RULES if name not in ("posted", "mlp")])
def test_a_rule_tells_its_equations_cost_and_paper(name):
    entry = next(entry for entry in rulebook.entries() if entry.name == name)
    assert entry.time and entry.memory
    assert re.search(r"^    .*=", entry.text, re.MULTILINE), "no equation"
    assert "Source: " in entry.text and re.search(r"\b(19|20)\d\d\b", entry.text)
    assert entry.source.split()[-1] in entry.text and entry.source.split()[0] in entry.text
    assert "O(" in entry.text

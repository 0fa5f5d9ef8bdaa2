"""What the documents say holds: their examples run, their links lead somewhere, every key of the config is explained."""

import json
import re
from pathlib import Path

import pytest

from rnnbench.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "config" / "README.md", ROOT / "results" / "README.md"]


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_lead_to_files(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("http") and not (page.parent / link).exists()] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [(0, 1, "R and the output are right.\nW and b: only lag 0 is right; all paths through x^{t-1} are missing"), (1, 0, "exact")],
)
def test_the_rules_that_are_written_step_by_step_are_what_is_said(tmp_path, capsys, number, status, words):
    file = tmp_path / "by_hand.py"
    file.write_text(blocks("docs/writing-a-rule.md", "python")[number], encoding="utf-8")
    assert main(["trial", str(file), "--layers", "1"]) == status
    out = capsys.readouterr().out
    assert words in out


def test_the_task_that_is_shown_is_the_one_that_is_tested():
    shown = blocks("docs/tasks-and-variants.md", "python")
    assert shown == [(ROOT / "tests" / "own_tasks" / "adding.py").read_text(encoding="utf-8")]


def keys(schema):
    """Every key of the config that the schema knows."""
    for value in schema.values() if isinstance(schema, dict) else ():
        yield from keys(value)
    yield from schema.get("properties", {}) if isinstance(schema, dict) else ()


def test_every_key_of_the_config_is_explained():
    schema = json.loads((ROOT / "workflow" / "schemas" / "config.schema.json").read_text(encoding="utf-8"))
    page = re.sub(r"```.*?```", "", (ROOT / "config" / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    named = {word for code in re.findall(r"`([^`]+)`", page) for word in re.findall(r"\w+", code)}
    assert [key for key in keys(schema) if key not in named] == []

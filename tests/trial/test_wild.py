"""Slips that people make, in plain code, as docs/slips.md has them: what each row hurts, and what the trial says of it."""

import re
from pathlib import Path

import pytest

from rnnbench.trial import functions

PAGE = (Path(__file__).parents[2] / "docs" / "slips.md").read_text(encoding="utf-8")
BACKWARD, FORWARD = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
RECURSION = BACKWARD.partition("def gradient")[0] + FORWARD
ROW = re.compile(r"^\| `(.+)` \| `(.+)` \| (.+) \| (.+) \|$", flags=re.MULTILINE)
FIRST, SECOND = (ROW.findall(part) for part in PAGE.split(FORWARD))
LENGTHS = (1, 2, 3, 5, 8, 12, 20)


def findings(tmp_path, text, seed=0):
    file = tmp_path / "own.py"
    file.write_text(text, encoding="utf-8")
    of = functions.functions(file)
    return functions.try_functions("own", of.loss, of.gradient, seed, lengths=LENGTHS).findings


@pytest.mark.parametrize("code", [BACKWARD, RECURSION])
def test_the_code_is_right(tmp_path, code):
    assert all(finding.verdict == "exact" for finding in findings(tmp_path, code))


@pytest.mark.parametrize(
    ("code", "right", "wrong", "hurts", "words"),
    [*((BACKWARD, *row) for row in FIRST), *((RECURSION, *row) for row in SECOND)],
)
def test_a_slip_is_explained(tmp_path, code, right, wrong, hurts, words):
    assert code.count(right) == 1
    found = {finding.parameter: finding.diagnosis for finding in findings(tmp_path, code.replace(right, wrong))}
    named = hurts.split(", ")
    assert {name for name, diagnosis in found.items() if diagnosis} == set(named), found
    # Of the bias of the output, an error at every step and its sum at one are the same.
    told = [name for name in named if name != "c" or "the error of the last" not in words]
    assert all(words in found[name] for name in told), found
    # What is said of some networks is said of others.
    assert found == {finding.parameter: finding.diagnosis for finding in findings(tmp_path, code.replace(right, wrong), seed=1)}


def test_every_row_is_read():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(FIRST) + len(SECOND) == len(rows) > 50

"""What jobs leave on their files, and what is not used by it."""

import json
import os
from pathlib import Path

import pytest

from rnnbench.study.jobs import record
from rnnbench.study.jobs.record import Asked, UnfitError

RUN, CURVES, LAST = "results/runs/xor/mine/run.json", "results/runs/xor/mine/curves.csv", "results/trial/diagnostics/xor/mine.csv"
SETTINGS = {"replicates": 4, "recipes": {"online": {"passes": 5}}}
MINE = {"library": "numpy", "gradient": "rtrl", "recipe": "online", "change": {}, "role": None}
CONFIG = {"seed": 1, "tasks": {"xor": SETTINGS}, "trial": {"updates": 3, "lengths": [1, 2]}, "cost": {}}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A run and what was made of it, with their records."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("rule", encoding="utf-8")
    at = {"task": "xor", "variant": "mine"}
    shared = {"settings": SETTINGS, "seed": 1}
    made([RUN, CURVES], ["mine.py"], {**shared, **MINE, "code": "abc"}, at)
    made([LAST], [RUN, CURVES, "mine.py"], shared, at)


def made(outputs, inputs, params, wildcards):
    found = record.hashes(inputs)
    record.check(found)
    for path in map(Path, outputs):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path} whole", encoding="utf-8")
    record.leave(outputs, found, params, wildcards)


def asked(said=MINE, code="abc", **changes):
    return Asked({**CONFIG, **changes}, {"mine": said}, {RUN: code})


def test_what_was_made_as_it_is_asked_for_fits(study):
    asked().check([RUN, CURVES, LAST])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seed": 2}, "was made with seed 1 where 2 is asked for"),
        ({"tasks": {"xor": {**SETTINGS, "replicates": 8}}}, "was made with replicates 4 where 8 is asked for"),
        (
            {"tasks": {"xor": {**SETTINGS, "recipes": {"online": {"passes": 6}}}}},
            "was made with recipes.online.passes 5 where 6 is asked for",
        ),
        ({"tasks": {}}, "was made with settings"),
        ({"said": {**MINE, "gradient": "bptt"}}, 'was made with gradient "rtrl" where "bptt" is asked for'),
        ({"said": {**MINE, "change": {"batch": 2}}}, "was made with change.batch null where 2 is asked for"),
        ({"code": "other"}, "was made with other code"),
    ],
)
def test_what_was_made_otherwise_is_told_with_what_it_was(study, change, why):
    found = asked(**change)
    assert found.unfit(RUN).startswith(why)
    assert why.removeprefix("was made with ") in found.unfit(LAST)
    with pytest.raises(UnfitError, match=r"run\.json was made with .*[\s\S]*Remove them, .* and run the same command again"):
        found.check([LAST, RUN])


def test_a_file_that_was_cut_short_with_its_time_kept_is_seen(study):
    stamp = Path(RUN).stat()
    Path(RUN).write_text("cut", encoding="utf-8")
    os.utime(RUN, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert asked().unfit(RUN) == "is not as its job wrote it: it was changed or cut short"
    assert asked().unfit(LAST) == f"was made from another {RUN}"
    with pytest.raises(UnfitError, match="run.json is not as its job wrote it"):
        record.check(record.hashes([RUN, CURVES]))


def test_what_is_made_from_what_is_gone_or_other_does_not_fit(study):
    Path("mine.py").write_text("another rule", encoding="utf-8")
    assert asked().unfit(RUN) == "was made from another mine.py"
    assert asked().unfit("results/none.csv") == "is not there"
    Path("mine.py").write_text("rule", encoding="utf-8")
    Path(RUN).unlink()
    assert asked().unfit(LAST) == f"was made from {RUN}, which is gone"


def test_what_has_no_record_does_not_fit_but_data_that_was_fetched(study):
    record.record_of(CURVES).unlink()
    assert asked().unfit(CURVES) == "has no record of how it was made"
    assert not record.recorded("results/data/mnist/file") and not record.recorded(record.ASKED) and not record.recorded("mine.py")


def test_the_file_of_what_is_asked_for_is_rewritten_where_that_has_changed(tmp_path):
    path = tmp_path / "results" / "asked.json"
    record.rewritten(path, {"seed": 1})
    os.utime(path, (1, 1))
    record.rewritten(path, {"seed": 1})
    assert path.stat().st_mtime == 1
    record.rewritten(path, {"seed": 2})
    assert path.stat().st_mtime > 1 and json.loads(path.read_text(encoding="utf-8")) == {"seed": 2}

"""What jobs leave on their files, and what is not used by it."""

import json
import os
import time
from pathlib import Path

import pytest

from rnnbench.study.jobs import record
from rnnbench.study.jobs.record import Asked, UnfitError, asked

SPLITS, RUN, LAST = "results/tasks/xor/splits.npz", "results/runs/xor/mine/run.json", "results/trial/diagnostics/xor/mine.csv"
PARAMS = {"settings": {"replicates": 4, "recipes": {"online": {"passes": 5}}}, "seed": 1, "gradient": "rtrl", "code": "abc"}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A run, what it was made from, and what was made of it, with their records."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("rule", encoding="utf-8")
    for output, inputs in ((SPLITS, []), (RUN, [SPLITS, "mine.py"]), (LAST, [RUN, "mine.py"])):
        made(output, inputs)


def made(output, inputs, params=PARAMS):
    found = record.hashes(inputs)
    record.check(found)
    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{path} whole", encoding="utf-8")
    record.leave([output], found, params)


def now(**files):
    """What is asked for: PARAMS for every file, but for changes in some."""
    return Asked({file: {**PARAMS, **files.get(name, {})} for name, file in (("splits", SPLITS), ("run", RUN), ("last", LAST))})


def test_what_was_made_as_it_is_asked_for_fits(study):
    now().check([RUN, LAST])
    assert not record.UNFIT.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seed": 2}, "seed 1 where 2 is asked for"),
        ({"settings": {**PARAMS["settings"], "replicates": 8}}, "settings.replicates 4 where 8 is asked for"),
        (
            {"settings": {**PARAMS["settings"], "recipes": {"online": {"passes": 6}}}},
            "settings.recipes.online.passes 5 where 6 is asked for",
        ),
        ({"gradient": "bptt"}, 'gradient "rtrl" where "bptt" is asked for'),
        ({"change": {"batch": 2}}, 'change null where {"batch": 2} is asked for'),
        ({"code": "other"}, "other code"),
    ],
)
def test_what_was_made_otherwise_is_told_with_what_it_was(study, change, why):
    found = now(run=change)
    assert found.unfit(SPLITS) == "" and found.unfit(RUN) == f"was made with {why}"
    assert found.unfit(LAST) == f"was made from {RUN}, which was made with {why}"
    with pytest.raises(
        UnfitError, match=r"run\.json was made with .*\n.*\nRemove what is named here, and run the same command again"
    ):
        found.check([LAST])
    assert record.UNFIT.read_text(encoding="utf-8").split() == [RUN, LAST]


def test_what_is_to_be_removed_goes_back_to_the_root(study):
    """Splits of another seed: else a run made anew of them would be refused again."""
    found = now(splits={"seed": 2}, run={"seed": 2}, last={"seed": 2})
    with pytest.raises(UnfitError, match=r"splits\.npz was made with seed 1 where 2 is asked for"):
        found.check([RUN, LAST])
    assert record.UNFIT.read_text(encoding="utf-8").split() == [SPLITS, RUN, LAST]


def test_of_many_files_some_are_named_and_all_are_listed(study):
    files = [f"results/{number}.csv" for number in range(9)]
    for file in files:
        made(file, [])
    with pytest.raises(UnfitError, match="9 files do not fit, all of them listed in results/unfit.txt") as error:
        Asked({file: {**PARAMS, "seed": 2} for file in files}).check(files)
    assert str(error.value).count("\n") == 5 and record.UNFIT.read_text(encoding="utf-8").split() == files


def test_a_file_that_was_cut_short_with_its_time_kept_is_seen(study):
    stamp = Path(RUN).stat()
    Path(RUN).write_text("cut", encoding="utf-8")
    os.utime(RUN, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert now().unfit(RUN) == "is not as its job wrote it: it was changed or cut short"
    assert now().unfit(LAST) == f"was made from another {RUN}"
    with pytest.raises(UnfitError, match="run.json is not as its job wrote it"):
        record.check(record.hashes([RUN, SPLITS]))


def test_what_is_made_from_what_is_gone_or_other_does_not_fit(study):
    Path("mine.py").write_text("another rule", encoding="utf-8")
    assert now().unfit(RUN) == "was made from another mine.py"
    assert now().unfit("results/none.csv") == "is not there"
    Path("mine.py").write_text("rule", encoding="utf-8")
    Path(RUN).unlink()
    assert now().unfit(LAST) == f"was made from {RUN}, which is gone"


def test_what_has_no_record_does_not_fit_but_data_that_was_fetched(study):
    record.record_of(SPLITS).unlink()
    assert now().unfit(SPLITS) == "has no record of how it was made"
    assert not any(map(record.recorded, ("results/data/mnist/file", "results/asked/abc.json", "mine.py", "results/runs")))


def test_what_is_asked_for_is_new_where_the_tables_were_made_of_something_else(study):
    """So Snakemake makes them again, although it may know nothing of how they were made."""

    def is_new(path):
        return Path(path).stat().st_mtime > time.time() - 60

    one = asked({RUN: PARAMS}, "results/tables.json")
    made("results/tables.json", [one])
    os.utime(one, (1, 1))
    assert asked({RUN: PARAMS}, "results/tables.json") == one and not is_new(one)
    other = asked({RUN: {**PARAMS, "seed": 2}}, "results/tables.json")
    assert other != one and is_new(other) and json.loads(Path(other).read_text(encoding="utf-8"))[RUN]["seed"] == 2
    made("results/tables.json", [other])
    assert asked({RUN: PARAMS}, "results/tables.json") == one and is_new(one)
    assert Asked.read(one).unfit(RUN) == ""

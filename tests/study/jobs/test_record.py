"""What jobs leave on their files, and what is not used by it."""

import json
import os
import time
from pathlib import Path

import pytest

from rnnbench.study.jobs import record
from rnnbench.study.jobs.record import Asked, Records, UnfitError, asked

SPLITS, RUN, LAST = "results/tasks/xor/splits.npz", "results/runs/xor/mine/run.json", "results/trial/diagnostics/xor/mine.csv"
PARAMS = {"settings": {"replicates": 4, "recipes": {"online": {"passes": 5}}}, "seed": 1, "gradient": "rtrl", "code": "abc"}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A run, what it was made from, and what was made of it, with their records."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("rule", encoding="utf-8")
    for job, output, inputs in (("prepare", SPLITS, []), ("run", RUN, [SPLITS, "mine.py"]), ("last", LAST, [RUN, "mine.py"])):
        made(job, output, inputs)


def record_of(job):
    return record.RECORDS / f"{job}.json"


def records():
    return Records.read(sorted(record.RECORDS.glob("*.json")))


def made(job, output, inputs, params=PARAMS):
    found = record.hashes(inputs)
    records().check(found)
    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{path} whole", encoding="utf-8")
    record.leave(record_of(job), record.hashes([output]), found, params)


def now(**jobs):
    """What is asked for: PARAMS for every job, but for changes in some."""
    return Asked({job: {**PARAMS, **jobs.get(job, {})} for job in ("prepare", "run", "last")}, records())


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
        ({"code": "other"}, "other code, or by another version of Python"),
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
    found = now(prepare={"seed": 2}, run={"seed": 2}, last={"seed": 2})
    with pytest.raises(UnfitError, match=r"splits\.npz was made with seed 1 where 2 is asked for"):
        found.check([RUN, LAST])
    assert record.UNFIT.read_text(encoding="utf-8").split() == [SPLITS, RUN, LAST]


def test_of_many_files_some_are_named_and_all_are_listed(study):
    files = [f"results/{number}.csv" for number in range(9)]
    for file in files:
        made(Path(file).stem, file, [])
    with pytest.raises(UnfitError, match="9 files do not fit, all of them listed in results/unfit.txt") as error:
        Asked({Path(file).stem: {**PARAMS, "seed": 2} for file in files}, records()).check(files)
    assert str(error.value).count("\n") == 5 and record.UNFIT.read_text(encoding="utf-8").split() == files


def test_a_file_that_was_cut_short_with_its_time_kept_is_seen(study):
    stamp = Path(RUN).stat()
    Path(RUN).write_text("cut", encoding="utf-8")
    os.utime(RUN, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert now().unfit(RUN) == "is not as its job wrote it: it was changed or cut short"
    assert now().unfit(LAST) == f"was made from {RUN}, which is not as its job wrote it: it was changed or cut short"
    with pytest.raises(UnfitError, match="run.json is not as its job wrote it"):
        records().check(record.hashes([RUN, SPLITS]))


def test_what_is_made_from_an_earlier_state_of_a_file_is_seen(study):
    """Its job ran again, and what is made of it did not."""
    Path(RUN).write_text("another", encoding="utf-8")
    record.leave(record_of("run"), record.hashes([RUN]), record.hashes([SPLITS, "mine.py"]), PARAMS)
    assert now().unfit(RUN) == "" and now().unfit(LAST) == f"was made from another {RUN}"


def test_what_is_made_from_another_file_of_ones_own_does_not_fit(study):
    Path("mine.py").write_text("another rule", encoding="utf-8")
    assert now().unfit(RUN) == "was made from another mine.py"
    assert now().unfit("results/none.csv") == "is not there"
    Path("mine.py").write_text("rule", encoding="utf-8")


def test_what_it_was_made_from_may_lie_elsewhere_and_is_known_by_its_record(study):
    """A job has only what it reads where a store keeps the files."""
    for file in (SPLITS, "mine.py"):
        Path(file).unlink()
    assert now().unfit(LAST) == ""
    assert (
        now(prepare={"seed": 2}).unfit(LAST)
        == f"was made from {RUN}, which was made from {SPLITS}, which was made with seed 1 where 2 is asked for"
    )
    record_of("prepare").unlink()
    assert now().unfit(LAST) == f"was made from {RUN}, which was made from {SPLITS}, which has no record of how it was made"


def test_a_copy_of_a_store_is_known_by_where_it_lies_in_it(study):
    copy = Path("store/bucket") / RUN
    copy.parent.mkdir(parents=True)
    copy.write_bytes(Path(RUN).read_bytes())
    found = record.hashes([str(copy), "mine.py"], "store/bucket")
    assert found == record.hashes([RUN, "mine.py"])
    Path(RUN).unlink()
    assert Asked({}, records(), "store/bucket").unfit(RUN) == "" and now().unfit(RUN) == "is not there"
    # What lies here is of another study.
    Path(SPLITS).write_text("another", encoding="utf-8")
    assert Asked({}, records(), "store/bucket").unfit(RUN) == "" and now().unfit(LAST) != ""
    copy.write_text("cut", encoding="utf-8")
    assert Asked({}, records(), "store/bucket").unfit(RUN) == "is not as its job wrote it: it was changed or cut short"


def test_what_has_no_record_does_not_fit_but_data_that_was_fetched(study):
    for content in (
        "cut",
        '{"files": 1, "from": {}, "params": {}, "made_on": {}}',
        '{"files": {}, "from": {}, "params": {}, "made_on": {}}',
        "[]",
    ):
        record_of("prepare").write_text(content, encoding="utf-8")
        assert now().unfit(SPLITS) == "has no record of how it was made"
        with pytest.raises(UnfitError, match=r"splits\.npz has no record"):
            records().check(record.hashes([SPLITS]))
    assert not any(map(record.recorded, ("results/data/mnist/file", "results/asked/abc.json", "mine.py", record_of("run"))))


def test_what_is_asked_for_is_new_where_the_tables_were_made_of_something_else(study):
    """So Snakemake makes them again, although it may know nothing of how they were made."""

    def is_new(path):
        return Path(path).stat().st_mtime > time.time() - 60

    last = record_of("aggregate")
    one = asked({"run": PARAMS}, last)
    made("aggregate", "results/tables.json", [one])
    os.utime(one, (1, 1))
    assert asked({"run": PARAMS}, last) == one and not is_new(one)
    other = asked({"run": {**PARAMS, "seed": 2}}, last)
    assert other != one and is_new(other) and json.loads(Path(other).read_text(encoding="utf-8"))["run"]["seed"] == 2
    made("aggregate", "results/tables.json", [other])
    assert asked({"run": PARAMS}, last) == one and is_new(one)
    elsewhere = asked({"run": {**PARAMS, "seed": 3}}, last, decides=False)
    assert not is_new(elsewhere) and asked({"run": PARAMS}, last, decides=False) == one and is_new(one)
    assert Asked.read(one).unfit(RUN).startswith(f"was made from {SPLITS}, which has no record")  # of a job that is not asked for
    path = Path("asked.json")
    path.write_text(json.dumps({"run": PARAMS, "prepare": PARAMS}), encoding="utf-8")
    assert Asked.read(str(path)).unfit(RUN) == ""

"""What the workflow took, from logs as the jobs write them."""

import json

import pytest

from rnnbench.study.jobs import pipeline
from rnnbench.study.jobs.log import SESSION, TOOK, logged


def write(folder, name, began, ended, cpu, inputs=(), outputs=(), session=100.0, startup=0.5):
    took = {"session": session, "began": began, "ended": ended, "cpu": cpu, "startup": startup}
    took |= {"inputs": list(inputs), "outputs": list(outputs)}
    (folder / f"{name}.log").write_text(f"first line\n2026-01-01 00:00:00,000 INFO {TOOK}{json.dumps(took)}\n")


def study(folder):
    write(folder, "prepare", 101, 103, 2, outputs=["splits"])
    write(folder, "long", 103, 109, 5, inputs=["splits"], outputs=["long"])
    write(folder, "short", 103, 105, 2, inputs=["splits"], outputs=["short"])
    write(folder, "alone", 105, 110, 4.5, outputs=["alone"])
    write(folder, "report", 110, 112, 1, inputs=["long", "short", "alone"], outputs=["page"])
    return pipeline.read(folder.glob("*.log"), 100.0)


def test_the_critical_path_is_the_chain_with_the_most_work(tmp_path):
    jobs = study(tmp_path)
    assert [job.job for job in pipeline.critical_path(jobs)] == ["prepare", "long", "report"]
    write(tmp_path, "alone", 105, 110, 7.5, outputs=["alone"])
    assert [job.job for job in pipeline.critical_path(pipeline.read(tmp_path.glob("*.log"), 100.0))] == ["alone", "report"]


def test_a_chain_of_much_work_counts_more_than_a_long_job(tmp_path):
    write(tmp_path, "first", 101, 110, 9, outputs=["first"])
    write(tmp_path, "second", 110, 111, 1, inputs=["first"], outputs=["second"])
    write(tmp_path, "other", 101, 106, 5, outputs=["other"])
    write(tmp_path, "report", 111, 112, 1, inputs=["other", "second"], outputs=["page"])
    path = pipeline.critical_path(pipeline.read(tmp_path.glob("*.log"), 100.0))
    assert [job.job for job in path] == ["first", "second", "report"]


def test_the_job_that_has_the_machine_to_itself_is_not_on_the_path(tmp_path):
    write(tmp_path, pipeline.ALONE_ON_THE_MACHINE, 100, 120, 20, outputs=["cost"])
    jobs = study(tmp_path)
    write(tmp_path, "report", 110, 112, 1, inputs=["long", "short", "alone", "cost"], outputs=["page"])
    table = pipeline.overview(jobs)
    assert list(table.loc[table["critical"], "job"]) == ["prepare", "long", "report"]


def test_busy_share(tmp_path):
    told = pipeline.summary(pipeline.overview(study(tmp_path)), cores=2)
    assert told == pytest.approx(
        {"elapsed": 12, "work": 14.5, "startup": 2.5, "busy": 14.5 / 24, "overhead": 2.5 / 12, "critical": 8}
    )
    assert pipeline.summary(pipeline.overview([]), cores=2)["busy"] == 0


def test_only_the_session_asked_for_counts_and_a_log_without_an_end_is_left_out(tmp_path):
    study(tmp_path)
    write(tmp_path, "report", 201, 203, 1, inputs=["long"], session=200.0)
    (tmp_path / "killed.log").write_text("first line\n")
    (tmp_path / "chatty.log").write_text(f"a library {TOOK}its time\nand went on\n")
    assert [job.job for job in pipeline.read(tmp_path.glob("*.log"), 200.0)] == ["report"]


def test_a_job_says_at_its_end_what_it_took(tmp_path, monkeypatch):
    monkeypatch.setenv(SESSION, "12.5")
    with logged(tmp_path / "job.log", ["a"], ["b", "c"]):
        pass
    (job,) = pipeline.read([tmp_path / "job.log"], 12.5)
    assert (job.job, job.session, job.inputs, job.outputs) == ("job", 12.5, ["a"], ["b", "c"])
    assert job.began <= job.ended and 0 < job.startup <= job.cpu


def test_a_job_that_fails_says_nothing_of_the_sort(tmp_path):
    with pytest.raises(SystemExit), logged(tmp_path / "job.log"):
        raise ValueError("broken")
    assert TOOK not in (tmp_path / "job.log").read_text()

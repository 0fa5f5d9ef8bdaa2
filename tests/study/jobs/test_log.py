"""What jobs say while they run and when they fail, and the one line that tells it in a terminal."""

import io
import logging
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from rnnbench.study.jobs import live
from rnnbench.study.jobs import log as joblog


class Terminal(io.StringIO):
    def isatty(self):
        return True


def job(path, progress=(), error=None):
    with joblog.logged(path):
        for done in progress:
            said = joblog.Progress("xor mine", 50, "pass", per=10)
            said.last = -1e9
            said.at(done, lambda: ", loss 0.25")
        if error:
            raise error


def test_progress_is_told_in_passes_with_loss_and_time_left(tmp_path, capsys):
    job(tmp_path / "a.log", [25])
    assert "xor mine: pass 2.5 of 5, loss 0.25, 0 s left" in capsys.readouterr().err
    assert " PROGRESS xor mine: pass 2.5 of 5" in (tmp_path / "a.log").read_text(encoding="utf-8")


def test_the_time_left_is_that_of_what_is_left(tmp_path, capsys, monkeypatch):
    with joblog.logged(tmp_path / "a.log"):
        said = joblog.Progress("xor mine", 50, "pass")
        monkeypatch.setattr(joblog.time, "monotonic", lambda: said.begun + 20)
        said.at(10)
        monkeypatch.undo()
    assert "pass 10 of 50, 80 s left" in capsys.readouterr().err


def test_progress_is_not_told_too_often(tmp_path, capsys):
    with joblog.logged(tmp_path / "a.log"):
        said = joblog.Progress("xor mine", 50, "pass")
        for done in range(50):
            said.at(done, pytest.fail)
    assert capsys.readouterr().err == ""


def test_why_a_job_did_not_finish(tmp_path):
    log = tmp_path / "train.log"
    assert joblog.failure(log) == "It was not started."
    with pytest.raises(SystemExit):
        job(log, error=ValueError("planted"))
    assert joblog.failure(log) == f"ValueError: planted ({log})"
    job(log)
    assert joblog.failure(log) == ""
    log.write_text("2026-01-01 00:00:00,000 INFO begun\n", encoding="utf-8")
    assert joblog.failure(log) == f"It was interrupted ({log})."


@pytest.fixture
def logger():
    made = logging.getLogger("tests.live")
    made.propagate = False
    yield made
    made.handlers.clear()


def running(folder, name, words, ago=0.0):
    path = folder / f"{name}.log"
    path.write_text(f"2026-01-01 00:00:00,000 INFO begun\n2026-01-01 00:00:01,000 {words}\n", encoding="utf-8")
    os.utime(path, (time.time() - ago,) * 2)


def test_the_line_tells_what_running_jobs_said_last(tmp_path, logger):
    line = live.LiveLine(tmp_path, Terminal(), logger)
    line.began -= 100
    running(tmp_path, "a", "PROGRESS xor keras: pass 2 of 5, 9 s left")
    running(tmp_path, "b", "PROGRESS mnist keras: pass 1 of 3, 80 s left")
    running(tmp_path, "c", "INFO took: {}")
    running(tmp_path, "d", "PROGRESS silent for long", ago=60)
    assert line.line(200) == "xor keras: pass 2 of 5, 9 s left | mnist keras: pass 1 of 3, 80 s left"
    assert line.line(20) == "xor keras: pass 2 of"
    (tmp_path / "e.log").symlink_to(tmp_path / "gone")
    assert line.line(9) == "xor keras"


def test_the_line_gives_way_to_other_words_and_is_gone_at_the_end(tmp_path, logger):
    screen = Terminal()
    logger.addHandler(logging.StreamHandler(screen))
    line = live.LiveLine(tmp_path, screen, logger, every=0.01)
    line.start()
    running(tmp_path, "a", "PROGRESS xor keras: pass 2 of 5, 9 s left")
    while "xor keras" not in screen.getvalue():
        time.sleep(0.01)
    logger.warning("a rule has ended")
    line.stop()
    assert f"{live.ERASE}a rule has ended\n" in screen.getvalue() and screen.getvalue().endswith(live.ERASE)
    assert line not in logger.handlers


def test_there_is_no_line_without_a_terminal(tmp_path, logger):
    screen = io.StringIO()
    line = live.LiveLine(tmp_path, screen, logger, every=0.01)
    line.start()
    line.stop()
    assert screen.getvalue() == "" and line not in logger.handlers


CHILD = "from rnnbench.study.jobs.log import end_with_parent; end_with_parent(); print(flush=True); import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


@pytest.mark.skipif(sys.platform != "linux", reason="the parent's end is told by Linux alone")
def test_a_job_does_not_outlive_what_started_it():
    """After a kill -9 of Snakemake a job would go on, and write beside a rerun. The pipe ends with the last that holds it."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        parent.stdout.readline()
        parent.kill()
        begun = time.monotonic()
        assert parent.stdout.read() == b"" and time.monotonic() - begun < 30


LOSES = """
import time
from rnnbench.study.jobs.log import end_with_ctrl_c

class Loses:
    def __del__(self):
        print("begun", flush=True)
        time.sleep(60)

end_with_ctrl_c()
Loses()
print("went on", flush=True)
"""


def test_a_job_ends_with_ctrl_c_also_where_python_loses_the_exception():
    # A shell's background jobs are started deaf to SIGINT, and so is all that they start.
    hearing = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen([sys.executable, "-c", LOSES], stdout=subprocess.PIPE, preexec_fn=hearing) as job:
        assert job.stdout.readline() == b"begun\n"
        job.send_signal(signal.SIGINT)
        assert job.stdout.read() == b"" and job.wait() == -signal.SIGINT

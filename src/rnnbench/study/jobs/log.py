"""What a job says while it runs: to its log file, and to the terminal where it is worth a line there."""

import ctypes
import json
import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rnnbench.environment import here
from rnnbench.study.jobs import record
from rnnbench.study.jobs.digest import check_covered

SESSION = "RNNBENCH_SESSION"
"""The environment variable in which the workflow passes on to its jobs when it began, in seconds since the epoch."""
TOOK = "took: "
"""What the last line of a log begins with (after time and level); JSON follows, see `logged`."""


def session() -> float:
    """When the workflow that this job is of began; 0 outside of one."""
    return float(os.environ.get(SESSION, 0))


@contextmanager
def job(snakemake: Any, script: str) -> Iterator[None]:
    """`logged` for a script of the workflow: its `snakemake`, and its own file.

    Raises record.UnfitError where an input is not as its job wrote it; at the end, leaves the record that is among the outputs,
    if one is. The job does not outlive the Snakemake that started it: a rerun would write beside it.
    """
    end_with_parent()
    end_with_ctrl_c()
    code = snakemake.params.get("code")
    check = partial(check_covered, script, code) if code else None
    with logged(snakemake.log[0], snakemake.input, snakemake.output, check):
        root = root_of(snakemake)
        made_from = record.hashes(snakemake.input, root)
        record.Records.read(snakemake.input.get("records", [])).check(made_from)
        yield
        if left := snakemake.output.get("record"):
            made = record.hashes((path for path in snakemake.output if path != left), root)
            record.leave(left, made, made_from, dict(snakemake.params.items()))


def root_of(snakemake: Any) -> Path:
    """The folder that results/ lies in: the working folder, or where a store has its copies."""
    return Path(snakemake.log[0]).parents[2]


def end_with_parent() -> None:
    """End this process with the one that started it, however that ends. On Linux; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end_with_ctrl_c() -> None:
    """End at once where Python would raise KeyboardInterrupt: that is lost in a callback of a library, and the job goes on."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


PR_SET_PDEATHSIG = 1
"""Of prctl(2)."""


@contextmanager
def logged(
    path: str | Path,
    inputs: Iterable[str] = (),
    outputs: Iterable[str] = (),
    check: Callable[[], object] | None = None,
) -> Iterator[None]:
    """Send all that is logged, warnings and the traceback of a failure to the file, and warnings to stderr too.

    The file begins with the node and its CPU. A failure is reported on stderr by its message, in one paragraph; the traceback is
    in the file. A success ends with a line of what it took: session, began and ended in seconds since the epoch; cpu and, until
    this was called, startup in CPU seconds; and the files, from which `jobs.pipeline` finds what waited for what. check: called
    at the end; what it raises is a failure too.
    """
    startup = time.process_time()
    began = time.time() - startup  # of the process, as good as
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    to_file = logging.FileHandler(path, mode="w", encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    to_terminal = logging.StreamHandler(sys.stderr)
    # Progress on a terminal is the live line's.
    least = PROGRESS + sys.stderr.isatty()
    to_terminal.addFilter(lambda record: record.name.startswith("rnnbench") and record.levelno >= least)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(to_file)
    root.addHandler(to_terminal)
    root.info("on node %(node)s, %(cpu)s", here())
    try:
        yield
        if check is not None:
            check()
        took = {
            "session": session(),
            "began": began,
            "ended": time.time(),
            "cpu": time.process_time(),
            "startup": startup,
            "inputs": [str(path) for path in inputs],
            "outputs": [str(path) for path in outputs],
        }
        root.info("%s%s", TOOK, json.dumps(took))
    except Exception as error:
        logging.getLogger("rnnbench").error("%s: %s (traceback in %s)", type(error).__name__, error, path)
        root.removeHandler(to_terminal)
        root.exception("failed")
        sys.exit(1)
    finally:
        root.removeHandler(to_file)
        root.removeHandler(to_terminal)
        to_file.close()


PROGRESS = 25
"""Log level of a progress line: above INFO, which goes to the file alone, and below WARNING."""
PROGRESS_NAME = "PROGRESS"
logging.addLevelName(PROGRESS, PROGRESS_NAME)


class Progress:
    """A line every few seconds: how far, and how long still. To a terminal it goes by way of `rnnbench.study.jobs.live`."""

    def __init__(self, what: str, total: int, unit: str, per: float = 1) -> None:
        """total: how much there is to do; per: how much of it makes a unit of those that are shown."""
        self.what, self.total, self.unit, self.per = what, total, unit, per
        self.every = 2.0 if sys.stderr.isatty() else 10.0
        self.begun = self.last = time.monotonic()

    def at(self, done: int, note: Callable[[], str] = str) -> None:
        """Say that `done` of the total is done, and what `note` gives, if it is time for a line."""
        now = time.monotonic()
        if now - self.last < self.every or not done:
            return
        self.last = now
        left = (now - self.begun) * (self.total - done) / done
        logging.getLogger("rnnbench.progress").log(
            PROGRESS,
            *("%s: %s %.3g of %.3g%s, %.0f s left", self.what, self.unit, done / self.per, self.total / self.per, note(), left),
        )


def failure(path: Path) -> str:
    """Why the job of a log did not finish; empty if it did."""
    if not path.exists():
        return "It was not started."
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if lines and TOOK in lines[-1]:
        return ""
    errors = [line.partition(" ERROR ")[2].partition(" (traceback in ")[0] for line in lines if " ERROR " in line]
    return f"{errors[0]} ({path})" if errors else f"It was interrupted ({path})."


def failures(folder: Path, since: float) -> list[str]:
    """Why the jobs failed that wrote to their logs since a time (in seconds since the epoch), a line for each."""
    found = []
    for path in sorted(folder.glob("*.log")):
        if path.stat().st_mtime >= since and " ERROR " in path.read_text(encoding="utf-8", errors="replace"):
            found.append(f"{path.stem}: {failure(path)}")
    return found

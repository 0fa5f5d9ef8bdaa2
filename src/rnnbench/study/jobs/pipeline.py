"""What the workflow itself costs: how busy the cores were, and which chain of jobs everything waited for."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from rnnbench.study.jobs.log import TOOK

COLUMNS = ["job", "began", "ended", "cpu", "startup", "critical"]


ALONE_ON_THE_MACHINE = "measure_cost"
"""The job that waits for nothing and that all others wait for, though they need no file of it."""


class Job(NamedTuple):
    """One job as the end of its log reports it, see `rnnbench.study.jobs.log.logged`."""

    job: str
    session: float
    began: float
    ended: float
    cpu: float
    startup: float
    inputs: list[str]
    outputs: list[str]


def read(logs: Iterable[Path], session: float) -> list[Job]:
    """The jobs that ended in a session of the workflow, in the order they began. session: as `joblog.session` has it."""
    jobs = []
    for path in logs:
        last = path.read_text(encoding="utf-8").splitlines()[-1:]
        told = [json.loads(line.partition(TOOK)[2]) for line in last if TOOK in line]
        jobs += [Job(path.stem, **values) for values in told if values["session"] == session]
    return sorted(jobs, key=lambda job: job.began)


def critical_path(jobs: Iterable[Job]) -> list[Job]:
    """The chain of jobs, each of which needs a file of the one before, with the most CPU time: no number of cores beats it."""
    jobs = sorted(jobs, key=lambda job: job.ended)
    makers = {path: job for job in jobs for path in job.outputs}
    length: dict[str, float] = {}
    before: dict[str, Job | None] = {}
    for job in jobs:
        needed = [makers[path] for path in job.inputs if path in makers and makers[path].job in length]
        before[job.job] = max(needed, key=lambda other: length[other.job], default=None)
        last = before[job.job]
        length[job.job] = job.cpu + (length[last.job] if last else 0)
    chain = []
    at = max(jobs, key=lambda job: length[job.job], default=None)
    while at is not None:
        chain.append(at)
        at = before[at.job]
    return chain[::-1]


def overview(jobs: list[Job]) -> pd.DataFrame:
    """A row for each job, in the order they began, seconds since the workflow began: COLUMNS."""
    critical = {job.job for job in critical_path(job for job in jobs if job.job != ALONE_ON_THE_MACHINE)}
    rows = [(j.job, j.began - j.session, j.ended - j.session, j.cpu, j.startup, j.job in critical) for j in jobs]
    return pd.DataFrame(rows, columns=COLUMNS)


def summary(jobs: pd.DataFrame, cores: int) -> dict[str, float]:
    """Of a table of jobs on so many cores, in seconds.

    elapsed: from the begin of the workflow to the end of the last job. work: CPU time of all jobs. startup: the part of it
    before a job's own work began (Python and imports). busy: work / (elapsed x cores). overhead: start-up over the
    rest of the work, which one process that did it all would not pay. critical: CPU time along the path.
    """
    elapsed = float(jobs["ended"].max()) if len(jobs) else 0.0
    work, startup = float(jobs["cpu"].sum()), float(jobs["startup"].sum())
    return {
        "elapsed": elapsed,
        "work": work,
        "startup": startup,
        "busy": work / (elapsed * cores) if elapsed else 0.0,
        "overhead": startup / (work - startup) if work else 0.0,
        "critical": float(jobs.loc[jobs["critical"], "cpu"].sum()),
    }


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

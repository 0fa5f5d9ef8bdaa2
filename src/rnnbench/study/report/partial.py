"""What a report is made of while a study is not finished: what is there, and what is missing, with the reason."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rnnbench.study.jobs.log import failure
from rnnbench.study.jobs.record import Asked
from rnnbench.study.workflow import tried

COST, UPDATES = "results/cost/gradients.csv", "results/cost/updates.csv"
MADE = {
    "results/trial/rules/": "rules",
    "results/trial/yardstick.csv": "yardstick",
    "results/trial/lockstep/": "lockstep",
    "results/trial/staleness/": "staleness",
    "results/trial/beside_exact/": "beside_exact",
    COST: "gradient_cost",
    "results/trial/diagnostics/": "diagnostics",
}
"""By the beginning of a path, what `Material.read` calls it."""


class NothingFinishedError(Exception):
    """No run has finished, so that there is nothing to report."""


def missing(expected: Iterable[Mapping[str, Any]], logs: Path, asked: Asked) -> list[dict[str, Any]]:
    """Of what is expected (see `Plan.expected`), what is not there or does not fit what is asked for.

    `what`, its `task`, and `why`: as the logs have it, or else how it does not fit.
    """
    found = []
    for part in expected:
        if (file := unfit(part, asked)) is not None:
            told = (failure(path) for job in part["jobs"] if (path := logs / f"{job}.log").exists())
            why = f"{file} {asked.unfit(file)}." if Path(part["file"]).exists() else "It was not started."
            found.append({"what": part["what"], "task": part["task"], "why": next(filter(None, told), why)})
    return found


def unfit(part: Mapping[str, Any], asked: Asked) -> str | None:
    """The first of a part's files that is not there or does not fit, if any."""
    return next(
        (file for file in (part["file"], *part.get("curves", ()), *part.get("provenance", ())) if asked.unfit(file)), None
    )


def files(expected: Iterable[Mapping[str, Any]], asked: Asked) -> dict[str, list[str]]:
    """Of what is expected, the files that are there and fit what is asked for, as `Material.read` takes them.

    Raises NothingFinishedError without a run.
    """
    found: dict[str, list[str]] = {kind: [] for kind in (*MADE.values(), "curves", "provenance", "rates", "update_cost")}
    for part in (part for part in expected if unfit(part, asked) is None):
        file = part["file"]
        kind = next(kind for begin, kind in MADE.items() if file.startswith(begin))
        found[kind].append(file)
        if kind == "diagnostics":
            run = file.removeprefix("results/trial/diagnostics/").removesuffix(".csv")
            found["curves"] += part["curves"]
            found["provenance"] += part["provenance"]
            if not asked.unfit(tried(run)):
                found["rates"].append(tried(run))
        elif kind == "gradient_cost" and not asked.unfit(UPDATES):
            found["update_cost"].append(UPDATES)
    if not found["diagnostics"]:
        raise NothingFinishedError("no run has finished yet, so that there is nothing to report")
    return found

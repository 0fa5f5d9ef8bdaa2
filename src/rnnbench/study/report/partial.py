"""What a report is made of while a study is not finished: what is there, and what is missing, with the reason."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rnnbench.study.jobs.log import failure
from rnnbench.study.workflow import tried

MADE = {
    "results/trial/rules/": "rules",
    "results/trial/yardstick.csv": "yardstick",
    "results/trial/lockstep/": "lockstep",
    "results/trial/staleness/": "staleness",
    "results/trial/beside_exact/": "beside_exact",
    "results/cost/gradients.csv": "gradient_cost",
    "results/trial/diagnostics/": "diagnostics",
}
"""By the beginning of a path, what `Material.read` calls it."""


class NothingFinishedError(Exception):
    """No run has finished, so that there is nothing to report."""


def missing(expected: Iterable[Mapping[str, Any]], logs: Path) -> list[dict[str, Any]]:
    """Of what is expected (see `Plan.expected`), what is not there: `what`, its `task`, and `why`, as the logs have it."""
    found = []
    for part in expected:
        if not Path(part["file"]).exists():
            told = (failure(path) for job in part["jobs"] if (path := logs / f"{job}.log").exists())
            found.append({"what": part["what"], "task": part["task"], "why": next(filter(None, told), "It was not started.")})
    return found


def files(expected: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Of what is expected, the files that are there, as `Material.read` takes them. Raises NothingFinishedError without a run."""
    found: dict[str, list[str]] = {kind: [] for kind in (*MADE.values(), "curves", "provenance", "rates", "update_cost")}
    for file in (part["file"] for part in expected if Path(part["file"]).exists()):
        kind = next(kind for begin, kind in MADE.items() if file.startswith(begin))
        found[kind].append(file)
        if kind == "diagnostics":
            run = file.removeprefix("results/trial/diagnostics/").removesuffix(".csv")
            found["curves"].append(f"results/runs/{run}/curves.csv")
            found["provenance"].append(f"results/runs/{run}/run.json")
            if Path(tried(run)).exists():
                found["rates"].append(tried(run))
        elif kind == "gradient_cost":
            found["update_cost"].append("results/cost/updates.csv")
    if not found["diagnostics"]:
        raise NothingFinishedError("no run has finished yet, so that there is nothing to report")
    return found

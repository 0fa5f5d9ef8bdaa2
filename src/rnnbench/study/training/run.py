"""The run contract: what any variant, in any library, leaves behind, written here and checked when it is read.

curves.csv      learning curves in long form, COLUMNS
snapshots.npz   the weights along the run (optional for a variant that is not such an RNN): updates, vector
run.json        provenance: what was run, on which splits, weights and order (by hash), where, how long it took; of a task in a
                file of the user's own, the SHA-256 of the file
"""

import json
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rnnbench import files
from rnnbench.network import Network
from rnnbench.study import provenance as origin
from rnnbench.study.tasks import registry
from rnnbench.study.training.prepared import PARTS, Prepared
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory, evaluate
from rnnbench.study.variants import Variant

COLUMNS = {
    "task": str,
    "variant": str,
    "replicate": int,
    "updates": int,
    "examples": int,
    "split": str,
    "metric": str,
    "value": float,
}
PROVENANCE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "task",
            "variant",
            "gradient",
            "recipe",
            "replicates",
            "first_replicate",
            "replicates_of_run",
            "updates",
            "examples",
            "diverged",
            "environment",
        ),
        (),
    ),
    "hashes": PARTS,
    "timing": ("startup_seconds", "training_seconds", "peak_memory_bytes", "updates", "seconds"),
}
"""The keys of run.json that others rely on, and the keys within them."""


class RunError(ValueError):
    """A run's file breaks the contract; the message names the file and, in a table, the column and row."""


@dataclass(frozen=True)
class Run:
    """A run as read back. snapshots is None where they were not asked for; their `seconds` are those of run.json."""

    curves: pd.DataFrame
    provenance: dict[str, Any]
    snapshots: Trajectory | None


def curves(prepared: Prepared, schedule: Schedule, network: Network, variant: str, trajectory: Trajectory) -> pd.DataFrame:
    """Validation metrics along the run and test metrics at its end. Test data are looked at here, once.

    And the losses of training, where they were kept, each under the last update of its block.
    """
    task = prepared.task
    rows = []
    for updates, vector in zip(trajectory.updates, trajectory.vector, strict=True):
        looks = ["validation", "test"] if updates == trajectory.updates[-1] else ["validation"]
        for split in looks:
            for metric, values in evaluate(network, vector, prepared.splits[split], task.kind).items():
                rows += [
                    (task.name, variant, r, int(updates), schedule.examples(int(updates)), split, metric, value)
                    for r, value in zip(prepared.numbers, values, strict=True)
                ]
    for block, losses in enumerate(() if trajectory.losses is None else trajectory.losses, start=1):
        updates = block * (schedule.recipe.prequential or 0)
        rows += [
            (task.name, variant, r, updates, schedule.examples(updates), "training", "loss", value)
            for r, value in zip(prepared.numbers, losses, strict=True)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def diverged(table: pd.DataFrame) -> list[int | None]:
    """For each replicate, the first kept update at which its weights or what they predict were no longer finite, or None."""
    first = table[table["value"].isna()].groupby("replicate")["updates"].min()
    return [int(first[r]) if r in first else None for r in sorted(table["replicate"].unique())]


def write(
    out: Mapping[str, Path],
    prepared: Prepared,
    schedule: Schedule,
    network: Network,
    variant: Variant,
    trajectory: Trajectory,
    execution: Mapping[str, Any],
    timing: Mapping[str, float],
    chosen: Mapping[str, Any] | None,
) -> None:
    """Write the three files of a run to out["curves"], out["snapshots"] and out["provenance"].

    execution: how the library was made to run, as far as it could change bits. chosen: how the learning rate was chosen.
    """
    table = curves(prepared, schedule, network, variant.name, trajectory)
    table.to_csv(out["curves"], index=False)
    np.savez(out["snapshots"], updates=trajectory.updates, vector=trajectory.vector)
    maximum = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    provenance = {
        **asdict(variant),
        "variant": variant.name,
        "role": variant.role_on(prepared.task.name),
        "task": prepared.task.name,
        "data": prepared.task.data,
        "task_files": dict(registry.content(prepared.task.data)),
        "recipe": {"name": variant.recipe, **asdict(schedule.recipe)},
        "replicates": prepared.count,
        "first_replicate": prepared.numbers[0],
        "replicates_of_run": schedule.replicates,
        "learning_rate_chosen": chosen,
        "updates": schedule.updates,
        "examples": schedule.examples(schedule.updates),
        "diverged": diverged(table),
        "hashes": prepared.hashes,
        "files": dict(files.content(variant.gradient)) if files.is_file(variant.gradient) else {},
        "seed": prepared.task.seed,
        "execution": execution,
        "environment": origin.record(),
        "timing": {
            **timing,
            "peak_memory_bytes": maximum * (1 if sys.platform == "darwin" else 1024),
            "updates": trajectory.updates.tolist(),
            "seconds": trajectory.seconds.tolist(),
        },
    }
    del provenance["name"]
    Path(out["provenance"]).write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")


def read(files: Mapping[str, Path]) -> Run:
    """Read and check a run (its snapshots only where `files` names them).

    Raises RunError, naming the file and the place, for whatever breaks the contract.
    """
    provenance = read_provenance(files["provenance"])
    snapshots = None
    if files.get("snapshots"):
        try:
            with np.load(files["snapshots"], allow_pickle=False) as stored:
                updates, vector = stored["updates"], stored["vector"]
        except Exception as error:
            raise RunError(f"{files['snapshots']}: not readable as snapshots ({error})") from error
        snapshots = Trajectory(updates, vector, np.array(provenance["timing"]["seconds"]))
    curves = read_curves(files["curves"])
    check_complete(curves, provenance["replicates"], files["curves"])
    return Run(curves, provenance, snapshots)


def read_curves(path: Path) -> pd.DataFrame:
    """Read and check learning curves."""
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False)
    except Exception as error:
        raise RunError(f"{path}: not readable as CSV ({error})") from error
    missing = [column for column in COLUMNS if column not in text]
    if missing:
        raise RunError(f"{path}: column {missing[0]!r} is missing")
    if text.empty:
        raise RunError(f"{path}: has no rows")
    table = pd.DataFrame()
    for column, kind in COLUMNS.items():
        if kind is str:
            table[column] = text[column]
            bad = text[column] == ""
        else:
            # A value may be missing (a replicate that diverged); a count may not.
            cells = text[column].where(text[column] != "", "nan" if kind is float else "?")
            table[column] = pd.to_numeric(cells, errors="coerce")
            bad = table[column].isna() & ~((kind is float) & (cells == "nan"))
            bad |= (kind is int) & (table[column] % 1 != 0)
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise RunError(f"{path}: column {column!r}, row {row + 1}: {text[column][row]!r} is not a {kind.__name__}")
    return table.astype({column: kind for column, kind in COLUMNS.items() if kind is not str})


def check_complete(curves: pd.DataFrame, replicates: int, path: Path) -> None:
    """Raise RunError unless every metric was taken of every replicate whenever it was taken, and of test data once."""
    counts = curves.groupby(["metric", "split", "updates"])["replicate"].agg(["nunique", "size"])
    short = counts[(counts["nunique"] != replicates) | (counts["size"] != replicates)]
    if len(short):
        metric, split, updates = short.index[0]
        raise RunError(
            f"{path}: column 'replicate': {metric} on {split} data after {updates} updates is there for"
            f" {short['nunique'].iloc[0]} of {replicates} replicates, in {short['size'].iloc[0]} rows"
        )
    tests = counts.xs("test", level="split").groupby("metric").size() if "test" in set(curves["split"]) else pd.Series()
    for metric in curves.loc[curves["split"] != "training", "metric"].unique():
        if tests.get(metric, 0) != 1:
            raise RunError(f"{path}: column 'split': {metric} was taken {tests.get(metric, 0)} times on test data, not once")


def read_provenance(path: Path) -> dict[str, Any]:
    """Read and check run.json."""
    try:
        provenance = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: not readable as JSON ({error})") from error
    for key, within in PROVENANCE.items():
        if key not in provenance:
            raise RunError(f"{path}: key {key!r} is missing")
        for inner in within:
            if inner not in provenance[key]:
                raise RunError(f"{path}: key {key + '.' + inner!r} is missing")
    return provenance


def check_same_ground(provenances: list[dict[str, Any]]) -> None:
    """Raise RunError unless all runs of a task have the same hashes of splits, initial weights and order."""
    first: dict[str, dict[str, Any]] = {}
    for provenance in provenances:
        reference = first.setdefault(provenance["task"], provenance)
        for part in PARTS:
            if provenance["hashes"][part] != reference["hashes"][part]:
                raise RunError(
                    f"task {provenance['task']}: {provenance['variant']} was run on other {part} than {reference['variant']}"
                    f" ({provenance['hashes'][part]} against {reference['hashes'][part]}); delete the folder in results/runs of"
                    " the one that is wrong and run again"
                )

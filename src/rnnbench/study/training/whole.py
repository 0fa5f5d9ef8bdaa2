"""A run as it is read: its blocks of replicates put together."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from rnnbench.study.training import run
from rnnbench.study.training.run import Run, RunError, check_same_ground


def read(files: Mapping[str, Sequence[str | Path]]) -> list[Run]:
    """Read runs, whose blocks follow each other, and put each together: as if one job had trained all of its replicates.

    files: by part, as `run.read` takes one. Times are summed up, memory is the largest; `environments` of the provenance are
    those of the blocks. Raises RunError where a run breaks its contract or lacks a block, and where runs of a task were not made
    on the same ground.
    """
    of_each = (zip(files, map(Path, paths), strict=True) for paths in zip(*files.values(), strict=True))
    found = [run.read(dict(paths)) for paths in of_each]
    check_same_ground([one.provenance for one in found])
    by_run = groupby(found, lambda one: (one.provenance["task"], one.provenance["variant"]))
    return [joined(list(blocks)) for _, blocks in by_run]


def joined(blocks: Sequence[Run]) -> Run:
    """The blocks of one run put together."""
    made, count = [block.provenance for block in blocks], 0
    for first, replicates in [*((one["first_replicate"], one["replicates"]) for one in made), (made[0]["replicates_of_run"], 0)]:
        if first != count:
            run = f"{made[0]['task']}/{made[0]['variant']}"
            raise RunError(f"run {run}: the block that begins with replicate {count} is not there")
        count += replicates
    if len(blocks) == 1:
        return blocks[0]
    curves = pd.concat([block.curves for block in blocks], ignore_index=True)
    as_in_one = curves.groupby(["updates", "split", "metric"], sort=False).ngroup().argsort(kind="stable")
    timing = [one["timing"] for one in made]
    seconds = np.sum([one["seconds"] for one in timing], axis=0)
    provenance = {
        **made[0],
        "replicates": count,
        "diverged": [at for one in made for at in one["diverged"]],
        "execution": max((one["execution"] for one in made), key=lambda own: own.get("backward", {}).get("error", 0)),
        "environments": [one["environment"] for one in made],
        "timing": {
            **timing[0],
            **{key: sum(one[key] for one in timing) for key in ("startup_seconds", "training_seconds")},
            "peak_memory_bytes": max(one["peak_memory_bytes"] for one in timing),
            "seconds": seconds.tolist(),
        },
    }
    kept = [block.snapshots for block in blocks if block.snapshots]
    vector = np.concatenate([one.vector for one in kept], axis=1) if kept else None
    snapshots = None if vector is None else kept[0]._replace(vector=vector, seconds=seconds)
    return Run(curves.iloc[as_in_one].reset_index(drop=True), provenance, snapshots)

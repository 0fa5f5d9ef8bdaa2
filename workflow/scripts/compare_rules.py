from pathlib import Path

from rnnbench.study.jobs.log import Progress, job
from rnnbench.study.probes import beside_exact
from rnnbench.study.settings import Recipe, TaskSettings
from rnnbench.study.tasks import load_splits
from rnnbench.study.training import whole
from rnnbench.study.training.schedule import Schedule

with job(snakemake, __file__):
    task = TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed)
    (found,) = whole.read({part: getattr(snakemake.input, part) for part in ("curves", "snapshots", "provenance")})
    recipe = {key: value for key, value in found.provenance["recipe"].items() if key != "name"}
    beside_exact.measure(
        Schedule(task, Recipe(**recipe)),
        load_splits(Path(snakemake.input.splits), task.kind, task.dtype, replicates=slice(found.provenance["replicates"])),
        found.snapshots,
        snakemake.params.rules,
        Progress(f"rules beside the exact gradient on {task.name}", len(beside_exact.points_of(found.snapshots)), "point"),
    ).to_csv(snakemake.output[0], index=False)

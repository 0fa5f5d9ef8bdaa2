from pathlib import Path

from rnnbench.study.jobs.log import job
from rnnbench.study.probes import diagnostics
from rnnbench.study.settings import Recipe, TaskSettings
from rnnbench.study.tasks import load_splits
from rnnbench.study.training import whole
from rnnbench.study.training.schedule import Schedule

with job(snakemake, __file__):
    task = TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed)
    (found,) = whole.read({part: getattr(snakemake.input, part) for part in ("curves", "snapshots", "provenance")})
    recipe = {key: value for key, value in found.provenance["recipe"].items() if key != "name"}
    diagnostics.diagnose(
        snakemake.wildcards.variant,
        found.provenance["gradient"],
        Schedule(task, Recipe(**recipe)),
        load_splits(Path(snakemake.input.splits), task.kind, "float64", ["validation"], slice(found.provenance["replicates"])),
        found.snapshots,
    ).to_csv(snakemake.output[0], index=False)

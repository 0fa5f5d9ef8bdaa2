from pathlib import Path

from rnnbench.joblog import logged
from rnnbench.settings import Recipe, TaskSettings
from rnnbench.tasks import load_splits
from rnnbench.training import run
from rnnbench.training.schedule import Schedule
from rnnbench.trial import diagnostics

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    task = TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed)
    found = run.read({part: Path(snakemake.input[part]) for part in ("curves", "snapshots", "provenance")})
    recipe = {key: value for key, value in found.provenance["recipe"].items() if key != "name"}
    diagnostics.table(
        snakemake.wildcards.variant,
        found.provenance["gradient"],
        Schedule(task, Recipe(**recipe)),
        load_splits(Path(snakemake.input.splits), "float64", ["validation"]),
        found.snapshots,
    ).to_csv(snakemake.output[0], index=False)

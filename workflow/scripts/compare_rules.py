from pathlib import Path

from rnnbench.joblog import Progress, logged
from rnnbench.settings import Recipe, TaskSettings
from rnnbench.tasks import load_splits
from rnnbench.training import run
from rnnbench.training.schedule import Schedule
from rnnbench.trial import along

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    task = TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed)
    found = run.read({part: Path(snakemake.input[part]) for part in ("curves", "snapshots", "provenance")})
    recipe = {key: value for key, value in found.provenance["recipe"].items() if key != "name"}
    along.table(
        Schedule(task, Recipe(**recipe)),
        load_splits(Path(snakemake.input.splits), task.dtype),
        found.snapshots,
        snakemake.params.rules,
        Progress(f"rules beside the exact gradient on {task.name}", len(along.points_of(found.snapshots)), "point"),
    ).to_csv(snakemake.output[0], index=False)

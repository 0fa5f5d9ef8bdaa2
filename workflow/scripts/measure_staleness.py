from pathlib import Path

from rnnbench.joblog import logged
from rnnbench.settings import TaskSettings
from rnnbench.training.prepared import Prepared
from rnnbench.trial import staleness

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    task = TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed)
    prepared = Prepared(task, {part: Path(snakemake.input[part]) for part in ("splits", "initial")})
    staleness.table(prepared).to_csv(snakemake.output[0], index=False)

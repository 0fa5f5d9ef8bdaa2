from pathlib import Path

from rnnbench.study.jobs.log import job
from rnnbench.study.probes import staleness
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.prepared import Prepared

with job(snakemake, __file__):
    task = TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed)
    prepared = Prepared(task, {part: Path(snakemake.input[part]) for part in ("splits", "initial")})
    staleness.measure(prepared).to_csv(snakemake.output[0], index=False)

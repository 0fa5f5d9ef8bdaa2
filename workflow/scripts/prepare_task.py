from pathlib import Path

from rnnbench.study.jobs.log import job
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.prepared import PARTS, prepare

with job(snakemake, __file__):
    prepare(
        TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed),
        {Path(path).name: Path(path) for path in snakemake.input.data},
        {part: Path(snakemake.output[part]) for part in PARTS},
    )

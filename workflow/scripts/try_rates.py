from pathlib import Path

from rnnbench.study.jobs.log import job
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.job import try_rates
from rnnbench.study.variants import Variant

params = snakemake.params
with job(snakemake, __file__):
    try_rates(
        TaskSettings.of(snakemake.wildcards.task, params.settings, params.seed),
        Variant(snakemake.wildcards.variant, **params.variant),
        {part: Path(snakemake.input[part]) for part in ("splits", "initial", "order")},
        Path(snakemake.output[0]),
    )

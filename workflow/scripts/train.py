from pathlib import Path

from rnnbench.study.jobs.log import job
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.job import train
from rnnbench.study.variants import Variant

params = snakemake.params
name = Path(snakemake.output.provenance).parent.name.removesuffix(snakemake.wildcards.block)
with job(snakemake, __file__):
    train(
        TaskSettings.of(snakemake.wildcards.task, params.settings, params.seed),
        Variant(name, params.library, params.gradient, params.recipe, params.change, params.role),
        {part: Path(snakemake.input[part]) for part in ("splits", "initial", "order")},
        {part: Path(snakemake.output[part]) for part in ("curves", "snapshots", "provenance")},
        Path(snakemake.input.rates[0]) if snakemake.input.rates else None,
        snakemake.wildcards.block,
    )

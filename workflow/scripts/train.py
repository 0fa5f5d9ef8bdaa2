from pathlib import Path

from rnnbench.joblog import logged
from rnnbench.settings import TaskSettings, Variant
from rnnbench.training.job import train

params = snakemake.params
name = Path(snakemake.output.provenance).parent.name
with logged(snakemake.log[0], snakemake.input, snakemake.output):
    train(
        TaskSettings.of(snakemake.wildcards.task, params.settings, params.seed),
        Variant(name, params.library, params.gradient, params.recipe, params.change),
        {part: Path(snakemake.input[part]) for part in ("splits", "initial", "order")},
        {part: Path(path) for part, path in snakemake.output.items()},
    )

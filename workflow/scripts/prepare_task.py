from pathlib import Path

from rnnbench.joblog import logged
from rnnbench.settings import TaskSettings
from rnnbench.tasks.mnist_files import FILES
from rnnbench.training.prepared import prepare

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    prepare(
        TaskSettings.of(snakemake.wildcards.task, snakemake.params.settings, snakemake.params.seed),
        {name: Path(path) for name, path in zip(FILES, snakemake.input.data, strict=False)},
        {part: Path(path) for part, path in snakemake.output.items()},
    )

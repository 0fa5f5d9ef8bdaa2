from pathlib import Path

from rnnbench.joblog import logged
from rnnbench.tasks import mnist_files

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    mnist_files.fetch({name: Path(path) for name, path in snakemake.output.items()}, snakemake.params.local)

from pathlib import Path

from rnnbench.study.jobs.log import job
from rnnbench.study.tasks import registry

with job(snakemake, __file__):
    out = {Path(path).name: Path(path) for path in snakemake.output}
    registry.fetch(snakemake.params.data, out, snakemake.params.local)

from pathlib import Path

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.figures.catalogue import draw
from rnnbench.study.jobs.log import job
from rnnbench.study.settings import tasks_of

config = snakemake.params.config
with job(snakemake, __file__):
    tables = Tables.read(Path(snakemake.input[0]).parent)
    folder = Path(snakemake.output[0])
    draw(tables, tasks_of(config), config["statistics"]["confidence"], folder.parent, folder.name)

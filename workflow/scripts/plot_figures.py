from pathlib import Path

from rnnbench.figures import style
from rnnbench.figures.catalogue import catalogue
from rnnbench.joblog import logged
from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables

config = snakemake.params.config
with logged(snakemake.log[0], snakemake.input, snakemake.output):
    tables = Tables.read(Path(snakemake.input[0]).parent)
    tasks = {name: TaskSettings.of(name, task, config["seed"]) for name, task in config["tasks"].items()}
    folder = Path(snakemake.output[0])
    folder.mkdir()
    for name, entry in catalogue(tables, tasks, config["statistics"]["confidence"]).items():
        if name.startswith(f"{folder.name}/"):
            style.save(entry.draw(), folder.parent / f"{name}.svg")

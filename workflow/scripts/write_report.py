import json
from pathlib import Path

from rnnbench.cost import pipeline
from rnnbench.figures.catalogue import catalogue
from rnnbench.joblog import logged, session
from rnnbench.report import answer, contents, page
from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables

config = snakemake.params.config
with logged(snakemake.log[0], snakemake.input, snakemake.output):
    tables = Tables.read(Path(snakemake.input.tables[0]).parent)
    tasks = {name: TaskSettings.of(name, task, config["seed"]) for name, task in config["tasks"].items()}
    entries = catalogue(tables, tasks, config["statistics"]["confidence"])
    provenance = json.loads(Path(snakemake.input.provenance).read_text(encoding="utf-8"))
    # Every job but this one has written its log.
    jobs = pipeline.table(pipeline.read(Path(snakemake.log[0]).parent.glob("*.log"), session()))
    html = page.render(
        answer.claims(tables, tasks, config["targets"]),
        contents.sections(tables, entries, Path(snakemake.input.figures[0]).parent, tasks, config["targets"], jobs),
        provenance,
        page.commands(provenance["commit"], provenance["configfiles"]),
    )
    Path(snakemake.output[0]).write_text(html, encoding="utf-8")

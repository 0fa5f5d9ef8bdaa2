from pathlib import Path

import pandas as pd
import yaml

from rnnbench.study.analysis.material import Material, aggregate
from rnnbench.study.figures.catalogue import draw
from rnnbench.study.jobs import pipeline
from rnnbench.study.jobs.log import job, session
from rnnbench.study.jobs.record import Asked
from rnnbench.study.provenance import of_study
from rnnbench.study.report.build import build, last_time
from rnnbench.study.report.partial import COST, files, missing

params = snakemake.params
logs, folder, REPORTED = Path(snakemake.log[0]).parent, Path("results/partial"), Path("results/reported.txt")
with job(snakemake, __file__):
    asked = Asked.read(params.asked)
    lacking = missing(params.expected, logs, asked)
    there = files(params.expected, asked)
    material = Material.read(there, params.config)
    tables = aggregate(material)
    made_on = asked.records[COST]["made_on"] if COST in asked.records else {}
    tables.write(folder / "tables")
    draw(tables, material.tasks, material.confidence, folder / "figures")
    report = build(
        tables,
        pd.concat(map(pd.read_csv, there["curves"]), ignore_index=True),
        folder / "figures",
        pipeline.overview(pipeline.read(logs.glob("*.log"), session())),
        of_study(params.config, params.configfiles, [run.provenance for run in material.runs], made_on, lacking),
        yaml.safe_load(Path(params.citation).read_text(encoding="utf-8")),
        params.variants,
        last_time(REPORTED),
    )
    # The whole report, if there was one, is of an earlier state: without this it would be taken for finished.
    Path("results/tables/provenance.json").unlink(missing_ok=True)
    Path("results/report.html").write_text(report.html, encoding="utf-8")
    Path("results/answer.txt").write_text(report.answer, encoding="utf-8")
    REPORTED.write_text(report.variants, encoding="utf-8")

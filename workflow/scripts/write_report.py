import json
from pathlib import Path

import pandas as pd
import yaml

from rnnbench.study.analysis.tables import Tables
from rnnbench.study.jobs import pipeline
from rnnbench.study.jobs.log import job, session
from rnnbench.study.report.build import build, last_time

REPORTED = Path("results/reported.txt")

with job(snakemake, __file__):
    report = build(
        Tables.read(Path(snakemake.input.tables[0]).parent),
        pd.concat(map(pd.read_csv, snakemake.input.curves), ignore_index=True),
        Path(snakemake.input.figures[0]).parent,
        # Every job but this one has written its log.
        pipeline.overview(pipeline.read(Path(snakemake.log[0]).parent.glob("*.log"), session())),
        json.loads(Path(snakemake.input.provenance).read_text(encoding="utf-8")),
        yaml.safe_load(Path(snakemake.input.citation).read_text(encoding="utf-8")),
        snakemake.params.variants,
        last_time(REPORTED),
    )
    Path(snakemake.output.html).write_text(report.html, encoding="utf-8")
    Path(snakemake.output.answer).write_text(report.answer, encoding="utf-8")
    REPORTED.write_text(report.variants, encoding="utf-8")

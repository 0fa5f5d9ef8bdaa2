import json
from pathlib import Path

from rnnbench.study.analysis.material import Material, aggregate
from rnnbench.study.jobs.log import job
from rnnbench.study.jobs.record import Asked, made_on
from rnnbench.study.provenance import of_study

params = snakemake.params
with job(snakemake, __file__):
    files = {kind: list(paths) for kind, paths in snakemake.input.items() if kind != "asked"}
    Asked.read(snakemake.input.asked).check(file for paths in files.values() for file in paths)
    material = Material.read(files, params.config)
    aggregate(material).write(Path(snakemake.output.provenance).parent)
    provenance = of_study(
        params.config, params.configfiles, [run.provenance for run in material.runs], made_on(files["gradient_cost"][0])
    )
    Path(snakemake.output.provenance).write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")

import json
from pathlib import Path

from rnnbench.study.analysis.material import Material, aggregate
from rnnbench.study.jobs.log import job, root_of
from rnnbench.study.jobs.record import Asked
from rnnbench.study.provenance import of_study

params, root = snakemake.params, root_of(snakemake)
with job(snakemake, __file__):
    files = {kind: list(paths) for kind, paths in snakemake.input.items() if kind not in ("asked", "records")}
    asked = Asked.read(snakemake.input.asked, root)
    asked.check(str(Path(path).relative_to(root)) for paths in files.values() for path in paths)
    material = Material.read(files, params.config)
    aggregate(material).write(Path(snakemake.output.provenance).parent)
    made_on = asked.records[str(Path(files["gradient_cost"][0]).relative_to(root))]["made_on"]
    provenance = of_study(params.config, params.configfiles, [run.provenance for run in material.runs], made_on)
    Path(snakemake.output.provenance).write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")

import json
from pathlib import Path

import pandas as pd

from rnnbench import environment, tables
from rnnbench.cost.names import GRADIENT_COST, UPDATE_COST
from rnnbench.joblog import logged
from rnnbench.settings import TaskSettings
from rnnbench.training import run
from rnnbench.trial import along, staleness
from rnnbench.trial.table import LOCKSTEP


def joined(files, columns):
    """All tables one below the other, of which there may be none."""
    return pd.concat(map(pd.read_csv, files), ignore_index=True) if files else pd.DataFrame(columns=columns)


config = snakemake.params.config
with logged(snakemake.log[0], snakemake.input, snakemake.output):
    runs = [
        run.read({"curves": Path(curves), "provenance": Path(provenance)})
        for curves, provenance in zip(snakemake.input.curves, snakemake.input.provenance, strict=True)
    ]
    statistics = dict(config["statistics"])
    tasks = {name: TaskSettings.of(name, task, config["seed"]) for name, task in config["tasks"].items()}
    tables.aggregate(
        runs,
        pd.concat(map(pd.read_csv, snakemake.input.diagnostics), ignore_index=True),
        *(pd.read_csv(snakemake.input[table]) for table in ("verdicts", "paths", "yardstick")),
        joined(snakemake.input.get("lockstep", []), LOCKSTEP),
        joined(snakemake.input.get("staleness", []), staleness.COLUMNS),
        tasks,
        config["targets"],
        statistics.pop("margins"),
        config["ladder"],
        statistics,
        config["seed"],
        joined(snakemake.input.gradient_cost, GRADIENT_COST),
        joined(snakemake.input.update_cost, UPDATE_COST),
        joined(snakemake.input.get("along", []), along.COLUMNS),
    ).write(Path(snakemake.output.tables[0]).parent)
    provenance = {
        "commit": environment.commit(Path(environment.__file__).parent),
        "configfiles": list(snakemake.params.configfiles),
        "config": config,
        "missing": list(snakemake.params.missing),
        "environment": environment.record(),
        "runs": [r.provenance for r in runs],
    }
    Path(snakemake.output.provenance).write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")

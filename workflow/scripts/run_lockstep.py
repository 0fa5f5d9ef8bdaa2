from pathlib import Path

from rnnbench.study.jobs.log import job

with job(snakemake, __file__):
    from rnnbench.study.probes import lockstep
    from rnnbench.study.settings import TaskSettings
    from rnnbench.study.training import keras_twin
    from rnnbench.study.training.prepared import Prepared

    keras_twin.pin()
    params = snakemake.params
    task = TaskSettings.of(snakemake.wildcards.task, params.settings, params.seed)
    prepared = Prepared(task, {part: Path(snakemake.input[part]) for part in ("splits", "initial", "order")})
    lockstep.measure(prepared, params.updates).to_csv(snakemake.output[0], index=False)

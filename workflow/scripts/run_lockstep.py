from pathlib import Path

from rnnbench.joblog import logged

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    from rnnbench.settings import TaskSettings
    from rnnbench.training import keras_twin
    from rnnbench.training.prepared import Prepared
    from rnnbench.trial import lockstep

    keras_twin.pin()
    params = snakemake.params
    task = TaskSettings.of(snakemake.wildcards.task, params.settings, params.seed)
    prepared = Prepared(task, {part: Path(snakemake.input[part]) for part in ("splits", "initial", "order")})
    lockstep.table(prepared, params.updates).to_csv(snakemake.output[0], index=False)

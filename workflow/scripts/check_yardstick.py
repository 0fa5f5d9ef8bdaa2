from rnnbench.study.jobs.log import job

with job(snakemake, __file__):
    from rnnbench.study.probes import verdicts
    from rnnbench.study.probes.tape import tape
    from rnnbench.study.training import keras_twin

    keras_twin.pin()
    verdicts.yardstick(snakemake.params.seed, tape, snakemake.params.lengths).to_csv(snakemake.output[0], index=False)

from rnnbench.joblog import logged

with logged(snakemake.log[0]):
    from rnnbench.training import keras_twin
    from rnnbench.trial import exactness
    from rnnbench.trial.tape import tape

    keras_twin.pin()
    exactness.table(snakemake.params.seed, tape).to_csv(snakemake.output[0], index=False)

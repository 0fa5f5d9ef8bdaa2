from rnnbench.joblog import logged

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    from rnnbench.gradients import RULES
    from rnnbench.training import keras_twin
    from rnnbench.trial import table
    from rnnbench.trial.tape import tape
    from rnnbench.trial.verdict import trial

    keras_twin.pin()
    seed = snakemake.params.seed
    # The control without recurrence has nothing that could be wrong.
    verdicts = [trial(name, rule, seed) for name, rule in RULES.items() if name != "mlp"]
    table.verdicts(verdicts).to_csv(snakemake.output.verdicts, index=False)
    table.paths(verdicts).to_csv(snakemake.output.paths, index=False)
    table.yardstick(seed, tape).to_csv(snakemake.output.yardstick, index=False)

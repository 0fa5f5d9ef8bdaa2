from rnnbench import environment

environment.pin()  # again, before NumPy loads: this job has all cores reserved and uses one thread

from rnnbench.joblog import logged  # noqa: E402

with logged(snakemake.log[0], snakemake.input, snakemake.output):
    import keras

    from rnnbench.cost import scaling, updates
    from rnnbench.settings import TaskSettings
    from rnnbench.training import keras_twin

    keras_twin.pin()
    keras.utils.disable_interactive_logging()
    params = snakemake.params
    cost, rounds = params.config, params.config["rounds"]
    scaling.measure(cost["gradients"], rounds).to_csv(snakemake.output.gradients, index=False)
    tasks = {name: TaskSettings.of(name, task, params.seed) for name, task in params.tasks.items()}
    updates.measure(tasks, params.recipes, cost["updates"], rounds).to_csv(snakemake.output.updates, index=False)

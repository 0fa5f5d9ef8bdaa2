from rnnbench import environment

environment.pin()  # again, before NumPy loads: this job has all cores reserved and uses one thread

from rnnbench.study.jobs.log import job  # noqa: E402

with job(snakemake, __file__):
    import keras

    from rnnbench.study.cost import scaling, updates
    from rnnbench.study.settings import TaskSettings
    from rnnbench.study.training import keras_twin

    keras_twin.pin()
    keras.utils.disable_interactive_logging()
    params = snakemake.params
    cost, rounds = params.config, params.config["rounds"]
    scaling.measure(cost["gradients"], rounds).to_csv(snakemake.output.gradients, index=False)
    tasks = {name: TaskSettings.of(name, task, params.seed) for name, task in params.tasks.items()}
    updates.measure(tasks, params.recipes, cost["updates"], rounds).to_csv(snakemake.output.updates, index=False)

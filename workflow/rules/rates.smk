# The learning rate of a variant whose recipe has none: every rate of the task's grid, on replicates that are not reported.
rule try_rates:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
        records=["results/records/prepare_{task}.json"],
        own=files_of_variant,
    output:
        "results/rates/{task}/{variant}.csv",
        record="results/records/try_rates_{task}_{variant}.json",
    log:
        "results/logs/try_rates_{task}_{variant}.log",
    group:
        allocation("runs")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_of_rates,
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        variant=lookup(dpath="{variant}", within=PLAN.trained_as),
    script:
        f"{SCRIPTS}/try_rates.py"

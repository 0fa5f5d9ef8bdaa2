# The rule that every variant is made of; a file in workflow/variants says what it changes in it.
rule train:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
        rates=rates_of_variant,
        own=files_of_variant,
    output:
        curves="results/runs/{task}/{variant,<variant>}/curves.csv",
        snapshots="results/runs/{task}/{variant,<variant>}/snapshots.npz",
        provenance="results/runs/{task}/{variant,<variant>}/run.json",
    log:
        "results/logs/train_{task}_{variant}.log",
    pathvars:
        variant="template",
    group:
        allocation("runs")
    conda:
        "../../environment.yml"
    # One thread: another number gives other bits. Parallelism is across jobs.
    threads: 1
    params:
        code=code_of_training,
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        library="numpy",
        gradient=None,
        recipe=None,
        change={},
        tasks=None,
        role=None,
    script:
        f"{SCRIPTS}/train.py"

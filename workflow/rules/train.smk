# The rule that every variant is made of; a file in workflow/variants says what it changes in it.
rule train:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
        records=records_of_training,
        rates=rates_of_variant,
        own=files_of_variant,
    output:
        curves="results/runs/{task}/{variant}{block}/curves.csv",
        snapshots="results/runs/{task}/{variant}{block}/snapshots.npz",
        provenance="results/runs/{task}/{variant}{block}/run.json",
        record="results/records/train_{task}_{variant}{block}.json",
    log:
        "results/logs/train_{task}_{variant}{block}.log",
    wildcard_constraints:
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

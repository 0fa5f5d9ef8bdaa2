# The rule that every variant is made of; a file in workflow/variants says what it changes in it.
rule train:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
    output:
        curves="results/runs/{task}/<variant>/curves.csv",
        snapshots="results/runs/{task}/<variant>/snapshots.npz",
        provenance="results/runs/{task}/<variant>/run.json",
    log:
        "results/logs/train_{task}_<variant>.log",
    pathvars:
        variant="template",
    conda:
        "../../environment.yml"
    # One thread: another number gives other bits. Parallelism is across jobs.
    threads: 1
    params:
        code=code(*LEARNING),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        library="numpy",
        gradient=None,
        recipe=None,
        change={},
        tasks=None,
    script:
        f"{SCRIPTS}/train.py"

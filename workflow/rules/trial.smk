# Gradients on trial: against an independent oracle, beside Keras, and along every run.
rule compare_gradients:
    output:
        "results/trial/exactness.csv",
    log:
        "results/logs/compare_gradients.log",
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code(*TRIAL),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/compare_gradients.py"


rule run_lockstep:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
    output:
        "results/trial/lockstep/{task}.csv",
    log:
        "results/logs/lockstep_{task}.log",
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code(*TRIAL),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        updates=200,
    script:
        f"{SCRIPTS}/run_lockstep.py"


rule diagnose_run:
    input:
        splits="results/tasks/{task}/splits.npz",
        snapshots="results/runs/{task}/{variant}/snapshots.npz",
        curves="results/runs/{task}/{variant}/curves.csv",
        provenance="results/runs/{task}/{variant}/run.json",
    output:
        "results/trial/diagnostics/{task}/{variant}.csv",
    log:
        "results/logs/diagnose_{task}_{variant}.log",
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code(*TRIAL),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/diagnose_run.py"

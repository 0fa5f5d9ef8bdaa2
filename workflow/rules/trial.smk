# Gradients on trial: against an independent oracle, beside Keras, and along every run.
rule try_rules:
    output:
        verdicts="results/trial/verdicts.csv",
        paths="results/trial/paths.csv",
        yardstick="results/trial/yardstick.csv",
    log:
        "results/logs/try_rules.log",
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code(*TRIAL),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/try_rules.py"


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


rule measure_staleness:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
    output:
        "results/trial/staleness/{task}.csv",
    log:
        "results/logs/staleness_{task}.log",
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code(*TRIAL),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/measure_staleness.py"


rule compare_rules:
    input:
        splits="results/tasks/{task}/splits.npz",
        snapshots=lookup(dpath="{task}/snapshots", within=EXACT_RUNS),
        curves=lookup(dpath="{task}/curves", within=EXACT_RUNS),
        provenance=lookup(dpath="{task}/provenance", within=EXACT_RUNS),
    output:
        "results/trial/along/{task}.csv",
    log:
        "results/logs/compare_rules_{task}.log",
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code(*TRIAL),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        rules=lookup(dpath="{task}", within=COMPARED),
    script:
        f"{SCRIPTS}/compare_rules.py"


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

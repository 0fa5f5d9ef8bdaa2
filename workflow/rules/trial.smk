# Gradients on trial: against an independent oracle, beside Keras, and along every run.
rule try_rule:
    input:
        own=files_of_rule,
    output:
        "results/trial/rules/{rule}.json",
        record="results/records/try_{rule}.json",
    log:
        "results/logs/try_{rule}.log",
    wildcard_constraints:
        rule="|".join(map(re.escape, PLAN.judged)),
    group:
        allocation("trial")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_of_verdict,
        rule=lookup(dpath="{rule}", within=PLAN.judged),
        lengths=config["trial"]["lengths"],
        seed=config["seed"],
    script:
        f"{SCRIPTS}/try_rule.py"


rule check_yardstick:
    output:
        YARDSTICK,
        record="results/records/check_yardstick.json",
    log:
        "results/logs/check_yardstick.log",
    group:
        allocation("trial")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_when_asked("check_yardstick.py"),
        seed=config["seed"],
        lengths=[steps for steps in (1, 4, 9, 30) if steps <= max(config["trial"]["lengths"])],
    script:
        f"{SCRIPTS}/check_yardstick.py"


rule run_lockstep:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
        records=["results/records/prepare_{task}.json"],
    output:
        "results/trial/lockstep/{task}.csv",
        record="results/records/lockstep_{task}.json",
    log:
        "results/logs/lockstep_{task}.log",
    group:
        allocation("trial")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_of_task("run_lockstep.py"),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        updates=config["trial"]["updates"],
    script:
        f"{SCRIPTS}/run_lockstep.py"


rule measure_staleness:
    input:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        records=["results/records/prepare_{task}.json"],
    output:
        "results/trial/staleness/{task}.csv",
        record="results/records/staleness_{task}.json",
    log:
        "results/logs/staleness_{task}.log",
    group:
        allocation("trial")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_of_task("measure_staleness.py"),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/measure_staleness.py"


rule compare_rules:
    input:
        splits="results/tasks/{task}/splits.npz",
        snapshots=lookup(dpath="{task}/snapshots", within=PLAN.reference_runs),
        curves=lookup(dpath="{task}/curves", within=PLAN.reference_runs),
        provenance=lookup(dpath="{task}/provenance", within=PLAN.reference_runs),
        records=records_of_reference,
    output:
        "results/trial/beside_exact/{task}.csv",
        record="results/records/compare_rules_{task}.json",
    log:
        "results/logs/compare_rules_{task}.log",
    group:
        allocation("runs")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_of_comparison,
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
        rules=lookup(dpath="{task}", within={task: PLAN.compared(task) for task in PLAN.online}),
    script:
        f"{SCRIPTS}/compare_rules.py"


rule diagnose_run:
    input:
        splits="results/tasks/{task}/splits.npz",
        snapshots=files_of_run("snapshots"),
        curves=files_of_run("curves"),
        provenance=files_of_run("provenance"),
        own=files_of_variant,
        records=records_of_run,
    output:
        "results/trial/diagnostics/{task}/{variant}.csv",
        record="results/records/diagnose_{task}_{variant}.json",
    log:
        "results/logs/diagnose_{task}_{variant}.log",
    group:
        allocation("runs")
    conda:
        "../../environment.yml"
    threads: 1
    params:
        code=code_of_diagnosis,
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/diagnose_run.py"

# What a gradient and an update cost on this machine.
rule measure_cost:
    output:
        gradients="results/cost/gradients.csv",
        updates="results/cost/updates.csv",
        record="results/records/measure_cost.json",
    log:
        "results/logs/measure_cost.log",
    priority: 1000
    conda:
        "../../environment.yml"
    # It reserves every core, so that nothing runs beside it, and uses one; it goes first.
    threads: all_cores
    params:
        code=code_when_asked("measure_cost.py", lambda: PLAN.of_tasks(PLAN.cost_recipes) + PLAN.of_rules(measurable())),
        rules=measurable(),
        config=config["cost"],
        recipes=PLAN.cost_recipes,
        tasks={task: config["tasks"][task] for task in PLAN.cost_recipes},
        seed=config["seed"],
    script:
        f"{SCRIPTS}/measure_cost.py"

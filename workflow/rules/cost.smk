# What a gradient and an update cost on this machine.
rule measure_cost:
    output:
        gradients="results/cost/gradients.csv",
        updates="results/cost/updates.csv",
    log:
        "results/logs/measure_cost.log",
    priority: 1000
    conda:
        "../../environment.yml"
    # It has the machine to itself and runs first, while nothing waits for it; it uses one thread.
    threads: workflow.cores or 1
    params:
        code=code(*LEARNING, "cost"),
        config=config["cost"],
        recipes=COST_RECIPES,
        tasks={task: config["tasks"][task] for task in COST_RECIPES},
        seed=config["seed"],
    script:
        f"{SCRIPTS}/measure_cost.py"

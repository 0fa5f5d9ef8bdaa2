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
    # It reserves every core, so that nothing runs beside it, and uses one; it goes first.
    threads: workflow.cores or 1
    params:
        code=code(*LEARNING, *(f"cost/{file}.py" for file in ["keras_gradient", "names", "scaling", "stopwatch", "updates"])),
        peers=sorted(PEERS.keys() & TRAINABLE.keys()),
        config=config["cost"],
        recipes=COST_RECIPES,
        tasks={task: config["tasks"][task] for task in COST_RECIPES},
        seed=config["seed"],
    script:
        f"{SCRIPTS}/measure_cost.py"

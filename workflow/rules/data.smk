# What is learnt, and what all variants of a task share.
# The files of a kind of task are fetched once, whatever the number of tasks of the config that are of it.
for kind, fetched in PLAN.fetched.items():

    rule:
        name:
            fetch_job(kind)
        output:
            fetched,
        log:
            f"results/logs/{fetch_job(kind)}.log",
        localrule: True
        conda:
            "../../environment.yml"
        params:
            data=kind,
            files=dict(task_of(kind).files),
            local=local_path(config, kind),
        script:
            f"{SCRIPTS}/fetch_data.py"


rule prepare_task:
    input:
        data=lookup(dpath="{task}", within=PLAN.files_of_task),
        own=files_of_task,
    output:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
        record="results/records/prepare_{task}.json",
    log:
        "results/logs/prepare_{task}.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        code=code_of_task("prepare_task.py"),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/prepare_task.py"

# What is learnt, and what all variants of a task share.
MNIST = {
    name: f"results/data/mnist/{name}-idx{3 if name.endswith('images') else 1}-ubyte"
    for name in ["train-images", "train-labels", "t10k-images", "t10k-labels"]
}


rule fetch_mnist:
    output:
        **MNIST,
    log:
        "results/logs/fetch_mnist.log",
    conda:
        "../../environment.yml"
    params:
        local=lookup(dpath="mnist_path", within=config),
    script:
        f"{SCRIPTS}/fetch_mnist.py"


rule prepare_task:
    input:
        data=branch(
            lookup(dpath="tasks/{task}/data", within=config),
            cases={"mnist": list(MNIST.values()), "temporal_xor": []},
        ),
    output:
        splits="results/tasks/{task}/splits.npz",
        initial="results/tasks/{task}/initial.npz",
        order="results/tasks/{task}/order.npz",
    log:
        "results/logs/prepare_{task}.log",
    conda:
        "../../environment.yml"
    params:
        code=code(*LEARNING),
        settings=lookup(dpath="tasks/{task}", within=config),
        seed=config["seed"],
    script:
        f"{SCRIPTS}/prepare_task.py"

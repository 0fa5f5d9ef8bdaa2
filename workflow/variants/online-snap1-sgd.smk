# SnAp-1 with plain gradient descent, at a rate of its own.
use rule train as train_online_snap1_sgd with:
    pathvars:
        variant="online-snap1-sgd",
    params:
        gradient="snap1",
        recipe="online",
        change={"optimizer": "sgd", "learning_rate": None},
        tasks=["henon", "mackey-glass", "lorenz"],

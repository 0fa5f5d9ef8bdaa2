# SnAp-1 at a rate of its own.
use rule train as train_online_snap1_rate with:
    wildcard_constraints:
        variant="online-snap1-rate",
    params:
        gradient="snap1",
        recipe="online",
        change={"learning_rate": None},
        tasks=["henon", "mackey-glass", "lorenz"],

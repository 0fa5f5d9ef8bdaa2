# A unit's own past alone, step by step.
use rule train as train_online_snap1 with:
    wildcard_constraints:
        variant="online-snap1",
    params:
        gradient="snap1",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz", "add"],

# TBPTT(25): an update every 25 steps, through these alone.
use rule train as train_online_tbptt with:
    wildcard_constraints:
        variant="online-tbptt",
    params:
        gradient="bptt",
        recipe="tbptt",
        tasks=["henon", "mackey-glass", "lorenz", "add"],

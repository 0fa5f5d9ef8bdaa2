# SnAp-1, with weights that stand still for 25 steps.
use rule train as train_online_snap1_frozen with:
    wildcard_constraints:
        variant="online-snap1-frozen",
    params:
        gradient="snap1",
        recipe="online",
        change={"window": 25, "prequential": 2},
        tasks=["henon", "mackey-glass", "lorenz"],

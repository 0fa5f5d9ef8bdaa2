# The exact gradient, with weights that stand still for 25 steps: as often as TBPTT(25) updates.
use rule train as train_online_exact_frozen with:
    wildcard_constraints:
        variant="online-exact-frozen",
    params:
        gradient="rtrl",
        recipe="online",
        change={"window": 25, "prequential": 2},
        tasks=["henon", "mackey-glass", "lorenz"],

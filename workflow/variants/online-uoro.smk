# One outer product in place of the influence, step by step.
use rule train as train_online_uoro with:
    wildcard_constraints:
        variant="online-uoro",
    params:
        gradient="uoro",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz", "add"],

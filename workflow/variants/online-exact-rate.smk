# The exact gradient at a rate of its own.
use rule train as train_online_exact_rate with:
    wildcard_constraints:
        variant="online-exact-rate",
    params:
        gradient="rtrl",
        recipe="online",
        change={"learning_rate": None},
        tasks=["henon", "mackey-glass", "lorenz"],

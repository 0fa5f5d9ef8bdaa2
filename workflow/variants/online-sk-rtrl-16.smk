# The same with a sketch of rank 16.
use rule train as train_online_sk_rtrl_16 with:
    wildcard_constraints:
        variant="online-sk-rtrl-16",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="sk-rtrl(rank=16)",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz"],

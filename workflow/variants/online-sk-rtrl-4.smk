# SnAp-1 and a sketch of rank 4 of the rest, step by step.
use rule train as train_online_sk_rtrl_4 with:
    wildcard_constraints:
        variant="online-sk-rtrl-4",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="sk-rtrl(rank=4)",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz"],

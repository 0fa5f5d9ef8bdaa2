# One Kronecker product in place of the influence, step by step.
use rule train as train_online_kf_rtrl with:
    wildcard_constraints:
        variant="online-kf-rtrl",
    params:
        gradient="kf-rtrl",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz", "add"],

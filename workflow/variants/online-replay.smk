# The exact gradient at the present weights, with nothing stale: the sequence so far is run anew at every step.
use rule train as train_online_replay with:
    wildcard_constraints:
        variant="online-replay",
    params:
        gradient="replay",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz"],

# The exact gradient, computed forward. On images it would be the longest training of all and end as numpy-bptt does, but for
# rounding; name it under `variants` in the config to see it there.
use rule train as train_numpy_rtrl with:
    pathvars:
        variant="numpy-rtrl",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="rtrl",
        recipe="minibatch",
        tasks=["xor"],

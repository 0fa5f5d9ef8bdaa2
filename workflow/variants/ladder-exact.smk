# W and b get their recursion: exact RTRL, still with an update at every step.
use rule train as train_ladder_exact with:
    pathvars:
        variant="ladder-exact",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="rtrl",
        recipe="ladder-step",
        tasks=["xor"],

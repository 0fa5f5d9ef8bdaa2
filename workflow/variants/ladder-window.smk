# The weights stand still for a window, so no sensitivity is stale. The gradient is RTRL"s, to rounding.
use rule train as train_ladder_window with:
    wildcard_constraints:
        variant="ladder-window",
    params:
        gradient="bptt",
        recipe="ladder-window",
        tasks=["xor"],

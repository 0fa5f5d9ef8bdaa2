# Backward through seven steps at most; the state is carried on.
use rule train as train_numpy_tbptt with:
    wildcard_constraints:
        variant="numpy-tbptt",
    params:
        gradient="bptt",
        recipe="controls",
        change={"window": 7, "backward": False},

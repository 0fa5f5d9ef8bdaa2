# The control: no recurrence.
use rule train as train_numpy_mlp with:
    wildcard_constraints:
        variant="numpy-mlp",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="mlp",
        recipe="online",
        tasks=["xor"],
        role={"*": "no-memory", "mnist": None},

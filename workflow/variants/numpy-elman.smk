# One-step truncation, as Elman trained.
use rule train as train_numpy_elman with:
    wildcard_constraints:
        variant="numpy-elman",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="elman",
        recipe="online",
        tasks=["xor"],

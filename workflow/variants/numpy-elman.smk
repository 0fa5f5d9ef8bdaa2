# One-step truncation, as Elman trained.
use rule train as train_numpy_elman with:
    pathvars:
        variant="numpy-elman",
    params:
        gradient="elman",
        recipe="online",

# The control: no recurrence.
use rule train as train_numpy_mlp with:
    pathvars:
        variant="numpy-mlp",
    params:
        gradient="mlp",
        recipe="online",

# The derivation as posted, with an update at every step.
use rule train as train_numpy_posted with:
    pathvars:
        variant="numpy-posted",
    params:
        gradient="posted",
        recipe="online",

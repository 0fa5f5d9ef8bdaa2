# The derivation as posted, with an update at every step.
use rule train as train_numpy_posted with:
    wildcard_constraints:
        variant="numpy-posted",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="posted",
        recipe="online",
        role={"*": "posted", "mnist": None},

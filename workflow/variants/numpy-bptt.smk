# The exact gradient, computed backward.
use rule train as train_numpy_bptt with:
    wildcard_constraints:
        variant="numpy-bptt",
    params:
        gradient="bptt",
        recipe="minibatch",
        role={"mnist": "exact"},

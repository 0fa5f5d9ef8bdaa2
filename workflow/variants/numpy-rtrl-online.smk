# Exact for every parameter but for staleness: the weights move while sensitivities are carried.
use rule train as train_numpy_rtrl_online with:
    wildcard_constraints:
        variant="numpy-rtrl-online",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="rtrl",
        recipe="online",
        role={"*": "exact", "mnist": None},

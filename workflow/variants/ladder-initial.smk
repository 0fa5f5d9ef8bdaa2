# Better initial weights.
use rule train as train_ladder_initial with:
    wildcard_constraints:
        variant="ladder-initial",
    params:
        gradient="bptt",
        recipe="ladder-initial",

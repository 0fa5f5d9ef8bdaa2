# Better initial weights.
use rule train as train_ladder_initial with:
    pathvars:
        variant="ladder-initial",
    params:
        gradient="bptt",
        recipe="ladder-initial",

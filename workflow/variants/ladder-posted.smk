# The first rung: the derivation as posted, an update at every step.
use rule train as train_ladder_posted with:
    pathvars:
        variant="ladder-posted",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="posted",
        recipe="ladder-step",

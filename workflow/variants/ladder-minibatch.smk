# Several sequences at once.
use rule train as train_ladder_minibatch with:
    wildcard_constraints:
        variant="ladder-minibatch",
    params:
        gradient="bptt",
        recipe="ladder-minibatch",

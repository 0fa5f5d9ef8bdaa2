# The other order: several sequences at once, with the posted gradient.
use rule train as train_ladder_posted_minibatch with:
    wildcard_constraints:
        variant="ladder-posted-minibatch",
    params:
        gradient="posted",
        recipe="ladder-minibatch",
        tasks=["xor"],

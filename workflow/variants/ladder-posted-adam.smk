# The other order: all of Keras"s recipe, with the posted gradient. On XOR minibatch-posted is this rung.
use rule train as train_ladder_posted_adam with:
    wildcard_constraints:
        variant="ladder-posted-adam",
    params:
        gradient="posted",
        recipe="ladder-adam",
        tasks=["mnist"],

# The other order: all of Keras's recipe, with the posted gradient.
use rule train as train_ladder_posted_adam with:
    pathvars:
        variant="ladder-posted-adam",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="posted",
        recipe="ladder-adam",

# The exact gradient, computed forward.
use rule train as train_numpy_rtrl with:
    pathvars:
        variant="numpy-rtrl",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="rtrl",
        recipe="minibatch",

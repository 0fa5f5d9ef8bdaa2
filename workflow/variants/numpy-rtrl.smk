# The exact gradient, computed forward.
use rule train as train_numpy_rtrl with:
    pathvars:
        variant="numpy-rtrl",
    params:
        gradient="rtrl",
        recipe="minibatch",

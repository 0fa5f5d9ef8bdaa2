# The twin of numpy-bptt: the same weights, order, optimizer and schedule.
use rule train as train_keras with:
    pathvars:
        variant="keras",
    params:
        library="keras",
        gradient="bptt",
        recipe="minibatch",

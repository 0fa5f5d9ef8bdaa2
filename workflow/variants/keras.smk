# The twin of numpy-bptt: the same weights, order, optimizer and schedule.
use rule train as train_keras with:
    wildcard_constraints:
        variant="keras",
    # Replicates train one after the other, so it goes first.
    priority: 1
    params:
        library="keras",
        gradient="bptt",
        recipe="minibatch",
        role="keras-twin",

# As people use it: Keras's default optimizer, learning rate and batch size.
use rule train as train_keras_default with:
    wildcard_constraints:
        variant="keras-default",
    # Replicates train one after the other, so it goes first.
    priority: 1
    params:
        library="keras",
        gradient="bptt",
        recipe="defaults",
        role="keras-defaults",

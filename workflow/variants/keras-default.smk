# As people use it: Keras's default optimizer, learning rate and batch size.
use rule train as train_keras_default with:
    pathvars:
        variant="keras-default",
    # Replicates train one after the other, so it goes first.
    priority: 1
    params:
        library="keras",
        gradient="bptt",
        recipe="minibatch",
        change={"optimizer": "adam", "learning_rate": 0.001, "batch": 32},
        role="keras-defaults",

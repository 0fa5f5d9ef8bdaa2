# As people use it: the defaults of Keras.
use rule train as train_keras_default with:
    pathvars:
        variant="keras-default",
    params:
        library="keras",
        recipe="minibatch",
        change={"optimizer": "adam", "learning_rate": 0.001, "batch": 32},

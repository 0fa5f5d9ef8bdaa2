# The last rung: the same in Keras.
use rule train as train_ladder_keras with:
    pathvars:
        variant="ladder-keras",
    params:
        gradient="bptt",
        recipe="ladder-adam",
        library="keras",

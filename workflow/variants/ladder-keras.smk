# The last rung: the same in Keras. On XOR keras is this rung.
use rule train as train_ladder_keras with:
    wildcard_constraints:
        variant="ladder-keras",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="bptt",
        recipe="ladder-adam",
        library="keras",
        tasks=["mnist"],

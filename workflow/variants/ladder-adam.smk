# Adam in place of plain gradient descent. On XOR numpy-bptt is this rung.
use rule train as train_ladder_adam with:
    wildcard_constraints:
        variant="ladder-adam",
    params:
        gradient="bptt",
        recipe="ladder-adam",
        tasks=["mnist"],

# A peer of numpy-bptt: the same training with the gradient by PyTorch. Left out where torch is not installed (make peers).
use rule train as train_torch with:
    wildcard_constraints:
        variant="torch",
    params:
        gradient="torch",
        recipe="minibatch",

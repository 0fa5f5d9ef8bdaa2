# A peer of numpy-bptt: the same training with the gradient by JAX. Left out where the package jax is not installed (make peers).
use rule train as train_jax with:
    wildcard_constraints:
        variant="jax",
    params:
        gradient="jax",
        recipe="minibatch",

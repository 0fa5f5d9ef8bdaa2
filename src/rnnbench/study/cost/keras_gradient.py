"""One gradient in Keras, as the cost study calls it."""

from functools import partial

import tensorflow as tf

from rnnbench.network import Network, Window
from rnnbench.study.cost.stopwatch import Call
from rnnbench.study.training import keras_twin

MODES: dict[str, bool] = {"keras": False, "keras, jit": True}
"""Ways to run a tf.function of a Keras model with a loop over time: whether XLA compiles it. Unrolled, each size would take
seconds to compile, in which the whole machine waits; `updates` measures that, for two sizes.
"""


def call(network: Network, window: Window, jit: bool = False) -> Call:
    """The gradient of the loss of one replicate's window, in a compiled function, as NumPy arrays."""
    dtype = window.x.dtype.name
    counted = keras_twin.mask(window.x.shape[1], window.counted)
    model = keras_twin.build(network, dtype, counted)
    loss = keras_twin.loss(network, dtype)
    x, y = tf.constant(keras_twin.batch_first(window.x[0])), tf.constant(keras_twin.targets(window.y[0], counted))
    gradients = tf.function(partial(keras_twin.gradients, model, loss), jit_compile=jit)
    return lambda: [g.numpy() for g in gradients(x, y)]

"""The oracle that shares no code with this package: TensorFlow's automatic differentiation of the Keras twin."""

import numpy as np

from rnnbench.arrays import Array
from rnnbench.network import Network, Parameters, Window
from rnnbench.study.training import keras_twin


def tape(network: Network, params: Parameters, window: Window) -> Array:
    """dL/dtheta of a window that starts at rest, (replicate, parameter)."""
    counted = keras_twin.mask(window.x.shape[1], window.counted)
    dtype = params.vector.dtype.name
    model = keras_twin.build(network, dtype, counted)
    loss = keras_twin.loss(network, dtype)
    gradients = []
    for replicate in range(params.vector.shape[0]):
        model.set_weights(keras_twin.weights_of(params, replicate))
        x = keras_twin.batch_first(window.x[replicate % len(window.x)])
        y = keras_twin.targets(window.y[replicate % len(window.y)], counted)
        gradients.append(keras_twin.tape_gradient(model, loss, x, y))
    return np.stack(gradients)

import keras
import numpy as np
import pytest

from rnnbench.study.training.optimizers import optimizer


@pytest.mark.parametrize(("name", "momentum"), [("sgd", 0.0), ("sgd", 0.9), ("adam", 0.0)])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-14), ("float32", 1e-6)])
def test_same_weights_as_keras(name, momentum, dtype, tolerance):
    """Over gradients of very different sizes, where epsilon and the corrections of the moments tell."""
    rng = np.random.default_rng(0)
    start = rng.normal(size=(1, 50)).astype(dtype)
    theirs = keras.Variable(start[0], dtype=dtype)
    keras_optimizer = keras.optimizers.SGD(0.013, momentum=momentum) if name == "sgd" else keras.optimizers.Adam(0.013)
    ours, method = start.copy(), optimizer(name, 0.013, momentum)
    state = method.init(ours)
    for _ in range(100):
        gradient = (rng.normal(size=(1, 50)) * 10.0 ** rng.uniform(-9, 1, 50)).astype(dtype)
        keras_optimizer.apply([gradient[0]], [theirs])
        change, state = method.update(gradient, state)
        ours += change
        assert change.dtype == dtype
    np.testing.assert_allclose(ours[0], np.asarray(theirs), rtol=tolerance, atol=tolerance)


def test_update_leaves_its_arguments_alone():
    rng = np.random.default_rng(1)
    for method in (optimizer("sgd", 0.1, 0.9), optimizer("adam", 0.1)):
        gradient, state = rng.normal(size=(2, 3)), method.init(np.zeros((2, 3)))
        first = method.update(gradient, state)[0]
        np.testing.assert_array_equal(first, method.update(gradient, state)[0])


def test_unknown_name():
    with pytest.raises(ValueError, match="rmsprop.*sgd, adam"):
        optimizer("rmsprop", 0.1)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.activations import ACTIVATIONS
from rnnbench.losses import LOSSES
from rnnbench.study.training import keras_twin


def draw(name, seed, shape=(2, 3, 4, 5)):
    rng = np.random.default_rng(seed)
    outputs = rng.normal(0, 3, shape)
    y = rng.integers(0, shape[-1], shape[:-1]) if name == "softmax_crossentropy" else rng.random(shape)
    return outputs, y


@pytest.mark.parametrize("name", LOSSES)
@given(st.integers(0, 2**32))
def test_gradient_is_the_derivative_of_the_value(name, seed):
    outputs, y = draw(name, seed)
    gradient = LOSSES[name].gradient(outputs, y)
    direction = np.random.default_rng(seed + 1).normal(size=outputs.shape)
    up, down = (LOSSES[name].value(outputs + s * 1e-6 * direction, y) for s in (1, -1))
    np.testing.assert_allclose((up - down) / 2e-6, (gradient * direction).sum(-1), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_value_equals_keras(name):
    from rnnbench.network import Network

    outputs, y = draw(name, 3)
    loss = keras_twin.loss(Network(1, (1,), 5, loss=name), "float64")
    assert float(loss(y, outputs)) == pytest.approx(LOSSES[name].value(outputs, y).mean(), rel=1e-12)


@pytest.mark.parametrize("name", ["binary_crossentropy", "softmax_crossentropy"])
def test_large_logits_neither_overflow_nor_lose_the_loss(name):
    outputs = np.array([[[[800.0, -800.0]]]])
    y = np.array([[[1]]]) if name == "softmax_crossentropy" else np.array([[[[0.0, 1.0]]]])
    with np.errstate(all="raise", under="ignore"):
        assert LOSSES[name].value(outputs, y).item() == pytest.approx(1600 if name == "softmax_crossentropy" else 800)
        assert np.isfinite(LOSSES[name].gradient(outputs, y)).all()
        assert np.isfinite(LOSSES[name].predict(outputs)).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_derivative(name):
    z = np.random.default_rng(0).normal(0, 2, 1000)
    f, out = ACTIVATIONS[name], np.empty((3, 1000))
    for row, shift in zip(out, (0, 1e-6, -1e-6)):
        f.value(z + shift, row)
    np.testing.assert_allclose((out[1] - out[2]) / 2e-6, f.derivative(out[0]), atol=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logistic_keeps_its_tails(dtype):
    z = np.linspace(-30, 30, 101).astype(dtype)
    out = np.empty_like(z)
    ACTIVATIONS["logistic"].value(z, out)
    np.testing.assert_allclose(out, 1 / (1 + np.exp(-z.astype(float))), rtol=4 * np.finfo(dtype).eps)

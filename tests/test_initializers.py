import numpy as np
import pytest

from rnnbench.initializers import INITIALIZERS, draw
from rnnbench.network import Network

INITIAL = {"W": "glorot_uniform", "R": "orthogonal", "b": "uniform"}


def test_a_replicate_does_not_depend_on_how_many_there_are():
    network = Network(3, (4, 5), 2)
    np.testing.assert_array_equal(draw(network, INITIAL, 2, 7), draw(network, INITIAL, 5, 7)[:2])
    assert not np.array_equal(draw(network, INITIAL, 1, 7), draw(network, INITIAL, 1, 8))
    for block in network.parameters(draw(network, INITIAL, 5, 7)).blocks().values():
        assert len({replicate.tobytes() for replicate in block}) == 5


def test_each_block_gets_its_initializer():
    network = Network(3, (4,), 2)
    params = network.parameters(draw(network, {"W": "glorot_uniform", "R": "identity", "b": "zeros"}, 3, 0))
    assert (params.R[1] == np.eye(4)).all() and not params.b[0].any()
    assert 0 < abs(params.W[0]).max() <= np.sqrt(6 / 7)


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6)])
def test_orthogonal(shape):
    q = INITIALIZERS["orthogonal"](np.random.default_rng(0), shape)
    small = q @ q.T if shape[0] < shape[1] else q.T @ q
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_matrices_turn_and_reflect_alike():
    """Drawn uniformly, half of them have determinant -1, and no entry leans to a side."""
    rng = np.random.default_rng(0)
    drawn = np.array([INITIALIZERS["orthogonal"](rng, (3, 3)) for _ in range(2000)])
    assert abs(np.linalg.det(drawn).mean()) < 0.1 and np.abs(drawn.mean(0)).max() < 0.06


def test_glorot_variance():
    w = INITIALIZERS["glorot_uniform"](np.random.default_rng(0), (300, 500))
    assert w.var() == pytest.approx(2 / 800, rel=0.02)


@pytest.mark.parametrize("shape", [(1, 64), (64, 64), (64, 1)])
def test_units_uniform_is_bounded_by_the_units(shape):
    w = INITIALIZERS["units_uniform"](np.random.default_rng(0), shape)
    assert 0.9 / 8 < np.abs(w).max() <= 1 / 8 and w.var() == pytest.approx(1 / 192, rel=0.4)

import numpy as np
import pytest
from hypothesis import given
from oracle import loss
from strategies import problems

from rnnbench.network import Network


@given(problems())
def test_forward_gives_the_loss_of_the_equations(case):
    network, params, window = case
    activity = network.forward(params, window, network.rest(len(params.vector), window.x.shape[2], np.dtype(float)))
    ours = network.loss_function.value(activity.outputs, window.y).mean((1, 2))
    counted = np.arange(window.x.shape[1])[window.counted].tolist()
    naive = loss(params.vector[:, None], network, window.x, window.y, counted)
    np.testing.assert_allclose(ours, naive[:, 0], rtol=1e-12)


@given(problems())
def test_a_state_does_not_keep_its_window(case):
    network, params, window = case
    activity = network.forward(params, window, network.rest(len(params.vector), window.x.shape[2], np.dtype(float)))
    for i, x in activity.state().items():
        np.testing.assert_array_equal(x, activity.x[i][:, -1])
        assert not np.shares_memory(x, activity.u[i]) and not np.shares_memory(x, activity.x[i])


@given(problems())
def test_units_side_by_side_and_in_rows_of_the_joint_input_are_the_same(case):
    network, params, window = case
    start = network.rest(len(params.vector), window.x.shape[2], np.dtype(float))
    found = {}
    for least in (1, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("rnnbench.network.SHORT_ROW", least)
            found[least] = network.forward(params, window, start)
    for i, x in found[1].x.items():
        for other in found[100].x[i], *(activity.u[i][:, 1:, :, network.sizes[i - 1] : -1] for activity in found.values()):
            np.testing.assert_array_equal(x, other)
    np.testing.assert_array_equal(found[1].outputs, found[100].outputs)


@given(problems())
def test_blocks_are_views_that_fill_the_vector_in_order(case):
    network, params, _ = case
    flat = np.concatenate([block.reshape(len(params.vector), -1) for block in params.blocks().values()], axis=1)
    np.testing.assert_array_equal(flat, params.vector)
    for block in params.blocks().values():
        block[...] = 7
    assert (params.vector == 7).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": ()}, "at least one recurrent layer"),
        ({"hidden": (0,)}, "at least 1"),
        ({"activation": "tahn"}, "'tahn' is not one of tanh"),
        ({"loss": "hinge"}, "'hinge' is not one of mse"),
        ({"leak": 1.0}, "a leak is a share in"),
    ],
)
def test_bad_networks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network(**{"inputs": 1, "hidden": (2,), "outputs": 1, **arguments})


def test_a_vector_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="has 11 parameters, the vector 12"):
        Network(1, (2,), 1).parameters(np.zeros((1, 12)))

"""One step of the whole network as a linear map: tangents go up through the layers as cotangents come down."""

import numpy as np
import pytest

from rnnbench.gradients.parts.joint import inject, pull, push
from rnnbench.network import Network


@pytest.mark.parametrize("hidden", [(3,), (3, 4), (2, 3, 4), (3, 3, 3, 3)])
@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_tangents_and_cotangents_meet_alike_at_either_end(hidden, leak):
    rng = np.random.default_rng(0)
    network = Network(2, hidden, 2, leak=leak)
    params = network.parameters(rng.normal(size=(2, network.parameter_count)))
    slope, after, before = rng.random((2, 5, network.units[-1].stop)), *rng.normal(size=(2, 2, 5, network.units[-1].stop))
    dz = pull(network, params, slope[:, None], after[:, None])[:, 0]
    for i in range(1, network.depth + 1):
        nudge = rng.normal(size=(2, 5, 1, hidden[i - 1]))
        moved = inject(network, params, slope, i, nudge)[:, :, 0]
        np.testing.assert_allclose(np.vecdot(moved, after), np.vecdot(nudge[:, :, 0], dz[..., network.units[i]]))
    # The state before reaches each layer by its own R, and by its leak as the layer itself does.
    moved, at = push(network, params, slope, before[:, :, None])[:, :, 0], network.units
    back = leak * dz / slope
    for i in range(1, network.depth + 1):
        back[..., at[i]] += dz[..., at[i]] @ params.R[i].swapaxes(1, 2)
    np.testing.assert_allclose(np.vecdot(moved, after), np.vecdot(before, back))

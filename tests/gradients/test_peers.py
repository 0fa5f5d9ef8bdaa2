"""The peers compute the same gradient, in any schedule; each is tested where its package is installed."""

import numpy as np
import pytest
from studies import XOR

from rnnbench.activations import ACTIVATIONS
from rnnbench.gradients import registry
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.registry import PEERS
from rnnbench.losses import LOSSES
from rnnbench.network import Network, Window
from rnnbench.study.settings import SettingsError, TaskSettings
from rnnbench.study.variants import Variant


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_has_the_gradient_outputs_and_carry_of_bptt(peer, activation, loss):
    pytest.importorskip(peer)
    rng = np.random.default_rng(0)
    network = Network(2, (4, 3), 3, activation, loss, at_rest=0.25)
    params = network.parameters(rng.normal(0, 0.4, (2, network.parameter_count)))
    ours, theirs = Bptt(network), PEERS[peer](network)
    carry, other = ours.init(params, 5), theirs.init(params, 5)
    for counted in (slice(0, 6), np.array([1, 4, 5]), slice(5, 6)):
        x, steps = rng.normal(size=(1, 6, 5, 2)), len(np.arange(6)[counted])
        classes = loss == "softmax_crossentropy"
        y = rng.integers(0, 3, (1, steps, 5)) if classes else rng.integers(0, 2, (1, steps, 5, 3)).astype(float)
        found, expected = theirs.step(params, Window(x, y, counted), other), ours.step(params, Window(x, y, counted), carry)
        np.testing.assert_allclose(found.outputs, expected.outputs, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.gradient, expected.gradient, rtol=1e-10, atol=1e-12)
        carry, other = expected.carry, found.carry
        for i in carry:
            np.testing.assert_allclose(other[i], carry[i], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_that_is_not_there_is_named(peer, monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda package: None)
    variant = Variant(peer, "numpy", peer, "minibatch", {})
    assert not variant.installed and Variant("", "numpy", "postd", "minibatch", {}).installed
    with pytest.raises(SettingsError, match=f"needs the package {peer}, see `make peers`"):
        variant.check(TaskSettings.of("xor", XOR, 1))

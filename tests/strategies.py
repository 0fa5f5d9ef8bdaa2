"""Random networks and windows."""

import numpy as np
from hypothesis import strategies as st

from rnnbench.network import Network, Window

LOSSES = ("mse", "logistic_mse", "binary_crossentropy", "softmax_crossentropy")


@st.composite
def problems(
    draw,
    max_depth=3,
    max_units=4,
    max_time=6,
    max_batch=3,
    max_replicates=2,
    min_time=1,
    losses=LOSSES,
    at_rest=(0.0, 0.5),
    leak=(0.0, 0.3),
):
    """(network, params, window), float64; loss at every step, at the last, or at some steps; any state at rest, and any leak."""
    depth = draw(st.integers(1, max_depth))
    loss = draw(st.sampled_from(losses))
    network = Network(
        inputs=draw(st.integers(1, 3)),
        hidden=tuple(draw(st.lists(st.integers(1, max_units), min_size=depth, max_size=depth))),
        # A softmax over one class has no gradient to compare.
        outputs=draw(st.integers(2 if loss == "softmax_crossentropy" else 1, 3)),
        activation=draw(st.sampled_from(["tanh", "logistic", "relu"])),
        loss=loss,
        at_rest=draw(st.sampled_from(at_rest)),
        leak=draw(st.sampled_from(leak)),
    )
    replicates, batch = draw(st.integers(1, max_replicates)), draw(st.integers(1, max_batch))
    time = draw(st.integers(min_time, max_time))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    counted = draw(st.sampled_from([slice(0, time), slice(time - 1, time), np.unique(rng.integers(0, time, 3))]))
    return problem(rng, network, replicates, time, batch, counted)


def problem(rng, network, replicates, time, batch, counted):
    """Parameters and a window drawn from rng; weights moderate, so that no softmax saturates and rounds its gradient away."""
    params = network.parameters(rng.normal(0, 0.5, (replicates, network.parameter_count)))
    x = rng.normal(size=(replicates, time, batch, network.inputs))
    steps = len(np.arange(time)[counted])
    if network.loss == "softmax_crossentropy":
        y = rng.integers(0, network.outputs, (replicates, steps, batch))
    else:
        y = rng.random((replicates, steps, batch, network.outputs))
    return network, params, Window(x, y, counted)

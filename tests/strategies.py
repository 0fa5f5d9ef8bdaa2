"""Random networks and windows."""

import numpy as np
from hypothesis import strategies as st

from rnnbench.network import Network, Window
from rnnbench.study.training.optimizers import Adam

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


def in_windows(rule, params, window, length, carry=None):
    """The sum of the gradients of shorter windows, each weighted by its share of the counted steps, and the carry at the end."""
    counted = np.arange(window.x.shape[1])[window.counted]
    carry, total = rule.init(params, window.x.shape[2]) if carry is None else carry, 0
    for begin in range(0, window.x.shape[1], length):
        at = np.flatnonzero((counted >= begin) & (counted < begin + length))
        part = Window(window.x[:, begin : begin + length], window.y[:, at], counted[at] - begin)
        step = rule.step(params, part, carry)
        assert len(at) or not step.gradient.any()
        carry, total = step.carry, total + step.gradient * len(at) / len(counted)
    return total, carry


def remembering(make, activation, rate):
    """Train a rule to remember the first input's sign over 8 steps, of which the last counts: the losses, and the carry."""
    rng = np.random.default_rng(0)
    network = Network(2, (16,), 2, activation)
    params = network.parameters(rng.normal(0, 0.3, (8, network.parameter_count)).astype(np.float32))
    rule, optimizer = make(network), Adam(rate)
    carry, state, losses = rule.init(params, 16), optimizer.init(params.vector), []
    for _ in range(400):
        x = rng.normal(size=(1, 8, 16, 2)).astype(np.float32)
        window = Window(x, np.repeat(x[:, :1, :, 0] > 0, 8, axis=0).astype(int), slice(7, 8))
        outputs, gradient, carry = rule.step(params, window, rule.reset(params, 16, carry))
        change, state = optimizer.update(gradient, state)
        params.vector[...] += change
        losses.append(network.loss_function.value(outputs, window.y).mean((1, 2)))
    return losses, carry

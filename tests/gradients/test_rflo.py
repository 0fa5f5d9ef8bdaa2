"""A trace that fades at the rate of the units, or at one of its own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import problems

from rnnbench.gradients.registry import RULES
from rnnbench.trial.exactness import gradient_of


@given(problems(max_depth=1), st.floats(0, 1))
def test_its_trace_keeps_a_share_whatever_the_units_keep(case, share):
    """By the recursion, written out: e^t = share e^{t-1} + u^t f'(z^t), credited by the loss of its step."""
    network, params, window = case
    activity = network.forward(params, window, network.rest(len(params.vector), window.x.shape[2], params.vector.dtype))
    steps, counted = window.x.shape[1], np.arange(window.x.shape[1])[window.counted].tolist()
    do = network.loss_function.gradient(activity.outputs, window.y) / (len(counted) * window.x.shape[2])
    credit, e, total = do @ params.W[1].swapaxes(1, 2)[:, None], 0, np.zeros(params.V[1].shape)
    for t in range(steps):
        e = share * e + activity.u[1][:, t, :, :, None] * network.slope(activity, 1)[:, t, :, None]
        if t in counted:
            total += (credit[:, counted.index(t), :, None] * e).sum(1)
    found = network.parameters(gradient_of(RULES["rflo"](network, share=share), params, window)).V[1]
    np.testing.assert_allclose(found, total, rtol=1e-9, atol=1e-12)


@given(problems())
def test_without_one_it_keeps_what_the_units_keep(case):
    network, params, window = case
    found = gradient_of(RULES["rflo"](network), params, window)
    np.testing.assert_array_equal(found, gradient_of(RULES["rflo"](network, share=network.leak), params, window))

"""RTRL's stale gradient, found looking back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import problems

from rnnbench.gradients.parts.rtrl_backward import RtrlBackward
from rnnbench.gradients.registry import RULES
from rnnbench.network import Window
from rnnbench.trial.exactness import relative_errors


@given(problems(), st.integers(1, 4), st.floats(0, 0.5), st.integers(0, 99))
def test_it_is_rtrls_whatever_the_weights_do_between_windows(case, length, speed, seed):
    network, params, window = case
    rng, steps, batch = np.random.default_rng(seed), window.x.shape[1], window.x.shape[2]
    counted = np.arange(steps)[window.counted]
    forward, backward = RULES["rtrl"](network), RtrlBackward(network)
    here, there = forward.init(params, batch), backward.init(params, batch)
    for begin in range(0, steps, length):
        end = min(begin + length, steps)
        own = (counted >= begin) & (counted < end)
        part = Window(window.x[:, begin:end], window.y[:, own], counted[own] - begin)
        ours, theirs = forward.step(params, part, here), backward.step(params, part, there)
        here, there = ours.carry, theirs.carry
        np.testing.assert_array_equal(ours.outputs, theirs.outputs)
        assert max(relative_errors(network, theirs.gradient, ours.gradient).values()) < 1e-10
        params.vector[...] += speed * rng.normal(size=params.vector.shape)  # in place, as training does


def test_a_rule_says_which_windows_its_backward_pass_is_for():
    from rnnbench.network import Network

    network = Network(1, (3,), 1)
    rtrl, posted = RULES["rtrl"](network, 5), RULES["posted"](network)
    assert type(rtrl.backward()).__name__ == "Bptt" and type(rtrl.backward(whole=False)) is RtrlBackward
    assert rtrl.backward(whole=False).seed == 5
    assert type(posted.backward()).__name__ == "PostedBackward" and posted.backward(whole=False) is None
    assert RULES["uoro"](network).backward() is None

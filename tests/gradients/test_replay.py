"""The exact gradient at the present weights, of a sequence whose weights move while it passes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import problems

from rnnbench.gradients.registry import RULES
from rnnbench.network import Window
from rnnbench.trial.exactness import gradient_of, relative_errors


def stepwise(rule, params, window, moved):
    """The gradients of a sequence step by step, every step with weights of its own; of counted steps alone."""
    counted = np.arange(window.x.shape[1])[window.counted].tolist()
    carry, found = rule.init(params, window.x.shape[2]), {}
    for t in range(window.x.shape[1]):
        y = window.y[:, counted.index(t) : counted.index(t) + 1] if t in counted else window.y[:, :0]
        step = rule.step(moved[t], Window(window.x[:, t : t + 1], y, slice(0, y.shape[1])), carry)
        carry = step.carry
        if t in counted:
            found[t] = step.gradient
        else:
            assert not step.gradient.any()
    return found


@given(problems(), st.floats(0, 0.5), st.integers(0, 99))
def test_every_gradient_is_of_the_sequence_so_far_at_the_weights_of_its_step(case, speed, seed):
    network, params, window = case
    rng, steps = np.random.default_rng(seed), window.x.shape[1]
    moved = [network.parameters(params.vector + speed * rng.normal(size=params.vector.shape)) for _ in range(steps)]
    counted = np.arange(steps)[window.counted].tolist()
    for t, gradient in stepwise(RULES["replay"](network), params, window, moved).items():
        place = counted.index(t)
        so_far = Window(window.x[:, : t + 1], window.y[:, place : place + 1], slice(t, t + 1))
        exact = gradient_of(RULES["bptt"](network), moved[t], so_far)
        assert max(relative_errors(network, gradient, exact).values()) < 1e-12


def test_it_differs_from_rtrl_by_what_is_stale_alone():
    """From RTRL in windows of one step: not at all while the weights stand still, and the more the faster they move."""
    from rnnbench.network import Network

    rng = np.random.default_rng(0)
    network = Network(2, (5,), 1, "tanh", "mse")
    params = network.parameters(rng.normal(0, 0.5, (1, network.parameter_count)))
    window = Window(rng.normal(size=(1, 12, 3, 2)), rng.normal(size=(1, 12, 3, 1)), slice(0, 12))
    drift = rng.normal(size=params.vector.shape)

    def distance(speed):
        moved = [network.parameters(params.vector + speed * t * drift) for t in range(12)]
        two = (stepwise(RULES[name](network), params, window, moved) for name in ("replay", "rtrl"))
        fresh, stale = (np.stack(list(found.values())) for found in two)
        return np.linalg.norm(fresh - stale) / np.linalg.norm(fresh)

    still, slow, fast = distance(0), distance(1e-4), distance(1e-2)
    assert still < 1e-13 and 1e-6 < slow < 0.1 * fast

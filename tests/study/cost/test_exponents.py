"""Exponents found again in costs that are powers by construction, and in what the rules really allocate."""

import numpy as np
import pandas as pd
import pytest
from reports import judged

from rnnbench.gradients.rtrl import Rtrl
from rnnbench.study.cost import scaling, stopwatch
from rnnbench.study.cost.exponents import crossing, exponents
from rnnbench.study.cost.names import IN_WINDOWS
from rnnbench.study.probes import verdicts


def costs(rule, sweep, sizes, seconds, memory):
    sizes = np.array(sizes)
    return pd.DataFrame({"sweep": sweep, "rule": rule, sweep: sizes, "seconds": seconds(sizes), "memory_bytes": memory(sizes)})


def test_powers_are_found_again_and_the_end_can_differ():
    of_units = costs("rtrl", "hidden", [8, 16, 32], lambda n: 1e-9 * n**4.0, lambda n: 5.0 * n**3.0)
    of_steps = costs("bptt", "steps", [1, 10, 100], lambda t: 1e-3 + 1e-4 * t, lambda t: 0 * t + np.nan)
    found = exponents(pd.concat([of_units, of_steps]), verdicts.rules(judged())).set_index(["rule", "sweep", "quantity"])
    time, memory = found.loc["rtrl", "hidden", "seconds"], found.loc["rtrl", "hidden", "memory_bytes"]
    assert (time["exponent"], time["at_the_end"], time["theory"]) == pytest.approx((4, 4, 4))
    assert (memory["exponent"], memory["theory"]) == pytest.approx((3, 3))
    assert found.loc["bptt", "steps", "seconds"]["exponent"] < found.loc["bptt", "steps", "seconds"]["at_the_end"] < 1
    assert ("bptt", "steps", "memory_bytes") not in found.index


def test_where_memory_crosses():
    flat = costs(IN_WINDOWS, "steps", [7, 70], lambda t: t, lambda t: 0 * t + 1000.0)
    rising = costs("bptt", "steps", [7, 70], lambda t: t, lambda t: 100 + 9.0 * t)
    assert crossing(pd.concat([flat, rising])) == pytest.approx(100)
    assert np.isnan(crossing(pd.concat([flat, rising.assign(memory_bytes=5000 + rising["memory_bytes"])])))
    assert np.isnan(crossing(flat))


def allocated(rule, **size):
    call = scaling.calls(scaling.Size(**size), scaling.measurable())[rule]
    call()  # what is kept for all calls to come is not the call's
    return stopwatch.allocated(call)


@pytest.mark.parametrize("rule", ["rtrl", "posted"])
def test_sensitivities_take_memory_with_the_third_power_of_the_units(rule):
    assert 2.8 < np.log2(allocated(rule, hidden=128, steps=4) / allocated(rule, hidden=64, steps=4)) < 3.1


def test_memory_over_steps_is_constant_forward_and_linear_backward():
    windows, whole = (
        {steps: allocated(rule, steps=steps, batch=64) for steps in (70, 140, 700)} for rule in (IN_WINDOWS, "bptt")
    )
    assert windows[700] == pytest.approx(windows[70], rel=0.02)
    # Beside what grows something is kept that does not.
    assert (whole[700] - whole[70]) / (whole[140] - whole[70]) == pytest.approx(9, rel=0.02) and whole[700] > 8 * whole[70]


def test_rtrl_in_windows_has_the_gradient_of_the_whole(monkeypatch):
    """What is measured as RTRL in windows is RTRL: the same gradient as of the whole window."""
    seen = {}
    step = Rtrl.step

    def watched(self, params, window, carry):
        found = step(self, params, window, carry)
        seen.setdefault("windows", []).append(found.gradient)
        return found

    monkeypatch.setattr(Rtrl, "step", watched)
    calls = scaling.calls(scaling.Size(hidden=5, steps=20, batch=3), ["rtrl"])
    calls["rtrl"]()
    (whole,) = seen.pop("windows")
    calls[IN_WINDOWS]()
    assert len(seen["windows"]) == 3
    np.testing.assert_allclose(sum(seen["windows"]), whole, rtol=1e-4, atol=1e-7)

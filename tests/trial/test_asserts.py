import planted
import pytest

import rnnbench
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.elman import Elman
from rnnbench.gradients.tbptt import Tbptt
from rnnbench.gradients.uoro import Uoro

FEW = {"depths": (1, 2), "lengths": (1, 2, 5, 9)}
Twice = planted.scaled(Bptt, lambda window: 2.0)


def test_what_is_exact_passes_and_the_verdict_is_returned():
    assert rnnbench.assert_exact(Bptt, **FEW).exact


@pytest.mark.parametrize("rule", [Twice, Elman, Uoro])
def test_what_is_not_exact_raises_the_diagnosis(rule):
    with pytest.raises(rnnbench.GradientError, match=rf"^{rule.__name__} is "):
        rnnbench.assert_exact(rule, **FEW)


def test_what_is_unbiased_passes():
    assert rnnbench.assert_unbiased(Uoro, depths=(1,)).noisy


@pytest.mark.parametrize("rule", [Bptt, Elman])
def test_what_draws_no_noise_is_not_unbiased_but_noisy(rule):
    with pytest.raises(rnnbench.GradientError):
        rnnbench.assert_unbiased(rule, **FEW)


@pytest.mark.parametrize(("rule", "lags"), [(lambda network: Tbptt(network, lags=3), 3), (Elman, 1), (Bptt, 30)])
def test_what_is_truncated_passes(rule, lags):
    rnnbench.assert_truncated(rule, lags, **FEW)


@pytest.mark.parametrize("lags", [2, 4])
def test_another_truncation_does_not_pass(lags):
    with pytest.raises(rnnbench.GradientError, match=rf"not truncated BPTT over {lags} steps: W0, R1, b0 with 1 recurrent layer"):
        rnnbench.assert_truncated(lambda network: Tbptt(network, lags=3), lags, **FEW)


def test_a_truncation_reaches_one_step_at_least():
    with pytest.raises(ValueError, match="lags is 0"):
        rnnbench.assert_truncated(Bptt, 0)


def test_what_supports_nothing_does_not_pass():
    class Nothing(Bptt):
        def step(self, params, window, carry):
            raise NotImplementedError("not yet")

    with pytest.raises(rnnbench.RuleError, match="supports none"):
        rnnbench.assert_truncated(Nothing, 3, **FEW)

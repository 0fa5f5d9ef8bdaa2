"""Rules by name, and what they are given in brackets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import problems

from rnnbench.errors import RuleError
from rnnbench.gradients import registry
from rnnbench.network import Network
from rnnbench.trial.exactness import gradient_of


def test_a_rule_with_another_rank_is_that_rule():
    found, kind = registry.rule("sk-rtrl(rank=4)"), registry.RULES["sk-rtrl"]
    network = Network(1, (3,), 1)
    assert found(network).rank == 4 and found(network, 7).seed == 7 and kind(network).rank == 1
    assert issubclass(found, kind) and found.__doc__ == kind.__doc__ and found(network).repeats
    assert registry.named("sk-rtrl(rank=4)")[0] == "sk-rtrl(rank=4)" and registry.module_of("sk-rtrl(rank=4)") == kind.__module__
    assert registry.rule("sk-rtrl()") is kind


@given(problems(), st.integers(1, 9))
def test_what_is_given_counts(case, lags):
    network, params, window = case
    found = gradient_of(registry.rule(f"tbptt(lags={lags})")(network), params, window)
    np.testing.assert_array_equal(found, gradient_of(registry.RULES["tbptt"](network, lags=lags), params, window))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("sk-rtrl(rnak=4)", "gradient sk-rtrl(rnak=4): there is no 'rnak'; did you mean 'rank'?, as in sk-rtrl(rank=1)"),
        ("sk-rtrl(4)", "gradient sk-rtrl(4): '4' does not read as in sk-rtrl(rank=1)"),
        ("sk-rtrl(rank=four)", "'rank=four' does not read as in sk-rtrl(rank=1)"),
        ("sk-rtrl(rank=)", "'rank=' does not read as in sk-rtrl(rank=1)"),
        ("sk-rtrl(**{'rank': 4})", "does not read as in sk-rtrl(rank=1)"),
        ("sk-rtrl(rank=1.5)", "rank is a whole number, as in sk-rtrl(rank=1), not 1.5"),
        ("rflo(share='a')", "share is a number, as in rflo(share=None), not 'a'"),
        ("sk-rtrl(seed=4)", "there is no 'seed'; known: rank"),
        ("bptt(rank=4)", "gradient bptt(rank=4): bptt takes nothing in brackets"),
        ("sk-rtlr(rank=4)", "there is no gradient rule 'sk-rtlr'; did you mean 'sk-rtrl'?"),
        ("sk-rtrl(rank=4", "there is no gradient rule 'sk-rtrl(rank=4'"),
    ],
)
def test_what_a_rule_does_not_take_is_named(what, message):
    with pytest.raises(RuleError) as error:
        registry.rule(what)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("sk-rtrl(rank=-1)", "rank is -1: it is at least 0"),
        ("ok-rtrl(rank=0)", "rank is 0: it is at least 1"),
        ("tbptt(lags=0)", "lags is 0: it is at least 1"),
        ("snap2(order=0)", "order is 0: it is at least 1"),
        ("sparse-rtrl(share=2)", "share is 2: it is at least 0 and at most 1"),
        ("rflo(share=-0.1)", "share is -0.1: it is at least 0 and at most 1"),
    ],
)
def test_a_number_that_cannot_be_is_named_with_what_can(what, message):
    with pytest.raises(RuleError) as error:
        registry.rule(what)(Network(1, (3,), 1))
    assert str(error.value) == message

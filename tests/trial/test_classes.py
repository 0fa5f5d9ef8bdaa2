"""The trial classes every built-in rule as its theory says, and tells a noisy rule with a slip from one without."""

import numpy as np
import pytest
from verdicts import FEW, tried

from rnnbench.gradients.forward_gradient import ForwardGradient
from rnnbench.gradients.kf_rtrl import KfRtrl
from rnnbench.gradients.ok_rtrl import OkRtrl
from rnnbench.gradients.registry import RULES
from rnnbench.gradients.uoro import Uoro
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.verdict import trial
from rnnbench.trial.words import headline, page


def words(name, depth, parameter):
    return next(f.diagnosis for f in tried(name).findings if (f.depth, f.parameter) == (depth, parameter))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_what_it_claims(name):
    verdict = tried(name)
    assert not verdict.breaches
    found = headline(verdict)
    match RULES[name].claim:
        case "exact":
            assert verdict.exact and found == "is exact"
        case "exact in one layer":
            assert not verdict.exact and found == "is exact for one recurrent layer, and wrong for more"
        case "unbiased":
            assert verdict.noisy and found == "is unbiased, but noisy"
            assert any(f.variance > 0.001 for f in verdict.findings)
        case "biased":
            assert found.startswith("is wrong: with 1 recurrent layer in ")


def test_truncation_is_told_by_its_lag_on_every_route():
    assert words("tbptt", 1, "W0").startswith("lags 0 to 6 are right; every path through x^{t-7} or earlier is missing")
    assert "x^{t-7} or earlier is missing, on every route" in words("tbptt", 2, "W0")
    finding = next(f for f in tried("tbptt").findings if (f.depth, f.parameter) == (2, "b0"))
    assert {path.route for path in finding.paths} == {"own", "above", "mixed"}
    for path in finding.paths:
        assert path.weight is None or path.weight == pytest.approx(float(path.lag < 7), abs=1e-6)


@pytest.mark.parametrize("name", ["snap1", "eprop"])
def test_a_part_of_the_past_is_told_with_its_routes(name):
    assert words(name, 1, "R1").startswith("lag 0 is right; of the later lags neither all is kept nor nothing")
    for parameter in ("W0", "R1", "b0"):
        assert words(name, 2, parameter).endswith("nothing is kept of what goes through the past of the layers above")


def test_what_goes_through_the_past_above_is_seen_where_it_is_kept():
    """Half of the exact gradient and half of SnAp-1's: no weighting of paths, and half of those through the layers above."""

    class Half(RULES["bptt"]):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            rule = RULES["snap1"](self.network)
            other = rule.step(params, window, rule.init(params, window.x.shape[2])._replace(x=carry))
            return step._replace(gradient=(step.gradient + other.gradient) / 2)

    verdict = trial("half", Half, depths=(2,), lengths=FEW)
    found = next(f.diagnosis for f in verdict.findings if f.parameter == "W0")
    assert found.startswith("lag 0 is right") and found.endswith(
        "a part is kept of what goes through the past of the layers above"
    )


def test_lag_0_is_not_called_right_where_it_is_not():
    """Exact over one step, and nonsense as soon as there is a past."""

    class Nonsense(RULES["bptt"]):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            nonsense = np.cos(37 * step.gradient) * np.abs(step.gradient).max(1, keepdims=True)
            return step if window.x.shape[1] == 1 else step._replace(gradient=nonsense)

    for finding in trial("nonsense", Nonsense, depths=(1, 2), lengths=FEW).findings:
        assert "lag 0 is right" not in finding.diagnosis and "no usual slip" in finding.diagnosis


def test_a_network_without_some_weights_is_tried_as_it_is():
    assert tried("diagonal").at_zero == ("R1", "R2", "R3")
    told = " ".join(page(tried("diagonal")).split())
    assert "Its network lacks weights of R1, R2 and R3: it was tried with these at zero." in told
    assert words("diagonal", 2, "R1") == "all paths through the past of the layers above are missing"
    assert tried("rtrl").at_zero == ()


@pytest.mark.parametrize("name", ["eprop-random", "kernl", "dni"])
def test_rules_with_a_life_of_their_own_are_biased(name):
    assert {f.verdict for f in tried(name).findings if f.parameter[0] == "R"} <= {Outcome.BIASED, Outcome.ONE_STEP}


class OneSign(Uoro):
    """The noise is the same at every step, so that what is crossed does not vanish."""

    def step(self, params, window, carry):
        steps, gradient = window.x.shape[1], 0
        for t in range(steps):
            at = np.flatnonzero(np.arange(steps)[window.counted] == t)
            from_one = window._replace(x=window.x[:, t : t + 1], y=window.y[:, at], counted=at * 0)
            step = super().step(params, from_one, carry._replace(draws=0))
            carry, gradient = step.carry, gradient + step.gradient * len(at) / window.y.shape[1]
        outputs = self.network.forward(params, window, self.network.rest(len(params.vector), window.x.shape[2], np.dtype(float)))
        return step._replace(gradient=gradient, outputs=outputs.outputs)


class Unscaled(KfRtrl):
    """The matrix is not divided by what the vector was multiplied by."""

    def reduced(self, X, Y, nu):
        x, y = super().reduced(X, Y, nu)
        return x, y * 1.02


class Dropped(OkRtrl):
    """The smallest term is dropped where it should be mixed in: the sum of so many terms that is nearest is not unbiased."""

    def reduced(self, X, Y, nu):
        U, sigma, W = np.linalg.svd(X.swapaxes(-1, -2) @ Y, full_matrices=False)
        kept = slice(0, self.rank)
        return (U * sigma[..., None, :]).swapaxes(-1, -2)[..., kept, :], W[..., kept, :]


class Uniform(ForwardGradient):
    """Directions whose numbers have a variance of 1/3."""

    def _drawn(self, params, batch, draws):
        carry = super()._drawn(params, batch, draws)
        rng = np.random.default_rng(draws)
        return carry._replace(v=rng.uniform(-1, 1, carry.v.shape))


@pytest.mark.parametrize("rule", [OneSign, Unscaled, Dropped, Uniform])
def test_a_slip_in_a_rule_that_should_be_unbiased_is_a_bias(rule):
    verdict = trial("slipped", rule, depths=(1,))
    assert verdict.noisy == (rule is not Dropped) and "wrong" in headline(verdict)
    assert any(f.verdict == "biased" for f in verdict.findings)

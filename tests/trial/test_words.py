"""A verdict in sentences: the same for all depths, with what to do, and true of what was found."""

import planted
import pytest
from verdicts import FEW, tried

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.elman import Elman
from rnnbench.gradients.registry import RULES
from rnnbench.gradients.tbptt import Tbptt
from rnnbench.trial import slips, summary
from rnnbench.trial.verdict import trial
from rnnbench.trial.words import page


def told(verdict, **options):
    return " ".join(page(verdict, **options).split())


def test_the_posted_derivation_in_three_sentences():
    assert list(summary.sentences(tried("posted"))) == [
        "The output is right.",
        "W and b: only lag 0 is right; all paths through x^{t-1} are missing, as if the layer were feed-forward; below the top"
        " layer, so are all paths through the past of the layers above.",
        "R: right in the top layer; below it, all paths through the past of the layers above are missing.",
    ]
    for_wb, for_r = summary.advice(tried("posted"))
    assert for_wb.startswith("let W and b act through the states before too. Going backward, dL/dx^t has dz^{t+1} R^T in it;")
    assert for_r.startswith("for R, hand down from the layer above")


def test_an_exact_rule_is_told_with_the_number_of_networks():
    verdict = tried("bptt")
    assert page(verdict).startswith(f"bptt is exact on {verdict.networks} random networks.\n")
    assert summary.advice(verdict) == [] and summary.reach(verdict, 2) == []
    assert list(summary.sentences(verdict)) == ["W, R, b and the output are right."]


def test_lag_by_lag():
    lines = summary.reach(tried("posted"), 1)
    assert [line.split() for line in lines] == [
        ["1", "recurrent", "layer"],
        ["W0", "#..........."],
        ["R1", "############"],
        ["b0", "#..........."],
    ]
    two = summary.reach(trial("cut", lambda network: Tbptt(network, lags=4), depths=(1, 2), lengths=FEW), 2)
    assert ["W0", "####........"] in [line.split() for line in two]
    assert "    through the past of the layers above   ###........" in two
    assert summary._mark(0.5) == "~" and summary._mark(None) == "?"


def test_numbers_are_there_when_asked_for():
    assert "worst error" not in told(tried("posted")) and "worst error" in told(tried("posted"), numbers=True)
    assert "W0, b0 (1 recurrent layer); W1, b1 (2 recurrent layers)" in told(tried("posted"), numbers=True)


def test_what_differs_from_depth_to_depth_is_told_depth_by_depth():
    class Deep(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            self.network.parameters(step.gradient).R[1][...] *= {1: 2.0, 2: 3.0}[self.network.depth]
            return step

    verdict = trial("deep", Deep, depths=(1, 2), lengths=FEW)
    assert not summary.complete(verdict) or "R: in the top layer, multiplied by 2; below it, multiplied by 3." in told(verdict)

    class Deeper(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            self.network.parameters(step.gradient).R[self.network.depth][...] *= 1 + self.network.depth
            return step

    verdict = trial("deeper", Deeper, depths=(1, 2), lengths=FEW)
    text = told(verdict)
    assert "R: wrong, in more than one way; see below." in text
    assert "R1 (1 recurrent layer): multiplied by 2." in text and "R2 (2 recurrent layers): multiplied by 3." in text


@pytest.mark.parametrize(("name", "names"), [("elman", ["elman", "rflo"]), ("snap1", ["eprop", "snap1"]), ("posted", ["posted"])])
def test_what_others_left_out_on_purpose_is_named(name, names):
    """Without a leak, RFLO is one-step truncation; with symmetric feedback, e-prop is SnAp-1."""

    class Mine(RULES[name]):
        pass

    assert [rule.name for rule in trial("mine", Mine, depths=(1, 2), lengths=(1, 2, 5)).known] == names


def test_what_is_like_a_known_rule_on_short_sequences_only_is_not_named():
    class Mine(Elman):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step if window.x.shape[1] < 9 else step._replace(gradient=2 * step.gradient)

    assert trial("mine", Mine, depths=(1,), lengths=(1, 2, 5, 9)).known == ()
    assert trial("mine", planted.scaled(Bptt, lambda window: 2.0), depths=(1,), lengths=(1, 2, 5)).known == ()


def test_every_advice_is_for_something_that_is_said():
    """Each phrase stands in a diagnosis of the bank, of the laws or of the paths."""
    words = [slip.words for slip in slips.BANK]
    made_elsewhere = {summary.laws.CLIPPED, summary.laws.DECAY, summary.laws.SIGN, summary.paths.NOTHING_ABOVE, summary.paths.CUT}
    for phrase, _ in summary.ADVICE:
        assert phrase in made_elsewhere or any(phrase in one for one in words) or phrase == "not reset between sequences"

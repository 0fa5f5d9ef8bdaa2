"""Every planted error is caught, at the right parameter, with the right diagnosis; no exact rule is accused."""

import json
import re
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import formulations
import numpy as np
import planted
import pytest
from oracle import complex_step
from verdicts import FEW, tried

from rnnbench.errors import RuleError
from rnnbench.gradients.base import GradientRule, Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.parts import noise
from rnnbench.gradients.registry import RULES
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.network import Window
from rnnbench.trial import noise as judge_noise
from rnnbench.trial import paths, slips
from rnnbench.trial.cases import cases
from rnnbench.trial.exactness import EXACT, relative_errors
from rnnbench.trial.outcome import Outcome
from rnnbench.trial.verdict import trial
from rnnbench.trial.words import headline, page

in_short = partial(trial, lengths=FEW)


def readout(depth):
    return {f"W{depth}", f"b{depth}"}


def wrong(verdict, depth):
    return {f.parameter for f in verdict.findings if f.depth == depth and f.verdict != "exact"}


@cache
def of_the_bank(name, seed):
    return in_short(name, planted.BANK[name][0], seed, depths=(1, 2))


@pytest.mark.parametrize("name", planted.BANK)
def test_a_planted_error_is_caught_and_named(name):
    _, one_layer, two_layers, words, slip = planted.BANK[name]
    verdict = of_the_bank(name, 0)
    assert not verdict.exact
    for depth, expected in ((1, one_layer), (2, two_layers)):
        blocks = {f.parameter for f in verdict.findings if f.depth == depth}
        if isinstance(expected, str):
            expected = blocks - (readout(depth) if expected == "all" else set())
        assert wrong(verdict, depth) == expected
    for finding in verdict.findings:
        assert finding.verdict in list(Outcome)
        if finding.verdict != "exact":
            assert words in finding.diagnosis
            of_readout = finding.parameter in readout(finding.depth)
            assert finding.slip == slip or (of_readout and slip.endswith(finding.slip))  # no recurrence there to be missing
        else:
            assert finding.diagnosis == "" and finding.slip is None and finding.error <= EXACT


@pytest.mark.parametrize("name", planted.BANK)
def test_what_is_said_of_some_networks_is_said_of_others(name):
    """Each statement holds on all networks that it was made of, so the same one from others is true of both."""

    def said(seed):
        findings = of_the_bank(name, seed).findings
        return {(f.depth, f.parameter): re.sub(r"off by [\d.e+-]+", "off", f.diagnosis) for f in findings}

    assert said(11) == said(0)


def test_the_bank_is_large_enough_and_in_both_styles():
    rules = [rule for rule, *_ in planted.BANK.values()]
    assert len(rules) >= 20
    assert sum(issubclass(r, planted.Forward) for r in rules) >= 10 and sum(issubclass(r, planted.Backward) for r in rules) >= 10


@pytest.mark.parametrize(
    ("rule", "seed"), [(Bptt, 0), (Bptt, 1), (Rtrl, 0), (Rtrl, 1), (planted.Forward, 0), (planted.Backward, 1)]
)
def test_no_exact_rule_is_accused(rule, seed):
    verdict = trial("right", rule, seed)
    assert verdict.exact and verdict.networks >= 200 and not verdict.breaches
    assert headline(verdict) == "is exact"


@pytest.mark.parametrize("name", formulations.EXACT)
def test_nor_is_the_same_in_other_words(name):
    """`python tests/formulations.py` tries 300 seeds."""
    for seed in (0, 1):
        verdict = trial(name, formulations.EXACT[name], seed, lengths=(1, 2, 5, 17))
        assert verdict.exact, [(f.parameter, f.error) for f in verdict.findings if f.verdict != "exact"]


def test_nobody_is_held_to_digits_that_rounding_takes():
    """Each of these seeds has networks where two right ways to write the softmax part beyond the tolerance."""
    left_out = 0
    for seed in (0, 1, 2, 15):
        verdict = trial("log", formulations.LogSumExp, seed, activations=["relu"], losses=["softmax_crossentropy"])
        assert verdict.exact, [(f.parameter, f.error) for f in verdict.findings]
        assert verdict.networks + verdict.left_out == 540
        left_out += verdict.left_out
    # One sequence of a batch has too few digits, the others have enough.
    assert trial("log", formulations.LogSumExp, 294, lengths=formulations.LENGTHS).exact
    assert 0 < left_out < 100 and "more were left out: rounding leaves" in page(verdict)


def test_the_yardstick_is_the_derivative():
    """The trial's exact gradient against complex steps, on networks as the trial draws them."""
    for case in cases(7, lengths=(1, 4, 7)):
        counted = np.arange(case.steps)[case.window.counted].tolist()
        theirs = complex_step(case.network, case.params.vector, case.window.x, case.window.y, counted)
        assert max(relative_errors(case.network, slips.exact(case), theirs).values()) <= 1e-12


def test_the_parts_of_the_paths_add_up():
    for case in cases(3, lengths=(1, 2, 6)):
        if case.loss_at == "last step":
            exact = slips.gradient(case, slips.NONE)
            for name, parts in paths.parts(case).items():
                np.testing.assert_allclose(sum(parts.values()), exact[name], rtol=1e-10, atol=1e-13)


def test_a_small_error_is_no_weighting_of_paths_because_it_is_small():
    _, parts = paths.probe(1, "tanh", "mse", 5, 0)
    exact = sum(parts["R1"].values())
    off = exact + 1e-6 * np.random.default_rng(0).normal(size=exact.shape)
    assert not paths.weigh(off, parts["R1"]).fits
    assert paths.weigh(exact - 1e-6 * parts["R1"]["own", 2], parts["R1"]).fits


def test_an_error_of_the_recurrence_is_seen_though_r_is_nearly_zero():
    """Where R is a millionth of what it should be, W and b as in an MLP are wrong by a millionth, and that is seen."""
    rule = planted.BANK["W and b as in an MLP"][0]
    verdict = trial("mlp", rule, depths=(1,), recurrence=1e-6)
    assert wrong(verdict, 1) == {"W0", "b0"}
    assert all(f.error < 1e-3 for f in verdict.findings)
    assert trial("right", Rtrl, depths=(1,), recurrence=1e-6).exact


def test_the_posted_derivation():
    verdict = tried("posted")
    by_place = {(f.depth, f.parameter): f for f in verdict.findings}
    assert by_place[1, "R1"].verdict == "exact"
    assert by_place[1, "W0"].verdict == by_place[1, "b0"].verdict == Outcome.ONE_STEP
    assert by_place[2, "R1"].verdict == Outcome.ONE_LAYER and by_place[3, "R2"].verdict == Outcome.TOP_LAYER
    weights = {(p.route, p.lag): p.weight for p in by_place[2, "R1"].paths}
    for (route, lag), weight in weights.items():
        assert weight == pytest.approx(1 if route == "own" else 0, abs=1e-9), (route, lag)
    assert verdict.handed_on == ""
    assert "exact in R1, W1 and b1" in headline(verdict)


def test_how_a_sequence_is_handed_on():
    assert tried("bptt").handed_on.startswith("a gradient that leaves out paths from earlier windows")
    assert tried("rtrl").handed_on == "the gradient of the whole sequence"

    class Forgets(Rtrl):
        """Right in one window; the next starts from half the sensitivities."""

        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step._replace(carry=step.carry._replace(P={i: P / 2 for i, P in step.carry.P.items()}))

    verdict = in_short("forgets", Forgets)
    assert not verdict.exact and all(f.verdict == "exact" for f in verdict.findings)
    assert "carry leads to a wrong gradient" in verdict.breaches[0]


def test_breaches_of_the_contract_are_told():
    class Careless(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            window.x[...] = 0
            return Step(step.outputs + 1, *step[1:])

    class Neighbours(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step._replace(gradient=step.gradient + step.gradient.mean(0))

    careless = in_short("careless", Careless)
    assert set(careless.breaches) == {
        "step changes its arguments",
        "step's outputs are not those of the forward pass at the counted steps",
    }
    assert not careless.exact and all(f.verdict == "exact" for f in careless.findings)  # nor is anything else held against it
    assert any("replicates beside it" in breach for breach in in_short("neighbours", Neighbours).breaches)

    class ChangesTargets(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            window.y[...] = 0
            return step

    class ChangesCarry(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            carry[1] += 1
            return step

    assert in_short("targets", ChangesTargets).breaches == ("step changes its arguments",)
    assert in_short("carry", ChangesCarry).breaches == ("step changes the carry that it is given",)


def test_a_noisy_rule_that_breaches_the_contract_is_said_to():
    class Shifted(Directional):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step._replace(outputs=step.outputs + 1)

    assert headline(trial("shifted", Shifted)) == "breaks the contract"


def exact_but(change):
    """BPTT with something wrong about it that most windows do not show."""

    class Slip(Bptt):
        def step(self, params, window, carry):
            return change(super().step(params, window, carry), self, params, window, carry)

    return Slip


def last_steps(step, rule, params, window, carry):
    """Takes the counted steps for the last ones."""
    steps, counted = window.x.shape[1], window.y.shape[1]
    return Bptt(rule.network).step(params, window._replace(counted=slice(steps - counted, steps)), carry)


def from_zero(step, rule, params, window, carry):
    """Starts from zero whatever the state at rest is."""
    return Bptt(rule.network).step(params, window, {i: x * (x != rule.network.at_rest) for i, x in carry.items()})


def with_the_first_weights(step, rule, params, window, carry):
    """Keeps the weights that it saw first."""
    kept = rule.__dict__.setdefault("kept", rule.network.parameters(params.vector.copy()))
    return Bptt(rule.network).step(kept if kept.vector.shape == params.vector.shape else params, window, carry)


def into_one_array(step, rule, params, window, carry):
    """Makes the array of the gradient once."""
    array = rule.__dict__.setdefault(f"array of {step.gradient.shape}", np.empty_like(step.gradient))
    array[...] = step.gradient
    return step._replace(gradient=array)


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (last_steps, "the gradient is wrong where only some steps of the window count"),
        (from_zero, "the gradient is wrong where the state at rest is not zero"),
        (
            lambda step, *_: step._replace(gradient=step.gradient + (np.nan if not step.outputs.size else 0)),
            "the gradient is wrong where no step of the window counts",
        ),
        (
            lambda step, rule, params, window, carry: step._replace(gradient=step.gradient * (3 - min(2, len(window.x)))),
            "the gradient is wrong where all replicates share the inputs",
        ),
        (lambda step, *_: step._replace(gradient=step.gradient.astype(np.float32)), "the gradient is float32"),
        (lambda step, *_: step._replace(gradient=np.clip(step.gradient, -250, 250)), "the gradient is wrong where it is large"),
        (
            lambda step, rule, *_: step._replace(gradient=step.gradient * (1 + (rule.network.hidden[:2] == (3, 3)))),
            "the gradient is wrong where all layers have as many units as there are inputs and outputs",
        ),
        (with_the_first_weights, "the gradient depends on the weights of the call before"),
        (into_one_array, "step writes into arrays that it returned before"),
    ],
)
def test_what_most_windows_do_not_show_is_tried(change, breach):
    verdict = in_short("slip", exact_but(change))
    assert not verdict.exact and any(told.startswith(breach) for told in verdict.breaches), verdict.breaches


def test_a_rule_that_forgets_leaky_units_is_told_so_and_is_not_accused():
    class WithoutLeak(Bptt):
        def step(self, params, window, carry):
            return Bptt(replace(self.network, leak=0.0)).step(params, window, carry)

    class Refuses(Bptt):
        def __post_init__(self):
            if self.network.leak:
                raise NotImplementedError("no leaky units")

    verdict = in_short("without", WithoutLeak)
    assert verdict.exact
    assert verdict.unsupported == ("leaky units: its gradient is another one there, and it does not refuse them",)
    assert in_short("bptt", Bptt).unsupported == in_short("refuses", Refuses).unsupported == ()


def test_rounding_that_varies_is_no_error():
    rng = np.random.default_rng(0)
    verdict = in_short("threads", exact_but(lambda step, *_: step._replace(gradient=step.gradient * (1 + 1e-15 * rng.random()))))
    assert verdict.exact and not verdict.noisy


def test_a_rule_that_serves_one_replicate_is_not_called_noisy():
    def first_only(step, *_):
        step.gradient[1:] = 0
        return step

    verdict = in_short("first", exact_but(first_only))
    assert not verdict.noisy
    assert "replicates with the same weights and data get different gradients" in verdict.breaches


def test_every_activation_meets_every_loss_wherever_the_loss_is():
    seen = {(c.depth, c.network.activation, c.network.loss, c.loss_at) for c in cases(0)}
    assert len(seen) == 3 * 3 * 4 * 2


def test_a_loss_that_is_wrong_alone_is_named_with_its_factor():
    class Mse(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step._replace(gradient=step.gradient * (window.y.shape[1] if self.network.loss == "mse" else 1))

    verdict = in_short("mse", Mse)
    for finding in verdict.findings:
        assert finding.diagnosis.endswith("only with loss function mse, only with loss at every step")
        assert finding.slip == "multiplied by the number of steps that count, as of a sum in place of a mean"


def test_a_factor_and_a_sign_are_both_said():
    verdict = in_short("both", planted.scaled(planted.Backward, lambda window: -window.y.shape[1]), depths=(1,))
    of_input = next(f for f in verdict.findings if f.parameter == "W0")
    assert of_input.diagnosis.startswith(
        "multiplied by the number of steps that count, as of a sum in place of a mean, and the sign is wrong"
    )


def test_no_two_layers_of_a_network_are_of_one_size():
    """Nor is a matrix square but R, so that one the wrong way round does not fit."""
    for case in cases(0):
        assert len(set(case.network.hidden)) == case.depth


def test_a_sign_and_a_truncation_are_not_told_as_a_sign():
    class Both(planted.Backward):
        def lags(self):
            return 12

    verdict = in_short("both", planted.scaled(Both, lambda window: -1), depths=(1,))
    assert next(f for f in verdict.findings if f.parameter == "W0").diagnosis != "the sign is wrong"


def test_what_is_wrong_with_three_layers_only():
    class Three(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step._replace(gradient=step.gradient * (1 if self.network.depth < 3 else 2))

    verdict = in_short("three", Three)
    assert headline(verdict).startswith("is wrong: exact with 1 and 2 recurrent layers; with 3 recurrent layers in W0")
    assert {f.verdict for f in verdict.findings if f.depth == 3 and f.parameter in ("W0", "R1", "b0")} == {"biased"}


def test_a_tiny_error_is_described():
    class Tiny(planted.Forward):
        def carried(self, P, t):
            return None if P is None else P * (1 - 1e-9)

    verdict = in_short("tiny", Tiny, depths=(1,))
    assert not verdict.exact and all(f.diagnosis for f in verdict.findings if f.verdict != "exact")


def test_what_a_rule_does_not_support_is_told_and_the_rest_tried():
    class OneLayer(Bptt):
        def init(self, params, batch):
            if self.network.depth > 1:
                raise NotImplementedError("one recurrent layer only")
            return super().init(params, batch)

    verdict = in_short("one", OneLayer)
    assert verdict.exact and {f.depth for f in verdict.findings} == {1}
    assert verdict.unsupported[0] == "2 recurrent layers: one recurrent layer only"
    assert "Not supported, 2 recurrent layers: one recurrent layer only." in page(verdict)
    with pytest.raises(RuleError, match="supports no depth"):
        trial("none", OneLayer, depths=(2, 3))


def test_a_rule_for_whole_sequences_only():
    class Whole(Bptt):
        def step(self, params, window, carry):
            if carry[1].any():
                raise NotImplementedError("whole sequences only")
            return super().step(params, window, carry)

    verdict = in_short("whole", Whole)
    assert verdict.exact and verdict.handed_on == ""
    assert "a sequence in several windows: whole sequences only" in verdict.unsupported


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            lambda step: step._replace(gradient=step.gradient[:, :-1]),
            r"gradient is an array \(\d+, \d+\) of float64, not an array",
        ),
        (lambda step: step._replace(gradient=list(step.gradient)), "gradient is a list"),
        (lambda step: 1 / 0, "the rule raised ZeroDivisionError on 1 recurrent layer of .* steps, batch"),
    ],
)
def test_what_is_no_gradient_is_told_with_its_case(result, message):
    class Bad(Bptt):
        def step(self, params, window, carry):
            return result(super().step(params, window, carry))

    with pytest.raises(RuleError, match=message):
        trial("bad", Bad)


def test_a_gradient_that_is_not_a_number_is_wrong():
    verdict = trial("nan", planted.scaled(Bptt, lambda window: np.nan), depths=(1,), lengths=(1, 2, 5))
    assert wrong(verdict, 1) == {"W0", "R1", "b0", "W1", "b1"} and not verdict.exact


def test_where_it_is_not_a_number_is_said():
    long = planted.scaled(Bptt, lambda window: np.nan if window.x.shape[1] > 4 else 1.0)
    verdict = trial("nan", long, depths=(1,), lengths=(1, 2, 3, 4, 5, 9))
    assert {f.diagnosis for f in verdict.findings} == {"it is not finite (nan or inf); exact for sequences of up to 4 steps"}


@dataclass(frozen=True)
class Directional(GradientRule):
    """The derivative along a random direction, times that direction: unbiased, for any network. scale: of a planted bias."""

    scale: float = 1.0

    def init(self, params, batch):
        return super().init(params, batch), 0

    def step(self, params, window: Window, carry):
        state, draws = carry
        step = Bptt(self.network).step(params, window, state)
        v = noise.normals(0, self.first, draws, params.vector.shape, params.vector.dtype)
        return Step(step.outputs, (step.gradient * v).sum(1, keepdims=True) * v * self.scale, (step.carry, draws + 1))


def test_a_rule_that_draws_noise_is_judged_by_its_mean():
    verdict = trial("directional", Directional)
    assert verdict.noisy and not verdict.breaches
    assert {f.verdict for f in verdict.findings} == {"unbiased but noisy"} and headline(verdict) == "is unbiased, but noisy"
    # E||(g v) v - g||^2 = (m + 1) ||g||^2 for m parameters.
    for depth, parameters in ((1, 3 * 6 + 4 * 2), (2, 3 * 6 + 4 * 8 + 5 * 2)):
        variance = sum(f.variance for f in verdict.findings if f.depth == depth)
        assert variance == pytest.approx(parameters + 1, rel=0.1)


@pytest.mark.parametrize("scale", [0.5, -1.0])
def test_a_bias_is_seen_through_the_noise(scale):
    verdict = trial("biased", lambda network: Directional(network, scale=scale))
    assert all(f.verdict == "biased" for f in verdict.findings)
    # The variance is that about the rule's own mean.
    variance = sum(f.variance for f in verdict.findings if f.depth == 1)
    assert variance == pytest.approx(scale**2 * (3 * 6 + 4 * 2 + 1), rel=0.1)


def test_of_many_components_some_lie_far_by_chance():
    """400 components of pure noise, whose farthest mean lies beyond two standard errors in most trials, and this is no bias."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    for _ in range(20):
        found = judge_noise._of_block(truth + rng.normal(size=(500, 400)), truth, float(truth @ truth))
        assert found.unbiased and found.z > 2


def test_noise_that_is_not_in_the_carry_is_a_breach():
    rng = np.random.default_rng(0)

    class Loose(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            return step._replace(gradient=step.gradient * rng.normal(1, 0.1, step.gradient.shape))

    verdict = trial("loose", Loose, depths=(1,))
    assert verdict.noisy and "called again with the same arguments" in verdict.breaches[0]


# -- the command


def run(capsys, *arguments):
    from rnnbench.cli import main

    status = main(["trial", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


RULE = """
from rnnbench.gradients import GradientRule, Step
from rnnbench.gradients.bptt import Bptt

class Mine(Bptt):
    def step(self, params, window, carry):
        step = super().step(params, window, carry)
        self.network.parameters(step.gradient).R[1][...] *= {factor}
        return step
"""


@pytest.mark.parametrize(("factor", "status"), [(1, 0), (-1, 1)])
def test_a_rule_in_a_file(tmp_path, capsys, factor, status):
    file = tmp_path / "my rule.py"
    file.write_text(RULE.format(factor=factor), encoding="utf-8")
    found, out, _ = run(capsys, file)
    assert found == status
    assert ("Mine is exact on " in out) == (status == 0) and ("the sign is wrong" in out) == (status == 1)
    found, out, _ = run(capsys, file, "--json", "--seed", 3)
    verdict = json.loads(out)
    assert found == status and verdict["exact"] == (status == 0)
    slips_found = {f["parameter"] for f in verdict["findings"] if f["slip"] == "the sign is wrong"}
    assert slips_found == (set() if status == 0 else {"R1"})


@pytest.mark.parametrize("rule", list(RULES))
def test_built_in_rules_by_name(capsys, monkeypatch, rule):
    def known(name, found, *how, **options):
        assert found is RULES[rule]
        return tried(name)

    monkeypatch.setattr("rnnbench.trial.verdict.trial", known)
    status, out, _ = run(capsys, rule)
    assert status == (0 if RULES[rule].claim == "exact" else 1) and out.startswith(f"{rule} is ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no file"),
        ("x = 1\n", "has no gradient rule: a class that derives from"),
        ("import nothing_of_this_name\n", "could not be imported: ModuleNotFoundError"),
        ("import sys\nsys.exit(0)\n", "could not be imported: SystemExit"),
        (
            "from rnnbench.gradients import GradientRule\nclass A(GradientRule):\n    pass\n",
            "has no gradient rule (A lacks step): a class that derives from",
        ),
        (
            "from rnnbench.gradients.bptt import Bptt\nclass A(Bptt): ...\nclass B(Bptt): ...\n",
            "several classes of a gradient rule (A, B); name one: ",
        ),
    ],
)
def test_a_file_without_a_rule_is_told_what_it_lacks(tmp_path, capsys, text, message):
    file = tmp_path / "rule_of_mine.py"
    if text:
        file.write_text(text, encoding="utf-8")
    status, out, err = run(capsys, file)
    assert status == 2 and message in err and not out


def test_one_of_several_rules_is_named(tmp_path, capsys):
    file = tmp_path / "several.py"
    file.write_text("from rnnbench.gradients.bptt import Bptt\nclass A(Bptt): ...\nclass B(Bptt): ...\n", encoding="utf-8")
    assert run(capsys, f"{file}:B")[0] == 0
    assert "did you mean 'A'" in run(capsys, f"{file}:Aa")[2]


def test_an_unknown_name(capsys):
    status, _, err = run(capsys, "rtlr")
    assert status == 2 and "there is no gradient rule 'rtlr'; did you mean 'rtrl'?" in err


def test_the_rule_in_the_readme(tmp_path, capsys):
    """Word for word: without a recursion, W0, R1 and b0 of one layer are wrong."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    rule = re.search(r"`my_rule.py`:\n\n```python\n(.*?)```", readme, flags=re.DOTALL)[1]
    (tmp_path / "my_rule.py").write_text(rule, encoding="utf-8")
    status, out, _ = run(capsys, tmp_path / "my_rule.py")
    assert status == 1 and "The output is right.\nW, R and b: only lag 0 is right" in out
    assert "Its gradient is that of elman (One-step truncation" in out


ONE_TANH_LAYER = """
from rnnbench.gradients.bptt import Bptt

class Mine(Bptt):
    def step(self, params, window, carry):
        print("a line of debugging")
        if self.network.activation != "tanh":
            raise NotImplementedError("tanh only")
        return super().step(params, window, carry)
"""


def test_a_rule_of_one_activation_is_tried_with_that(tmp_path, capfd):
    file = tmp_path / "rule_of_tanh.py"
    file.write_text(ONE_TANH_LAYER, encoding="utf-8")
    status, out, err = run(capfd, file, "--json")
    verdict = json.loads(out)
    assert status == 0 and "a line of debugging" in err
    assert any("logistic units with" in reason and "tanh only" in reason for reason in verdict["unsupported"])
    status, out, _ = run(capfd, file, "--activation", "tanh", "--layers", 1)
    assert status == 0 and "Not supported" not in out and "2 recurrent layers" not in out
    assert "did you mean 'tanh'" in run(capfd, file, "--activation", "tnah")[2]


@pytest.mark.parametrize("arguments", [["rtrl", "--seed", "-1"], ["rtrl", "--layers", "0"], []])
def test_arguments_that_cannot_be(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        run(capsys, *arguments)
    assert stop.value.code == 2

"""What the tables say, question by question: the sentences follow the data."""

import numpy as np
import planted
import pytest
from reports import NO_RULES, TARGETS, TASKS, UPDATE_COST, held, of_rules, tables

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.study.report import answer, tabulated


def claims(**changes):
    return {claim.question: claim for claim in answer.answers(tables(**changes), TASKS, TARGETS)}


def test_the_verdict_on_the_derivation_follows_the_errors():
    wrong, right, other = (claims(posted=rule)["Is the derivation right?"] for rule in (Posted, Bptt, planted.PastAboveMissing))
    assert wrong.verdict == "In part"
    assert "exact for R1, W1 and b1 and wrong for W0 and b0" in wrong.detail
    assert "In W0 and b0: only lag 0 is right; all paths through x^{t-1} are missing" in wrong.detail
    assert "in R1: all paths through the past of the layers above are missing" in wrong.detail
    assert right.verdict == "Yes" and "wrong" not in right.detail
    assert "With 1 recurrent layer it is exact for every parameter." in other.detail and other.verdict == "In part"


def test_the_verdict_on_keras_follows_the_drift():
    assert claims()["Does it match Keras?"].verdict == "Yes"
    assert claims(drift=1e-7)["Does it match Keras?"].verdict == "No"
    made = tables()
    grown = made.replaced(lockstep=made.lockstep.assign(difference=[0.0, 1e-16, 0.1]))
    (said,) = answer.agreement(grown, TASKS)
    assert (
        said.verdict != "No" and "differs by more than 0.1 at any of 200 updates, and by 1.0e-16 in the first 5." in said.detail
    )
    assert claims(drift=np.nan)["Does it match Keras?"].verdict == "No"


@pytest.mark.parametrize(
    ("theirs", "verdict", "words"),
    [
        ([0.1, 0.1, 0.1], "Yes", "the same in every run"),
        ([0.1, 0.101, 0.099], "Yes", "within 0.01 they count as equivalent (two one-sided tests, p = 0.00166): equivalent"),
        ([0.2, 0.201, 0.199], "No", "different"),
        ([0.1, 0.2, 0.05], "Update by update, yes; whole trainings not shown on xor", "not shown"),
        ([0.1, 0.11, 0.105], "Update by update, yes; whole trainings not shown on xor", "not shown"),
    ],
)
def test_the_verdict_on_keras_follows_whole_trainings(theirs, verdict, words):
    claim = claims(ends={"keras": theirs})["Does it match Keras?"]
    assert claim.verdict == verdict and words in claim.detail


def test_a_match_is_not_shown_where_nothing_was_trained_whole():
    claim = claims(variants=("numpy-posted", "numpy-bptt"))["Does it match Keras?"]
    assert (
        claim.verdict == "Update by update, yes; whole trainings not compared" and "trainings were not compared" in claim.detail
    )


def test_the_best_variant_is_named_and_half_of_the_replicates_are_not_most():
    made = tables(replicates=4, solved=2)
    final = made.final.assign(iqm=made.final["variant"].map({"numpy-posted": 0.1, "numpy-bptt": 0.3, "keras": 0.2}))
    found = answer.learning(final, made.variants, "xor", TASKS["xor"].kind.metrics[0], 0.05)
    assert "best of all recipes, numpy-posted, 0.1 " in found.detail
    assert "0 of 3 variants learn it in most runs." in found.detail


LEARNT, NOT_LEARNT = [0.1, 0.11, 0.1], [0.25, 0.24, 0.26]


@pytest.mark.parametrize(
    ("ends", "question", "verdict", "words"),
    [
        (
            {"numpy-posted": NOT_LEARNT, "numpy-bptt": LEARNT, "keras": LEARNT},
            "Why does Keras win on xor?",
            "1 of 2 steps help",
            ["better: with numpy-bptt (-0.147 [", "the same: with keras."],
        ),
        (
            {"numpy-posted": LEARNT, "numpy-bptt": LEARNT, "keras": NOT_LEARNT},
            "Does Keras win on xor?",
            "No, it does worse",
            ["worse: with keras (0.147 [", "the same: with numpy-bptt."],
        ),
        ({"keras": [0.1, 0.2, 0.05]}, "Does Keras win on xor?", "Not shown", ["not shown: with keras"]),
        ({}, "Does Keras win on xor?", "No, it ends the same", ["the same: with numpy-bptt, with keras"]),
    ],
)
def test_why_keras_wins_follows_the_ladder(ends, question, verdict, words):
    claim = claims(ends=ends)[question]
    assert claim.verdict == verdict and all(word in claim.detail for word in words), claim


def test_a_rung_that_was_not_run_is_said_to_be_missing():
    rungs = ("numpy-posted", "numpy-elman", "keras")
    claim = claims(ends={"numpy-posted": NOT_LEARNT, "keras": LEARNT}, rungs=rungs)["Why does Keras win on xor?"]
    assert claim.verdict == "No single step is shown to help"
    assert "not run, so that the steps beside them are not measured: numpy-elman" in claim.detail
    frame = tabulated.ladder(tables(rungs=rungs).ladder, TASKS["xor"]).frame.set_index("variant")
    assert frame.loc["numpy-elman", "squared error on the XOR bit"].words == "not run"
    assert claims(rungs=(*rungs[:2], "numpy-mlp"))["Does numpy-mlp win on xor?"].verdict == "Not run"


def test_a_gradient_that_is_not_a_number_is_wrong():
    nowhere = planted.scaled(Bptt, lambda window: np.nan)
    claim = claims(posted=nowhere)["Is the derivation right?"]
    assert claim.verdict == "No" and "wrong for W0, R1, b0, W1 and b1" in claim.detail


def test_who_learns_follows_the_replicates():
    few, most = claims()["Does it learn xor?"], claims(solved=2)["Does it learn xor?"]
    assert few.verdict == "In 1 of 3 runs" and "0 of 3 variants learn it in most runs." in few.detail
    assert most.verdict == "In 2 of 3 runs" and "3 of 3 variants learn it in most runs: numpy-posted" in most.detail
    assert "as posted, 0.1 [0.05, 0.2], 2 of 3 learn it" in most.detail


def test_a_task_without_a_target_is_told_by_its_error():
    (_, claim, *_) = answer.answers(tables(solved=None), TASKS, {})
    assert claim.verdict == "It ends at 0.1" and "learn it" not in claim.detail
    (_, claim, *_) = answer.answers(tables(solved=None, variants=("mine",)), TASKS, {})
    assert claim.verdict == "The best ends at 0.1"


def test_what_it_costs_is_told_against_the_fastest_way_of_keras():
    claim = claims()["What does it cost?"]
    assert claim.verdict == "Per run, Keras takes 3 times as long (on xor)"
    assert "30 µs in Keras at its fastest (jit)" in claim.detail
    assert "10 µs per run in NumPy, which trains all runs together (40 µs if it trains one)" in claim.detail
    assert "30 µs in Keras at its fastest (jit), which trains one: 3 times as long" in claim.detail
    assert "as it is by default, 8 times" in claim.detail
    alone = "One run against one on xor: 36 to 44 µs in NumPy and 27 to 33 µs in Keras at its fastest over the rounds"
    assert f"{alone}; Keras is faster." in claim.detail
    wide = claims(update_cost=UPDATE_COST.assign(low=1e-6, high=1e-3))["What does it cost?"]
    assert wide.verdict == "Per run, Keras takes as long, within the measurement's range (on xor)"
    assert "the ranges meet" in wide.detail
    seconds = np.array([1e-5, 1e-5, 1e-6, 2e-6, 4e-6])
    tight = UPDATE_COST.assign(seconds=seconds, low=0.9 * seconds, high=1.1 * seconds)
    slower = claims(update_cost=tight)["What does it cost?"]
    assert slower.verdict == "Per run, Keras takes 0.2 times as long (on xor)" and "at its fastest (default)" in slower.detail
    lost = claims(update_cost=UPDATE_COST.assign(seconds=-UPDATE_COST["seconds"]))["What does it cost?"]
    assert lost.verdict == "Per run, Keras takes 1.5 times as long (on xor)"
    assert "was not measured: other work ran beside it." in lost.detail
    measured_in_training = claims(update_cost=UPDATE_COST[:0])["What does it cost?"]
    assert (
        measured_in_training.verdict == "Per run, Keras takes 1.5 times as long (on xor)"
        and "in numpy-bptt, which trains all" in measured_in_training.detail
    )


def test_a_study_without_the_named_variants_still_has_an_answer():
    found = claims(variants=("mine",))
    assert "mine" in found["Is xor learnt?"].detail and found["Is xor learnt?"].verdict == "By 0 of 1 variants, in most runs"
    assert claims(variants=("mine",), solved=2)["Is xor learnt?"].verdict == "By 1 of 1 variants, in most runs"
    assert "Does it match Keras?" in found


ONLINE, SIX = "Which online rules are as good as the exact one?", [f"v{number}" for number in range(6)]


def online(**changes):
    return claims(**of_rules(held(SIX, **changes)))[ONLINE]


def test_the_rules_of_online_learning_are_told_by_where_they_end():
    claim = online()
    assert claim.verdict == "0 of 5 (on xor)" and claim.evidence == "rules"
    assert "best snap1 0.15 [0.13, 0.17]; worst diagonal" in claim.detail
    assert "of 5 rules: exact 0.1 [0.08, 0.12]; best snap1" in claim.detail
    assert "within the margin: none; not shown to be or not to be: kf-rtrl." in claim.detail
    better = ["equivalent", "different", "equivalent", "equivalent", "not shown", "different"]
    other = online(iqm=[0.1, 0.3, 0.05, 0.13, 0.22, 0.25], as_good=better)
    assert other.verdict == "2 of 5 (on xor)" and "best uoro" in other.detail and "worst snap1" in other.detail
    assert "within the margin: uoro and kf-rtrl; not shown to be or not to be: elman." in other.detail
    assert online(as_good="untested").verdict == "The best is snap1 (on xor)"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.2, 0.9, "alignment predicts it"),
        (-0.2, 0.9, "alignment is not shown to predict it"),
        (-0.9, -0.2, "alignment predicts the reverse"),
        (np.nan, np.nan, "alignment is not shown to predict it"),
    ],
)
def test_whether_alignment_predicts_the_end_follows_the_interval(low, high, words):
    made = of_rules(held(SIX))
    found = claims(**{**made, "correlation": made["correlation"].assign(low=low, high=high)})[ONLINE]
    assert f"{words[0].upper()}{words[1:]} (rank correlation over" in found.detail


def test_where_no_rules_were_compared_nothing_is_claimed_of_them():
    assert ONLINE not in claims(**NO_RULES)
    assert ONLINE not in claims(variants=("numpy-posted",))
    assert "rank correlation" not in claims()[ONLINE].detail

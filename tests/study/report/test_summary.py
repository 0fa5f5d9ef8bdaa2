"""The first screen: whatever the data say, its sentences say it, and the page has them."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import planted
import pytest
from reports import NO_RULES, TASKS, provenance, report, several, tables

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.study.analysis import prequential
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.report.checks import Check, Severity, checks
from rnnbench.study.report.summary import derivation, summary

DEEPER = "With more recurrent layers, R of some is wrong too (see Court)."
FIVE = ("numpy-posted", "numpy-rtrl-online", "numpy-mlp", "keras", "keras-default")
LOW, MIDDLE, HIGH = [0.01, 0.02, 0.015], [0.1, 0.12, 0.11], [0.25, 0.26, 0.255]


def said(**changes):
    """The summary by question; the tables of five variants with a role, three replicates."""
    made = tables(**{"variants": FIVE, **changes})
    found = summary(made, TASKS, checks(made, provenance(made, ["xor"]), TASKS))
    for sentence in re.split(r"(?<=[.?!]) ", found.plain()):
        assert len(sentence.split()) <= 25, sentence
    return found, {tile.question: tile for tile in found.tiles}


def ends(posted=MIDDLE, exact=LOW, without=HIGH, keras=LOW, default=HIGH):
    return dict(zip(FIVE, (posted, exact, without, keras, default), strict=True))


class WeightsTwice(Bptt):
    """W of the recurrent layers counts twice."""

    def step(self, params, window, carry):
        step = super().step(params, window, carry)
        gradient = self.network.parameters(step.gradient)
        for i in range(self.network.depth):
            gradient.W[i][...] *= 2
        return step


@pytest.mark.parametrize(
    ("rule", "words", "missing"),
    [
        (Posted, "Yes, in one term: W and b need the recursion that you gave R.", True),
        (Bptt, "No: it is exact for every parameter.", False),
        (WeightsTwice, "Yes: it is wrong for W0.", False),
        (planted.PastAboveMissing, "Only with more layers than one: in W0, R1, b0", False),
        (planted.scaled(Bptt, lambda window: 2.0), "Yes, for every parameter.", False),
        (planted.scaled(Bptt, lambda window: np.nan), "Yes, for every parameter.", False),
    ],
)
def test_the_verdict_is_that_of_the_trial(rule, words, missing):
    found = derivation(tables(posted=rule).verdicts)
    assert found[0].startswith(words) and found[1] is missing


def test_what_only_more_layers_show_is_said_beside_what_one_shows():
    assert summary(tables(posted=Posted), TASKS, []).premise[0] == DEEPER
    for rule in (Bptt, WeightsTwice, planted.PastAboveMissing):
        assert DEEPER not in summary(tables(posted=rule), TASKS, []).premise


def test_a_task_whose_gain_is_counted_otherwise_has_its_numbers():
    made = several(tables(variants=FIVE, ends=ends()), ["xor", "elman"])
    tile = summary(made, {**TASKS, "elman": replace(TASKS["xor"], name="elman")}, []).tiles[1]
    assert tile.word == "Yes, on xor and elman"
    assert tile.sentence.endswith("On elman, squared error on the XOR bit 0.11; 0.01 with it.")


def test_a_derivation_that_was_not_tried_has_no_verdict():
    verdicts = tables().verdicts
    assert derivation(verdicts[verdicts["rule"] != "posted"]) == ("It was not tried.", False)


@pytest.mark.parametrize(
    ("changed", "question", "word", "sentence"),
    [
        ({}, "Does it beat no memory?", "Yes", "On xor: "),
        ({"posted": HIGH, "without": MIDDLE}, "Does it beat no memory?", "No, it does worse", "On xor: "),
        ({"posted": HIGH}, "Does it beat no memory?", "No", "On xor: "),
        ({"posted": [0.1, 0.3, 0.26]}, "Does it beat no memory?", "Not shown", "On xor: "),
        ({}, "Does the missing term matter?", "Yes, on xor", "On xor 1 of 3 runs learn it; 1 with the exact gradient."),
        ({"posted": LOW, "exact": MIDDLE}, "Does the missing term matter?", "It helps, on xor", "On xor 1 of 3 runs"),
        ({"posted": LOW}, "Does the missing term matter?", "Not shown", "On xor 1 of 3 runs"),
        ({}, "Why does Keras win?", "Mostly its gradient", "On xor: yours 0.11, with the exact gradient 0.01; Keras 0.01."),
        ({"exact": [0.07, 0.095, 0.08]}, "Why does Keras win?", "Partly its gradient", "On xor: yours 0.11, with the exact"),
        ({"exact": MIDDLE}, "Why does Keras win?", "Not by one thing alone", "On xor: Keras "),
        ({"keras": HIGH}, "Does Keras win?", "It loses", "On xor: Keras "),
        ({"keras": MIDDLE}, "Does Keras win?", "It does not", "On xor: Keras "),
        ({"keras": [0.1, 0.2, 0.01]}, "Does Keras win?", "Not shown to win", "On xor: Keras "),
    ],
)
def test_every_tile_follows_the_data(changed, question, word, sentence):
    tile = said(ends=ends(**changed))[1][question]
    assert tile.word == word and tile.sentence.startswith(sentence), tile


def test_keras_wins_by_its_recipe_where_that_closes_more_of_the_gap():
    variants = (*FIVE, "minibatch-posted")
    made = {**ends(posted=[0.2, 0.21, 0.22], exact=[0.15, 0.16, 0.18]), "minibatch-posted": [0.05, 0.08, 0.06]}
    found = tables(variants=variants, rungs=["numpy-posted", "minibatch-posted", "keras"], ends=made)
    tiles = {tile.question: tile for tile in summary(found, TASKS, []).tiles}
    tile = tiles["Why does Keras win?"]
    assert tile.word == "Mostly its recipe"
    assert tile.sentence == "On xor: yours 0.21, with the exact gradient 0.16, in its recipe 0.06; Keras 0.015."
    assert [name for name, _ in tile.rows] == ["yours", "yours, its recipe", "Keras"] and tile.evidence == "ladder-xor"


def test_two_ends_that_are_apart_do_not_look_alike():
    made = tables(variants=FIVE, ends=ends())
    near = {"numpy-posted": 0.25664, "numpy-mlp": 0.25701}
    final = made.final.assign(iqm=made.final["variant"].map(near).fillna(0.2), low=0.2, high=0.3)
    tile = summary(made.replaced(final=final), TASKS, []).tiles[0]
    assert tile.sentence == "On xor: 0.2566 against 0.257 without memory."


def test_what_was_not_run_is_said():
    found, tiles = said(variants=("mine",))
    assert found.task is None and found.premise == [DEEPER]
    assert {tile.word for question, tile in tiles.items() if question != "Can I trust this?"} == {"Not run"}
    alone = said(variants=("numpy-posted",))[1]
    assert {alone[q].word for q in ("Does it beat no memory?", "Does the missing term matter?", "Why does Keras win?")} == {
        "Not run"
    }


def test_trust_is_what_the_checks_find():
    tiles = said()[1]
    assert (
        tiles["Can I trust this?"].word == "5 trainings, no problems"
        and "agree to 5.0e-16 per update" in tiles["Can I trust this?"].sentence
    )
    bad = summary(tables(), TASKS, [Check(Severity.PROBLEM, "Mine is missing", "why")]).tiles[-1]
    assert bad.word == "3 trainings, 1 problem" and bad.sentence.endswith("1 problem: mine is missing.")
    named = summary(tables(), TASKS, [Check(Severity.NOTE, "NumPy and Keras in lockstep", "why")]).tiles[-1]
    assert named.sentence.endswith("1 note: NumPy and Keras in lockstep.")


def test_why_one_might_have_seen_no_gain_is_read_from_rates_and_curves():
    made = tables(variants=FIVE, ends=ends(), points=(0, 10, 20, 30, 40))
    rows = [("xor", "numpy-posted", rate, "mse_xor_bit", iqm, iqm, iqm, 3, 1.0, chosen, 0, 1.0) for rate, iqm, chosen in RATES]
    curves = made.curves.copy()
    late = (curves["variant"] == "numpy-posted") & (curves["examples"] > 200)
    curves.loc[late, ["iqm", "low", "high"]] = [0.02, 0.01, 0.03]
    made = made.replaced(learning_rates=pd.DataFrame(rows, columns=columns("learning_rates")), curves=curves)
    deeper, words = summary(made, TASKS, []).premise
    assert (
        deeper == DEEPER
        and words == "You may have seen no gain on xor, at a learning rate of 0.03 or less; on xor, in the first 200 bits."
    )


RATES = [(0.01, 0.25, 0), (0.03, 0.251, 0), (0.1, 0.05, 1), (1.0, 0.3, 0)]


@pytest.mark.parametrize("changed", [{}, {"posted": LOW, "keras": HIGH}, {"posted": HIGH, "exact": HIGH, "keras": HIGH}])
def test_the_page_and_the_terminal_say_the_same(tmp_path, changed):
    made = tables(variants=FIVE, ends=ends(**changed), **NO_RULES)
    found, _ = said(ends=ends(**changed), **NO_RULES)
    html = re.sub(r"\s+", " ", report(tmp_path, made, drawn=()).html)
    assert found.verdict in html and found.plain().startswith("Is my RNN gradient wrong? Yes, in one term")
    for tile in found.tiles:
        assert f'<h3>{tile.question}</h3> <p class="word">{tile.word}</p> <p>{tile.sentence}</p>' in html
        assert f"{tile.question} {tile.word}.\n    {tile.sentence}\n" in found.plain()
        assert all(len(sentence.split()) <= 25 for sentence in re.split(r"[.;] ", tile.sentence))


ROWS = [
    {"task": "xor", "variant": name, "mean": mean, "deviation": 0.01, "seeds": 10}
    for name, mean in (("numpy-posted", 0.11), ("keras", 0.9), ("absent", 0.5))
]
ASKED = [
    {"question": "Does it lose?", "task": "xor", "variant": "keras", "reference": "numpy-posted"},
    {"question": "Is it the rate?", "task": "xor", "variant": "absent", "reference": "keras"},
]


def reproduced(losses=((0.10, 0.12, 0.11, 0.11), (0.2, 0.22, 0.23, 0.21))):
    """A study that has a published table again and not the derivation in question."""
    found = {("xor", name): np.array(values) for name, values in zip(("numpy-posted", "keras"), losses, strict=True)}
    tested = {
        "published": prequential.published(found, [{"source": "somebody 2026", "rows": ROWS}]),
        "contrasts": prequential.contrasts(found, ASKED, 0.95),
    }
    made = tables(variants=FIVE)
    return made.replaced(**tested, verdicts=made.verdicts[made.verdicts["rule"] != "posted"])


def test_of_a_published_table_it_says_how_much_came_out_again():
    made = reproduced()
    found = summary(made, TASKS, checks(made, provenance(made, ["xor"]), TASKS))
    assert (found.question, found.verdict) == ("Does the published table come out again?", "1 of 2 rows agree.")
    lose, rate, trusted = found.tiles
    assert (lose.question, lose.word) == ("Does it lose?", "Worse on xor") and lose.evidence == "contrasts"
    assert re.fullmatch(r"Ratio of losses, keras to numpy-posted: 1\.9\d \[[\d., ]+\] on xor\.", lose.sentence)
    assert (rate.word, rate.sentence) == ("Not shown on xor", "Not both were run.") and trusted.question == "Can I trust this?"


def test_its_page_opens_with_the_figure_and_has_the_table(tmp_path):
    made = report(tmp_path, reproduced())
    first, rest = made.html.split('<section class="view" id="court"')
    assert "What is missing" not in first and "The published means, and those of here" in first
    assert "with the settings of the published table" in first and 'id="hero"' in first
    for words in ("Somebody else", "somebody 2026", 'id="table-published"', 'id="table-contrasts"', "Which of two learns better"):
        assert words in rest, words


def test_with_the_derivation_on_trial_that_is_the_question():
    made = reproduced().replaced(verdicts=tables(variants=FIVE).verdicts)
    assert summary(made, TASKS, checks(made, provenance(made, ["xor"]), TASKS)).question == "Is my RNN gradient wrong?"

"""The matrix of rules by parameters, and the cards: they say what the trial and the tables say."""

import pandas as pd
import pytest
from reports import FILES, TARGETS, TASKS, judged, tables, tried

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.study.probes import verdicts
from rnnbench.study.report import court
from rnnbench.trial import html

RECORDS = judged(posted=Posted, bptt=Bptt)
FOUND, PATHS = verdicts.findings(RECORDS), verdicts.paths(RECORDS)


def test_rules_of_which_the_same_is_found_stand_in_one_row_the_right_ones_first():
    twin = FOUND[FOUND["rule"] == "bptt"].assign(rule="other")
    found = court.matrix(pd.concat([FOUND, twin]), 1)
    assert found.parameters == ["W0", "R1", "b0", "W1", "b1"]
    assert [list(names) for names, _ in found.rows] == [["bptt", "other"], ["posted"]]
    assert [cell.kind for cell in found.rows[1][1]] == ["wrong", "right", "wrong", "right", "right"]


@pytest.mark.parametrize(
    ("verdict", "cosine", "kind", "word"),
    [
        ("exact", 1.0, "right", "exact"),
        ("unbiased but noisy", 0.9, "mean", "on average"),
        ("biased", 0.9, "wrong", "0.90"),
        ("biased", 0.9999, "wrong", "> .99"),
        ("biased", float("nan"), "wrong", "wrong"),
    ],
)
def test_a_cell_says_what_was_found(verdict, cosine, kind, word):
    row = pd.DataFrame([("a", 1, "R1", verdict, cosine)], columns=["rule", "depth", "parameter", "verdict", "cosine_median"])
    ((_, (cell,)),) = court.matrix(row, 1).rows
    assert (cell.kind, cell.word) == (kind, word)


def test_a_card_shows_what_the_page_of_a_trial_shows():
    """The same code makes both, from the findings or from the tables that they were written to."""
    verdict = tried("posted", Posted)
    assert verdicts.judged_again(FOUND, PATHS, "posted") == list(verdict.findings)
    card = next(card for card in court.rule_cards(tables(), TASKS) if card.name == "posted")
    page = html.page(verdict)
    for part in html.evidence(verdict.findings, "What is wrong, depth by depth", of=": posted"):
        assert part in card.evidence and part.replace(": posted", "") in page


def test_the_card_of_a_rule_says_where_it_is_from_who_has_it_and_where_it_ends():
    made = tables(variants=("numpy-posted", "numpy-bptt", "keras"))
    cards = {card.name: card for card in court.rule_cards(made, TASKS)}
    posted, facts = cards["posted"], dict(cards["posted"].facts)
    assert (
        facts["verdict"] == "posted is wrong."
        and facts["file"] == "src/rnnbench/gradients/posted.py"
        and "nan" not in facts.values()
    )
    assert posted.links == [("variant/numpy-posted", "numpy-posted")] and "recursion" in posted.code[1]
    assert dict(cards["uoro"].facts)["verdict"].startswith("not tried") and not cards["uoro"].evidence
    assert dict(cards["bptt"].facts)["on xor"] == "squared error on the XOR bit 0.10, 1 of 3 rules"


def test_the_card_of_a_variant_says_how_it_differs_where_it_ends_and_how_to_have_it():
    made = tables(ends={"numpy-posted": [0.25, 0.26, 0.24], "keras": [0.1, 0.11, 0.1]})
    cards = {card.name: card for card in court.variant_cards(made, TASKS, FILES)}
    facts = dict(cards["keras"].facts)
    assert facts["role"] == "keras-twin on xor" and facts["recipe"] == "online (xor)" and facts["changes in it"] == "none"
    assert "1 of 3 runs learn it; better beside numpy-posted; 9 updates of 30 µs" in facts["on xor"]
    assert cards["keras"].code == ("workflow/variants/keras.smk", FILES["keras"]) and cards["numpy-bptt"].code is None
    assert set(TARGETS) <= set(TASKS) and "role" not in dict(cards["numpy-bptt"].facts)

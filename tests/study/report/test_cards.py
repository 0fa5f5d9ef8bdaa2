"""Cards say what the trial and the tables say."""

from reports import FILES, TARGETS, TASKS, judged, tables, tried

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.study.probes import verdicts
from rnnbench.study.report import cards
from rnnbench.trial import html


def said(card):
    """The words of its facts, by name."""
    return {fact.name: fact.words for fact in card.facts}


RECORDS = judged(posted=Posted, bptt=Bptt)
FOUND, PATHS = verdicts.findings(RECORDS), verdicts.paths(RECORDS)


def test_a_card_shows_what_the_page_of_a_trial_shows():
    """The same code makes both, from the findings or from the tables that they were written to."""
    verdict = tried("posted", Posted)
    assert verdicts.judged_again(FOUND, PATHS, "posted") == list(verdict.findings)
    card = next(card for card in cards.rule_cards(tables(), TASKS) if card.name == "posted")
    page = html.page(verdict)
    for part in html.evidence(verdict.findings, "What is wrong, depth by depth", of=": posted"):
        assert part in card.evidence and part.replace(": posted", "") in page


def test_the_card_of_a_rule_says_where_it_is_from_who_has_it_and_where_it_ends():
    made = tables(variants=("numpy-posted", "numpy-bptt", "keras"))
    found = {card.name: card for card in cards.rule_cards(made, TASKS)}
    posted, facts = found["posted"], said(found["posted"])
    assert (
        facts["verdict"].startswith("posted is wrong: with 1 recurrent layer in W0")
        and facts["file"] == "src/rnnbench/gradients/posted.py"
        and "nan" not in facts.values()
    )
    assert posted.links == [("variant/numpy-posted", "numpy-posted")] and "recursion" in posted.code[1]
    assert said(found["uoro"])["verdict"].startswith("not tried") and not found["uoro"].evidence
    assert said(found["bptt"])["on xor"] == "squared error on the XOR bit 0.10, 1 of 3 rules"
    assert "µs per update and run" in said(found["bptt"])["cost on xor"]


def test_the_card_of_a_variant_says_how_it_differs_where_it_ends_and_how_to_have_it():
    made = tables(ends={"numpy-posted": [0.25, 0.26, 0.24], "keras": [0.1, 0.11, 0.1]})
    hashes = {"splits": "0123456789abcdef", "initial": "fedcba9876543210"}
    runs = [{"task": "xor", "variant": "keras", "hashes": hashes, "files": {}}]
    found = {card.name: card for card in cards.variant_cards(made, TASKS, FILES, runs)}
    facts = said(found["keras"])
    assert facts["role"] == "keras-twin on xor" and facts["recipe"] == "online (xor)" and facts["changes in it"] == "none"
    assert facts["on xor"].endswith("2 of 3 variants; 1 of 3 runs learn it; better beside numpy-posted")
    assert facts["cost on xor"].startswith("90 bits, 9 updates of 30 µs at a learning rate of")
    assert facts["SHA-256 on xor"] == "splits 0123456789ab, initial fedcba987654" and "SHA-256 on xor" not in said(
        found["numpy-bptt"]
    )
    assert found["keras"].code == ("workflow/variants/keras.smk", FILES["keras"]) and found["numpy-bptt"].code is None
    assert set(TARGETS) <= set(TASKS) and "role" not in said(found["numpy-bptt"])
    drawn = {name: next(fact.mark for fact in found[name].facts if fact.mark) for name in ("keras", "numpy-posted")}
    assert drawn["keras"].value > drawn["numpy-posted"].value and len(drawn["keras"].others) == 3

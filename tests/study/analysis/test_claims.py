"""What others found, tried here."""

import numpy as np
import pytest
from studies import XOR

from rnnbench.study.analysis.claims import claims
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.analysis.statistics import share_recovered
from rnnbench.study.settings import TaskSettings

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
STATISTICS = {"confidence": 0.95, "resamples": 200}
NOISE = np.random.default_rng(0).normal(0, 0.001, (3, 12))
ENDS = {"xor": {"exact": 0.02 + NOISE[0], "none": 0.10 + NOISE[1], "some": 0.04 + NOISE[2], "few": (0.02 + NOISE[0])[:4]}}


def asked(variant, without=None):
    tried = {"task": "xor", "variant": variant, "reference": "exact", **({"without": without} if without else {})}
    return [{"claim": "It does as well.", "source": "somebody", "tried": [tried]}]


def row(variant, without=None, margins=None):
    table = claims(ENDS, TASKS, asked(variant, without), {"xor": 0.01} if margins is None else margins, STATISTICS, 1)
    assert list(table.columns) == columns("claims") and len(table) == 1
    return table.iloc[0]


def test_a_claim_is_settled_by_the_margin():
    assert row("few")["verdict"] == "equivalent" and row("few")["replicates"] == 4
    some = row("some")
    assert some["verdict"] == "different" and some["difference"] == pytest.approx(0.02, abs=0.001)
    assert row("some", margins={"xor": 0.02})["verdict"] == "not shown"
    assert row("some", margins={"xor": 0.03})["verdict"] == "equivalent"
    assert np.isnan(some["recovered"])


def test_the_share_of_a_gain_is_told():
    some = row("some", "none")
    assert some["recovered"] == pytest.approx(0.75, abs=0.02)
    assert 0.7 < some["recovered_low"] < some["recovered"] < some["recovered_high"] < 0.8
    assert row("none", "none")["recovered"] == 0 and row("exact", "none")["recovered"] == 1


@pytest.mark.parametrize(
    "change", [{"variant": "absent"}, {"variant": "some", "margins": {}}, {"variant": "some", "without": "no"}]
)
def test_what_did_not_run_leaves_a_claim_untested(change):
    found = row(**change)
    assert found["verdict"] == "untested" and found["replicates"] == 0 and np.isnan(found["difference"])


def test_a_share_is_of_the_same_replicates():
    """What varies from replicate to replicate, alike in all, does not widen the interval."""
    common = np.random.default_rng(1).normal(0, 10, 20)
    found = share_recovered(common + 1, common + 2, common, **STATISTICS, seed=1)
    assert found == pytest.approx((0.5, 0.5, 0.5))
    assert np.isnan(share_recovered(common, common, common, **STATISTICS, seed=1)).all()

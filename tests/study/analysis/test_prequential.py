"""The loss of training: averaged over stretches, beside another variant's, and beside a published table."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from rnnbench.study.analysis import prequential
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.training.run import COLUMNS, Run


def run(values, task="henon", variant="mine"):
    """values: (block, replicate), blocks of 100 examples."""
    rows = [
        (task, variant, r, block, 100 * block, "training", "loss", value)
        for block, losses in enumerate(values, start=1)
        for r, value in enumerate(losses)
    ]
    rows += [(task, variant, r, 9, 900, "validation", "loss", 99.0) for r in range(len(values[0]))]
    return Run(pd.DataFrame(rows, columns=list(COLUMNS)), {"task": task, "variant": variant, "replicates": len(values[0])}, None)


BLOCKS = np.arange(1.0, 21).reshape(10, 2)


def test_stretches_begin_after_their_first_example_and_end_with_their_last():
    found = prequential.losses([run(BLOCKS)], [{"replicates": [0, 9], "examples": [[200, 400], [800, 900]]}])
    np.testing.assert_array_equal(found["henon", "mine"], BLOCKS[[2, 3, 8]].mean(0))
    np.testing.assert_array_equal(prequential.losses([run(BLOCKS)], [])["henon", "mine"], BLOCKS[9])


def test_replicates_may_have_stretches_of_their_own():
    blocks = np.arange(30.0).reshape(10, 3)
    first, second = ({"replicates": [k, k], "examples": [[100 * k, 100 * k + 200]]} for k in (0, 1))
    found = prequential.losses([run(blocks)], [second, first])["henon", "mine"]
    np.testing.assert_array_equal(found, [blocks[:2, 0].mean(), blocks[1:3, 1].mean(), blocks[9, 2]])


def test_a_run_that_kept_no_losses_is_not_there_and_one_without_that_stretch_is_missing():
    kept = run(BLOCKS)
    silent = kept.curves[kept.curves["split"] != "training"]
    assert prequential.losses([Run(silent, kept.provenance, None)], []) == {}
    never = [{"replicates": [0, 1], "examples": [[5000, 6000]]}]
    assert np.isinf(prequential.losses([kept], never)["henon", "mine"]).all()


def test_a_replicate_that_diverged_is_infinite_and_counted():
    blocks = BLOCKS.copy()
    blocks[9, 1] = np.nan
    found = prequential.losses([run(blocks)], [])
    table_of_one = prequential.summary(found)
    row = table_of_one.iloc[0]
    assert list(table_of_one.columns) == columns("prequential")
    assert row["least"] == 19 and np.isinf(row["mean"]) and np.isinf(row["most"]) and np.isnan(row["deviation"])
    assert row["replicates"] == 2 and row["diverged"] == 1
    assert prequential.published(found, table(mean=19, deviation=1e9)).iloc[0]["verdict"] == "differs"


def table(**changes):
    row = {"task": "henon", "variant": "mine", "mean": 10.0, "deviation": 3.0, "seeds": 10, **changes}
    return [{"source": "somebody", "rows": [row]}]


@pytest.mark.parametrize(("apart", "verdict"), [(1.99, "agrees"), (-1.99, "agrees"), (2.01, "differs"), (-2.01, "differs")])
def test_two_standard_errors_of_the_difference_decide(apart, verdict):
    """That of a mean over n is the sample's deviation over the root of n; what is published is the population's."""
    published = np.random.default_rng(0).normal(size=10)
    published = 10 + 3 * (published - published.mean()) / published.std()
    ours = np.random.default_rng(1).normal(size=6)
    error = np.sqrt(published.var(ddof=1) / 10 + ours.var(ddof=1) / 6)
    ours += 10 + apart * error - ours.mean()
    row = prequential.published({("henon", "mine"): ours}, table()).iloc[0]
    assert row["standard_error"] == pytest.approx(error) and row["difference"] == pytest.approx(apart * error)
    assert row["verdict"] == verdict and row["replicates"] == 6 and row["deviation"] == pytest.approx(ours.std())


def test_what_did_not_run_is_said():
    row = prequential.published({}, table()).iloc[0]
    assert row["verdict"] == "not run" and row["replicates"] == 0 and np.isnan(row["mean"])


def contrast(variant, reference="exact", question="Why?"):
    return {"question": question, "task": "henon", "variant": variant, "reference": reference}


def test_contrasts_are_paired_ratios_corrected_over_all_that_ran():
    noise = np.random.default_rng(0).normal(0, 0.3, (3, 10))
    found = {
        ("henon", "exact"): np.exp(noise[0]),
        ("henon", "half"): 0.5 * np.exp(noise[0] + 0.1 * noise[1]),
        ("henon", "like"): np.exp(noise[2]),
        ("henon", "short"): np.exp(noise[0])[:4],
    }
    asked = [contrast("half"), contrast("like"), contrast("absent"), contrast("short"), contrast("exact", "half")]
    table = prequential.contrasts(found, asked, 0.95)
    half, like, absent, short, worse = table.to_dict("records")
    assert list(table.columns) == columns("contrasts")
    assert half["ratio"] == pytest.approx(0.5, rel=0.1) and half["low"] < half["ratio"] < half["high"] < 0.6
    assert half["better"] == "better" and worse["better"] == "worse" and worse["ratio"] == pytest.approx(1 / half["ratio"])
    assert like["better"] == "not shown" and like["p"] == pytest.approx(ttest_rel(noise[2], noise[0]).pvalue)
    assert absent["better"] == "not shown" and absent["replicates"] == 0 and np.isnan(absent["p_holm"])
    assert short["better"] == "the same" and short["replicates"] == 4 and short["ratio"] == 1
    assert half["p_holm"] > half["p"]


def test_a_replicate_that_diverged_in_either_is_left_out_of_a_contrast():
    found = {("henon", "exact"): np.array([1.0, 2, 3, np.inf]), ("henon", "mine"): np.array([2.0, 4.1, np.inf, 8])}
    row = prequential.contrasts(found, [contrast("mine")], 0.95).iloc[0]
    assert row["replicates"] == 2 and row["ratio"] == pytest.approx(np.sqrt(2 * 2.05))

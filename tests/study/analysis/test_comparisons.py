"""Tables of comparisons from small runs in memory, whose numbers can be worked out by hand."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from reports import judged, of_variants
from scipy.stats import ttest_rel
from studies import XOR

from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.study.analysis import comparisons
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.analysis.summaries import cost, final
from rnnbench.study.analysis.tables import Tables
from rnnbench.study.probes import verdicts
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.run import COLUMNS, Run

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
KNOWN = of_variants(["numpy-posted", "numpy-bptt", "keras"])
RULES = verdicts.rules(judged(bptt=Bptt, rtrl=Rtrl))
METRIC = TASKS["xor"].kind.metrics[0]
STATISTICS = {"confidence": 0.95, "resamples": 100}
ENDS = {"numpy-posted": [0.25, 0.26, 0.24], "numpy-bptt": [0.1, 0.12, 0.1], "keras": [0.1, 0.12, np.nan]}


def made(variant, test, validation=None, seconds=(0, 3, 6)):
    """A run kept after 0, 60 and 120 bits; validation: (replicate, point)."""
    validation = np.array(validation if validation is not None else [[0.3, 0.2, 0.1]] * len(test))
    rows = [
        ("xor", variant, replicate, updates, 2 * updates, "validation", METRIC.name, validation[replicate, point])
        for replicate in range(len(test))
        for point, updates in enumerate((0, 30, 60))
    ]
    for metric in TASKS["xor"].kind.metrics:
        rows += [("xor", variant, replicate, 60, 120, "test", metric.name, value) for replicate, value in enumerate(test)]
    provenance = {
        "task": "xor",
        "variant": variant,
        "recipe": {"name": "online", "learning_rate": 0.05},
        "replicates": len(test),
        "diverged": [None] * len(test),
        "gradient": "bptt",
        "updates": 60,
        "examples": 120,
    }
    timing = {"updates": [0, 30, 60], "seconds": list(seconds), "training_seconds": seconds[-1]}
    return Run(pd.DataFrame(rows, columns=list(COLUMNS)), {**provenance, "timing": timing}, None)


@pytest.fixture
def ends():
    return comparisons.endings([made(variant, values) for variant, values in ENDS.items()], TASKS)


def test_a_diverged_replicate_has_the_worst_value(ends):
    np.testing.assert_array_equal(ends["xor"]["keras"], [0.1, 0.12, METRIC.worst])


def test_every_variant_against_the_posted_one(ends):
    table = comparisons.comparisons(ends, KNOWN, TASKS, {}, STATISTICS, 1).set_index("variant")
    assert list(table.index) == ["numpy-bptt", "keras"] and (table["reference"] == "numpy-posted").all()
    assert table.loc["numpy-bptt", "difference"] == pytest.approx(-0.43 / 3)
    assert table.loc["numpy-bptt", "p_holm"] == pytest.approx(2 * table.loc["numpy-bptt", "p"])
    assert table["better"].tolist() == ["better", "not shown"]  # a lower error is better; one of keras diverged
    assert table["improvement"].tolist() == pytest.approx([1, 2 / 3])


def test_the_top_of_a_ladder_against_its_bottom(ends):
    ladders = {"xor": [{"title": "up", "rungs": [{"variant": "numpy-bptt", "change": ""}, {"variant": "keras", "change": ""}]}]}
    table = comparisons.comparisons(ends, KNOWN, TASKS, ladders, STATISTICS, 1)
    last = table.iloc[-1]
    assert len(table) == 3 and (last["variant"], last["reference"]) == ("keras", "numpy-bptt")
    assert last["p_holm"] == last["p"]  # a family of its own


def test_numpy_is_held_against_keras_where_there_is_a_margin(ends):
    table = comparisons.equivalences(ends, KNOWN, RULES, TASKS, {"xor": 0.01}, 0.95)
    assert table[["variant", "reference", "verdict"]].to_numpy().tolist() == [["numpy-bptt", "keras", "not shown"]]
    assert table["level"].item() == 0.9 and table["margin"].item() == 0.01
    assert comparisons.equivalences(ends, KNOWN, RULES, TASKS, {}, 0.95).empty
    same = {"xor": {**ends["xor"], "keras": ends["xor"]["numpy-bptt"]}}
    assert comparisons.equivalences(same, KNOWN, RULES, TASKS, {"xor": 0.01}, 0.95)["verdict"].item() == "equivalent"


def test_a_score_of_0_is_chance_and_1_is_perfect():
    ends = {"xor": {"numpy-posted": np.full(4, 0.25), "perfect": np.zeros(4), "half": np.full(4, 0.125)}}
    table = comparisons.scores(ends, KNOWN, TASKS, STATISTICS, 1).set_index("variant")
    assert table["iqm"].to_dict() == pytest.approx({"numpy-posted": 0, "perfect": 1, "half": 0.5})
    assert np.isnan(table.loc["numpy-posted", "improvement"]) and table.loc["perfect", "improvement"] == 1


def test_time_to_target_is_a_median_in_which_never_is_infinite():
    late, soon, never, diverged = [0.3, 0.2, 0.05], [0.3, 0.04, 0.2], [0.3, 0.2, 0.1], [0.3, np.nan, np.nan]
    runs = [
        made("most", [0.1] * 3, [late, soon, never]),
        made("half", [0.1] * 4, [late, soon, never, diverged]),
        made("all", [0.1] * 2, [soon, soon], seconds=(0, 4, 6)),
    ]
    table = comparisons.to_target(runs, TASKS, {"xor": 0.05}).set_index("variant")
    assert table["reached"].tolist() == [2, 2, 2] and table["replicates"].tolist() == [3, 4, 2]
    assert table["updates"].tolist() == [60, np.inf, 30]
    assert table["passes"].tolist() == [2, np.inf, 1]  # a pass is the stream's 60 bits
    assert table["seconds"].tolist() == [2, np.inf, 2]  # of all replicates, shared among them
    assert comparisons.to_target(runs, TASKS, {}).empty


def climbed(rungs, confidence=0.95, **changes):
    runs = [made(variant, values) for variant, values in {**ENDS, **changes}.items()]
    ended, reached = final(runs, TASKS, {"xor": 0.11}, STATISTICS, 1), comparisons.to_target(runs, TASKS, {"xor": 0.11})
    one = {"title": "up", "rungs": [{"variant": variant, "change": f"with {variant}"} for variant in rungs]}
    along = comparisons.endings(runs, TASKS), comparisons.courses(runs, TASKS)
    return comparisons.ladder(ended, cost(runs), reached, *along, TASKS, {"xor": [one]}, confidence)


def test_a_ladder_compares_each_rung_with_the_one_below():
    table = climbed(["numpy-posted", "numpy-bptt", "keras"], keras=ENDS["numpy-bptt"])
    assert list(table.columns) == columns("ladder") and table["rung"].tolist() == [1, 2, 3]
    assert table["better"].fillna("").tolist() == ["", "better", "the same"]
    assert table["difference"].tolist()[1:] == pytest.approx([-0.43 / 3, 0])
    assert table["solved"].tolist() == [0, 2, 2] and table["passes_to_target"].tolist() == [2, 2, 2]
    downwards = climbed(["numpy-bptt", "numpy-posted"])
    assert downwards["better"].fillna("").tolist() == ["", "worse"]


def test_a_ladder_is_read_at_equal_updates_too():
    early = {"numpy-posted": [[0.5, 0.4, 0.3]] * 3, "numpy-bptt": [[0.5, 0.1, 0.05], [0.5, 0.2, 0.1], [0.5, 0.1, 0.1]]}
    runs = [made(variant, ENDS[variant], validation) for variant, validation in early.items()]
    made_fewer = cost(runs).assign(updates=[60, 31])
    one = {"title": "up", "rungs": [{"variant": variant, "change": "x"} for variant in early]}
    ended, reached = final(runs, TASKS, {"xor": 0.11}, STATISTICS, 1), comparisons.to_target(runs, TASKS, {"xor": 0.11})
    along = comparisons.endings(runs, TASKS), comparisons.courses(runs, TASKS)
    row = comparisons.ladder(ended, made_fewer, reached, *along, TASKS, {"xor": [one]}, 0.95).iloc[1]
    assert row["at_updates"] == 31 and row["updates"] == 31
    assert row["difference_at"] == pytest.approx(np.mean([0.1, 0.2, 0.1]) - 0.4)  # at the kept point next to it
    assert row["difference"] == pytest.approx(np.mean(np.subtract(ENDS["numpy-bptt"], ENDS["numpy-posted"])))


def test_the_steps_of_a_ladder_are_one_family():
    ends = {"numpy-posted": [0.25, 0.26, 0.24], "numpy-bptt": [0.1, 0.12, 0.1], "keras": [0.12, 0.13, 0.15]}
    table = climbed(list(ends), **ends)
    first, second = (ttest_rel(ends[here], ends[below]).pvalue for below, here in pairwise(ends))
    assert first < second and table["p_holm"].tolist()[1:] == pytest.approx([2 * first, max(2 * first, second)])


def test_a_rung_that_was_not_run_is_missing_and_not_stepped_over():
    table = climbed(["numpy-posted", "numpy-elman", "numpy-bptt"])
    assert table["replicates"].tolist() == [3, 0, 3]
    assert (
        table["difference"].isna().all() and table["better"].isna().all() and table["iqm"].isna().tolist() == [False, True, False]
    )


def test_a_small_difference_between_few_replicates_is_not_shown():
    table = climbed(["numpy-bptt", "keras"], keras=[0.09, 0.11, 0.098])
    assert table["better"].tolist()[1] == "not shown"


def test_a_renamed_variant_keeps_its_role(ends):
    renamed = {"xor": {"mine": ends["xor"]["numpy-posted"], **{name: ends["xor"][name] for name in ("numpy-bptt", "keras")}}}
    known = KNOWN.replace({"variant": {"numpy-posted": "mine"}})
    table = comparisons.comparisons(renamed, known, TASKS, {}, STATISTICS, 1)
    assert table["reference"].tolist() == ["mine", "mine"] and table["variant"].tolist() == ["numpy-bptt", "keras"]


def test_twins_have_the_recipe_of_keras_unchanged_and_an_exact_gradient(ends):
    more = dict.fromkeys(("numpy-rtrl", "numpy-tbptt", "other"), ends["xor"]["numpy-bptt"])
    known = of_variants([*ends["xor"], *more])
    known.loc[known["variant"] == "numpy-tbptt", "change"] = '{"window": 7}'
    known.loc[known["variant"] == "other", "recipe"] = "another"
    table = comparisons.equivalences({"xor": {**ends["xor"], **more}}, known, RULES, TASKS, {"xor": 0.01}, 0.95)
    assert table["variant"].tolist() == ["numpy-bptt", "numpy-rtrl"]


def test_a_ladder_comes_back_as_it_was_written(tmp_path):
    table = climbed(["numpy-posted", "numpy-elman", "numpy-bptt", "keras"], keras=ENDS["numpy-bptt"])
    Tables({"ladder": table}).write(tmp_path)
    pd.testing.assert_frame_equal(Tables.read(tmp_path).ladder, table, check_dtype=False)

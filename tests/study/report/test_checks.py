"""The checks of a study: each planted fault is found, and found to be as grave as it is."""

import pandas as pd
import pytest
from reports import ENVIRONMENT, HASHES, TASKS, provenance, tables

from rnnbench.study.analysis.specifications import columns
from rnnbench.study.report.checks import checks


def found(made=None, **changes):
    made = made or tables(variants=("numpy-posted", "numpy-bptt"), replicates=8)
    record = {**provenance(made, TASKS), **changes}
    return {check.what: check for check in checks(made, record, TASKS)}


def one(severity, of):
    """The only check of that severity."""
    (check,) = (check for check in of.values() if check.severity == severity)
    return f"{check.what}: {check.detail}"


def test_a_sound_study_has_nothing_to_say():
    of = found()
    assert {"note", "problem"}.isdisjoint(check.severity for check in of.values())
    assert of["The code is that of a commit"].detail == "abc"
    assert of["Runs on xor, 2, were made on the same ground"].detail.startswith("SHA-256: splits 555555555555…, initial 1111")


@pytest.mark.parametrize(("error", "severity"), [(1e-14, "fine"), (1e-6, "problem"), (float("nan"), "problem")])
def test_an_oracle_that_disagrees_is_a_problem(error, severity):
    made = tables().replaced(yardstick=pd.DataFrame({"relative_error": [1e-15, error]}))
    assert found(made)["The exact gradient against TensorFlow's automatic differentiation"].severity == severity


@pytest.mark.parametrize(("drift", "severity"), [(1e-15, "fine"), (1e-6, "problem"), (float("nan"), "problem")])
def test_drift_from_keras_is_a_problem(drift, severity):
    assert found(tables(drift=drift))["NumPy and Keras in lockstep on xor, float64"].severity == severity


def test_rounding_that_grows_is_no_other_algorithm():
    """As on images read pixel by pixel: equal in the first updates, and far apart after two hundred."""
    made = tables()
    grown = made.replaced(lockstep=made.lockstep.assign(difference=[0.0, 1e-16, 0.1]))
    check = found(grown)["NumPy and Keras in lockstep on xor, float64"]
    assert check.severity == "note" and "In the first 5 it is 1.0e-16, and more than 1e-10 from update 200 on" in check.detail


@pytest.mark.parametrize(
    ("before", "along", "severity"),
    [
        (1e-15, [1e-14, float("nan")], "fine"),
        (1e-9, [1e-14], "problem"),
        (1e-15, [1e-9], "problem"),
        (float("nan"), [0.0], "problem"),
    ],
)
def test_a_backward_pass_that_is_not_the_rule_is_a_problem(before, along, severity):
    made = tables(variants=("numpy-posted", "numpy-bptt"), replicates=8)
    variants = made.variants.astype({"backward": object})
    variants.loc[variants["variant"] == "numpy-posted", ["backward", "backward_updates", "backward_error"]] = (
        "B",
        5,
        before,
    )
    rows = [("xor", "numpy-posted", point, "backward error", error) for point, error in enumerate(along)]
    statistics = pd.DataFrame(rows, columns=["task", "variant", "updates", "quantity", "high"])
    check = found(made.replaced(variants=variants, gradient_statistics=statistics))[
        "On xor, posted was trained by a backward pass"
    ]
    assert check.severity == severity
    assert "numpy-posted: weights stand still within a sequence, and B finds the gradient of posted" in check.detail
    assert f"at the first 5 updates, and at {len(along)} points" in check.detail


def test_diverged_replicates_are_told():
    told = found(tables(variants=("numpy-posted", "keras")))["keras diverged on xor"]
    assert told.severity == "note" and told.detail.startswith("1 of 3 runs")


def test_other_ground_and_other_machines_are_told():
    made = tables(variants=("numpy-posted", "numpy-bptt"))
    runs = provenance(made, TASKS)["runs"]
    apart = [runs[0], {**runs[1], "hashes": {**HASHES, "initial": "2" * 64}}]
    assert "numpy-bptt was run on other initial than numpy-posted" in one("problem", found(runs=apart))
    newer = [runs[0], {**runs[1], "environment": {**ENVIRONMENT, "python": "3.13.1"}}]
    assert found(runs=newer)["Runs were made in different environments"].detail == "They differ in python."


def test_other_kinds_of_cpu_are_told():
    """What is compared should be of one; runs of different tasks are not compared."""
    runs = provenance(tables(variants=("numpy-posted", "numpy-bptt")), TASKS)["runs"]
    elsewhere = [runs[0], {**runs[1], "environment": {**ENVIRONMENT, "cpu": "another"}}]
    told = one("note", found(runs=elsewhere))
    assert told.startswith("Runs on xor were made on different kinds of CPU: a CPU: numpy-posted; another: numpy-bptt.")
    assert "All runs were made in the same environment" in found(runs=elsewhere)
    other_task = [elsewhere[0], {**elsewhere[1], "task": "elman"}]
    assert not [what for what in found(runs=other_task) if "kinds of CPU" in what]
    blocks = [runs[0], {**runs[1], "environments": [ENVIRONMENT, {**ENVIRONMENT, "cpu": "another"}]}]
    told = one("note", found(runs=blocks))
    assert told.startswith(
        "Runs on xor were made on different kinds of CPU: a CPU: numpy-posted, numpy-bptt; another: numpy-bptt."
    )
    measured = found(measured_on={"node": "n7", "cpu": "a third"})
    assert one("note", measured) == (
        "Times of gradients and updates were measured on another kind of CPU than the runs: Node n7, a third."
    )
    assert found()["Times of gradients and updates were measured"].detail == "Node n1, a CPU."


@pytest.mark.parametrize(
    ("commit", "words"),
    [("abc+", "Files were changed or added since the commit"), ("unknown", "The code is not of a known commit")],
)
def test_code_that_others_cannot_have_is_told(commit, words):
    assert found(commit=commit)[words].severity == "note"


def test_the_gravest_come_first():
    gone = [{"what": "mine on xor", "task": "xor", "why": "ValueError"}]
    order = [check.severity for check in found(missing=gone).values()]
    assert order == sorted(order, key=["problem", "note", "fine"].index) and order[0] == "problem"


def test_what_is_left_out_is_told():
    config = {"tasks": {"xor": {}}, "leave_out": {"xor": ["slow", "slower"], "mnist": []}}
    told = found(config=config)["Left out on xor"]
    assert told.severity == "note" and told.detail == "By the config, to save time: slow, slower."


def test_few_replicates_are_told():
    few = found(tables(variants=("numpy-posted", "numpy-bptt"), replicates=5))
    assert one("note", few).startswith("Few runs on xor: n = 5 runs of 2 variants")


def rates(*chosen):
    """The table of learning rates with a grid of three: for each variant, which of them was chosen."""
    rows = [
        ("xor", f"v{number}", rate, "mse_xor_bit", 0.1, 0.0, 0.2, 4, 1.0, int(rate == best), int(rate != 0.1), 1.0)
        for number, best in enumerate(chosen)
        for rate in (0.01, 0.1, 1.0)
    ]
    return pd.DataFrame(rows, columns=columns("learning_rates"))


def test_a_rate_at_the_edge_of_its_grid_is_told():
    made = tables(variants=("numpy-posted", "numpy-bptt"), replicates=8)
    assert "Every learning rate that was chosen lies within its grid" in found(made.replaced(learning_rates=rates(0.1, 0.1)))
    told = one("note", found(made.replaced(learning_rates=rates(0.1, 1.0, 0.01))))
    assert told == "Learning rates at the edge of the grid on xor: A better one may lie beyond: v1 (1), v2 (0.01)."


def test_unequal_data_are_told():
    made = tables(variants=("numpy-posted", "numpy-bptt", "keras"), replicates=8)
    cost = made.cost.assign(examples=[90, 90, 120])
    told = found(made.replaced(cost=cost))["Some comparisons on xor are at unequal data"]
    assert told.severity == "note" and told.detail.startswith("Bits seen: ") and "keras 120" in told.detail
    many = tables(variants=("numpy-posted", *(f"v{number}" for number in range(8))), replicates=8)
    seen = many.cost.assign(examples=[180, *[90] * 8])
    told = found(many.replaced(cost=seen))["Some comparisons on xor are at unequal data"]
    assert told.detail == f"Bits seen: {', '.join(f'v{number} 90' for number in range(8))}, numpy-posted 180."
    assert found(made)["All comparisons on xor are at equal data"].severity == "fine"

"""Rules beside the exact gradient at the weights of one run."""

import numpy as np
import pytest
from studies import XOR, prepared

from rnnbench.gradients.registry import RULES
from rnnbench.network import Network
from rnnbench.study.jobs.log import Progress
from rnnbench.study.probes import beside_exact
from rnnbench.study.probes.alignment import alignment
from rnnbench.study.probes.diagnostics import first
from rnnbench.study.training import numpy_trainer
from rnnbench.study.training.schedule import Schedule
from rnnbench.trial.exactness import gradient_of


def test_measures_of_draws_that_are_known():
    rng = np.random.default_rng(0)
    exact = rng.normal(size=(400, 5))
    size = np.linalg.norm(exact, axis=1, keepdims=True)
    noise = rng.normal(size=(400, 4, 5)) * size[:, None] * 0.3
    found = dict(beside_exact.measures(0.5 * exact[:, None] + noise, exact))
    assert found["squared bias"].mean() == pytest.approx(0.25, abs=0.02)
    assert found["variance"].mean() == pytest.approx(5 * 0.3**2, rel=0.05)
    unbiased = dict(beside_exact.measures(exact[:, None] + noise, exact))["squared bias"]
    assert abs(unbiased.mean()) < 4 * unbiased.std() / 20 and (unbiased < 0).any()
    still = dict(beside_exact.measures(np.repeat(-2 * exact[:, None], 3, axis=1), exact))
    np.testing.assert_allclose(still["cosine"], -1)
    np.testing.assert_allclose(still["norm ratio"], 2)
    np.testing.assert_allclose(still["squared bias"], 9)
    np.testing.assert_allclose(still["variance"], 0, atol=1e-30)


def test_exact_rules_and_those_of_other_networks_are_not_compared():
    assert beside_exact.compared(Network(1, (3,), 1), RULES) == [
        name for name in RULES if name not in ("bptt", "replay", "rtrl", "mlp", "diagonal")
    ]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    ground = prepared(tmp_path_factory.mktemp("ground"), recipes={**XOR["recipes"], "rules": XOR["recipes"]["minibatch"]})
    schedule = Schedule(ground.task, ground.task.recipes["rules"])
    rule = RULES["bptt"](ground.task.network)
    trajectory = numpy_trainer.train(ground, schedule, rule, Progress("", schedule.updates, "update"))
    rules = ["bptt", "elman", "tbptt", "uoro", "kf-rtrl", "dni", "diagonal"]
    return (
        ground,
        schedule,
        trajectory,
        beside_exact.measure(schedule, ground.splits, trajectory, rules, Progress("", 6, "point")),
    )


def test_every_rule_and_replicate_has_its_quantities(compared):
    ground, schedule, trajectory, table = compared
    assert list(table.columns) == beside_exact.COLUMNS and table["value"].notna().all()
    assert set(table["rule"]) == {"elman", "tbptt", "uoro", "kf-rtrl", "dni"}
    assert set(table["quantity"]) == {"cosine", "norm ratio", "variance", "squared bias"}
    assert set(table["replicate"]) == set(range(ground.task.replicates)) and {0, schedule.updates} <= set(table["updates"])
    assert not table.duplicated(beside_exact.COLUMNS[:-1]).any()
    noise = table[table["quantity"] == "variance"].groupby("rule")["value"].median()
    assert noise["elman"] < 1e-20 and noise["dni"] < 1e-20 and noise["kf-rtrl"] < noise["uoro"]


def test_the_cosine_is_that_of_the_recurrent_layers(compared):
    ground, schedule, trajectory, table = compared
    network = ground.task.network
    window = first(schedule.cut(ground.splits["validation"]), beside_exact.SEQUENCES).window()
    params = network.parameters(trajectory.vector[-1].astype(np.float64))
    both = np.stack([gradient_of(RULES[rule](network), params, window) for rule in ("elman", "bptt")])
    expected = alignment(both[:, :, : network.recurrent_parameters[-1]]).cosine[:, 0, 1]
    last = table[(table["updates"] == schedule.updates) & (table["rule"] == "elman") & (table["quantity"] == "cosine")]
    np.testing.assert_allclose(last.sort_values("replicate")["value"], expected)


def test_rules_that_learn_are_taught_first(compared, monkeypatch):
    ground, schedule, trajectory, table = compared
    monkeypatch.setattr(beside_exact, "LESSONS", 0)
    untaught = beside_exact.measure(schedule, ground.splits, trajectory, ["dni", "elman"], Progress("", 6, "point"))
    for rule, same in (("elman", True), ("dni", False)):
        before, after = (t[(t["rule"] == rule) & (t["quantity"] == "cosine")]["value"].to_numpy() for t in (untaught, table))
        assert np.array_equal(before, after) == same

import numpy as np
import pytest
from strategies import problem
from studies import prepared

from rnnbench.gradients.base import Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network
from rnnbench.study.jobs.log import Progress
from rnnbench.study.probes import diagnostics
from rnnbench.study.probes.alignment import alignment
from rnnbench.study.training.numpy_trainer import train
from rnnbench.study.training.schedule import Schedule, pieces
from rnnbench.trial.exactness import EXACT, gradient_of, relative_errors


def bptt(network, params, window):
    return gradient_of(Bptt(network), params, window)


@pytest.mark.parametrize("size", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("block", ["W0", "R1", "b0", "W1", "R2", "b1", "W2", "b2"])
def test_a_planted_error_is_caught_in_its_parameter(block, size):
    class Slip(Bptt):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            self.network.parameters(step.gradient).blocks()[block][...] *= 1 + size
            return Step(*step)

    network = Network(2, (3, 3), 2, "tanh")
    case = problem(np.random.default_rng(0), network, 2, 6, 3, slice(0, 6))
    errors = relative_errors(network, gradient_of(Slip(network), *case[1:]), bptt(*case))
    assert {name for name, error in errors.items() if error > EXACT} == {block}


def test_a_gradient_where_there_is_none_is_infinitely_wrong():
    network = Network(1, (1,), 1)
    zero, one = np.zeros((1, network.parameter_count)), np.ones((1, network.parameter_count))
    assert set(relative_errors(network, one, zero).values()) == {np.inf}
    assert set(relative_errors(network, zero, zero).values()) == {0.0}


def test_a_gradient_that_is_not_a_number_is_not_exact():
    network = Network(1, (1,), 1)
    one = np.ones((1, network.parameter_count))
    for bad in (np.nan, np.inf):
        assert not any(error <= EXACT for error in relative_errors(network, one * bad, one).values())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    ground = prepared(tmp_path_factory.mktemp("ground"), hidden=[4, 3])
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {"window": 5}))
    return ground, schedule, train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))


def test_diagnostics(run):
    ground, schedule, trajectory = run
    table = diagnostics.diagnose("mine", "bptt", schedule, ground.splits, trajectory)
    assert set(table["quantity"]) == {
        *("gradient norm", "spectral radius", "update to weight", "cosine", "norm ratio", "sign agreement"),
        *("pair cosine", "pair norm ratio", "pair sign agreement"),
        *("lag norm", "lag rate", "singular value", "Lyapunov exponent", "saturated units", "rms error"),
    }
    assert list(table.columns) == diagnostics.COLUMNS and table["value"].notna().all()
    assert not table.duplicated(diagnostics.COLUMNS[:-1]).any()
    assert set(table["updates"]) >= {0, schedule.updates}
    cosines = table[table["quantity"] == "cosine"].groupby("of")["value"]
    assert cosines.max()["elman"] < 1 - 1e-3 and cosines.max()["posted"] < 1 - 1e-3
    assert cosines.max()["as trained"] < 1 - 1e-6  # the run's own windows of 5 steps cut its gradient
    radius = table[(table["quantity"] == "spectral radius") & (table["updates"] == 0)]["value"]
    np.testing.assert_allclose(radius, 1, rtol=1e-12)  # it starts orthogonal
    R = ground.task.network.parameters(trajectory.vector[-1]).R[1]
    ended = table[(table["quantity"] == "spectral radius") & (table["updates"] == schedule.updates) & (table["of"] == "R1")]
    np.testing.assert_allclose(ended["value"], np.abs(np.linalg.eigvals(R)).max(-1), rtol=1e-9)


def test_all_pairs_at_three_points(run):
    ground, schedule, trajectory = run
    table = diagnostics.diagnose("mine", "bptt", schedule, ground.splits, trajectory)
    pairs = table[table["quantity"] == "pair cosine"]
    # The gradients of every kept point, so that a change can be seen where it happens; what is dear at few of them.
    assert table.loc[table["quantity"] == "cosine", "updates"].unique().tolist() == trajectory.updates.tolist()
    points = table.loc[table["quantity"] == "lag norm", "updates"].unique()
    assert len(points) <= diagnostics.SNAPSHOTS
    assert set(pairs["updates"]) == {0, points[len(points) // 2], schedule.updates}
    compared = ["exact", *diagnostics.BESIDE]
    assert pairs["of"].nunique() == len(compared) * (len(compared) + 1) // 2  # and "as trained"
    # A pair with the exact gradient is the cosine to it.
    last = table[(table["updates"] == schedule.updates) & (table["quantity"].isin(["pair cosine", "cosine"]))]
    values = last.groupby("of")["value"].mean()
    for rule in ("posted", "elman", "as trained"):
        assert values[f"{rule} | exact"] == pytest.approx(values[rule])


def test_a_rule_has_the_seed_that_it_was_trained_with(run):
    """Random feedback is drawn from it: another seed would be another rule."""
    ground, schedule, trajectory = run
    table = diagnostics.diagnose("mine", "eprop-random", schedule, ground.splits, trajectory)
    cosines = table[(table["quantity"] == "cosine") & (table["of"] == "as trained") & (table["updates"] == 0)]["value"]
    network, task = ground.task.network, ground.task
    batch = diagnostics.probe(task, ground.splits)
    params = network.parameters(trajectory.vector[0].astype(np.float64))
    parts = pieces(batch.x.shape[1], np.arange(batch.x.shape[1]), schedule.recipe.window or batch.x.shape[1])
    found = diagnostics.as_scheduled(RULES["eprop-random"](network, task.seed), params, batch, parts)
    exact = gradient_of(RULES["bptt"](network), params, batch.window())
    np.testing.assert_allclose(cosines, alignment(np.stack([found, exact])).cosine[:, 0, 1])


def test_the_movement_of_weights_is_that_between_kept_points(run):
    ground, schedule, trajectory = run
    table = diagnostics.diagnose("mine", "bptt", schedule, ground.splits, trajectory)
    found = table[table["quantity"] == "update to weight"].set_index(["updates", "replicate"])["value"]
    assert 0 not in found.index.get_level_values("updates")
    before, after = trajectory.vector[-2:, 1]
    updates = trajectory.updates[-1] - trajectory.updates[-2]
    expected = np.linalg.norm(after - before) / updates / np.linalg.norm(before)
    assert found[schedule.updates, 1] == pytest.approx(expected)


def test_diagnostics_of_a_diverged_run(run):
    ground, schedule, trajectory = run
    vector = trajectory.vector.copy()
    vector[-1, 1] = np.nan
    table = diagnostics.diagnose("mine", "bptt", schedule, ground.splits, trajectory._replace(vector=vector))
    last = table[table["updates"] == schedule.updates]
    assert last[last["replicate"] == 1]["value"].isna().all() and last[last["replicate"] != 1]["value"].notna().all()


@pytest.mark.parametrize("length", [1, 5, 12])
def test_a_forward_rule_taken_in_windows_gives_the_whole_gradient(run, length):
    """Windows of unequal length (5, 5 and 2 of 12 steps) weigh as their counted steps do."""
    from rnnbench.study.training.schedule import pieces

    ground, schedule, trajectory = run
    batch = diagnostics.probe(ground.task, ground.splits)
    network = ground.task.network
    params = network.parameters(trajectory.vector[-1])
    time = batch.x.shape[1]
    parts = pieces(time, np.arange(time), length)
    total = diagnostics.as_scheduled(RULES["rtrl"](network), params, batch, parts)
    np.testing.assert_allclose(total, bptt(network, params, batch.window()), rtol=1e-9, atol=1e-12)

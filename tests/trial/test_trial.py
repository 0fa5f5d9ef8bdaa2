import numpy as np
import pytest
from strategies import problem
from studies import prepared

from rnnbench.gradients import RULES
from rnnbench.gradients.base import Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.joblog import Progress
from rnnbench.network import Network, Window
from rnnbench.training.numpy_trainer import train
from rnnbench.training.schedule import Schedule
from rnnbench.trial import diagnostics, exactness
from rnnbench.trial.exactness import EXACT, gradient_of, relative_errors


def bptt(network, params, window):
    return gradient_of(Bptt(network), params, window)


def test_table_finds_each_rule_right_where_it_is():
    table = exactness.table(0, bptt)
    worst = table.groupby(["rule", "depth", "parameter"])["relative_error"].max()
    assert (worst["rtrl"] <= EXACT).all()
    assert set(table["depth"]) == {1, 2, 3} and set(table["loss_at"]) == {"every step", "last step"}
    assert {p for p in worst["posted"][1].index if worst["posted", 1, p] > EXACT} == {"W0", "b0"}
    assert {p for p in worst["posted"][2].index if worst["posted", 2, p] <= EXACT} == {"R2", "W2", "b2"}
    assert "mlp" not in set(table["rule"])


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


def test_lag_norms_are_derivatives_by_past_states():
    """Against central differences: nudge the state k steps before the end and see what the last loss does."""
    rng = np.random.default_rng(0)
    network = Network(2, (3, 4), 2, "tanh", "mse")
    network, params, window = problem(rng, network, 2, 6, 1, slice(5, 6))
    norms = diagnostics.lag_norms(network, params, window)
    for lag in range(6):
        split = 6 - lag
        state = network.forward(
            params, Window(window.x[:, :split], window.y[:, :0], slice(0, 0)), network.rest(2, 1, np.dtype(float))
        ).state()
        slope = np.zeros((2, 4))
        for unit in range(4):
            values = []
            for nudge in (1e-6, -1e-6):
                moved = {i: x.copy() for i, x in state.items()}
                moved[2][:, 0, unit] += nudge
                if lag:
                    rest = Window(window.x[:, split:], window.y, slice(lag - 1, lag))
                    outputs = network.forward(params, rest, moved).outputs
                else:
                    outputs = (moved[2] @ params.W[2] + params.b[2])[:, None]
                values.append(network.loss_function.value(outputs, window.y)[:, 0, 0])
            slope[:, unit] = (values[0] - values[1]) / 2e-6
        np.testing.assert_allclose(norms[:, lag], np.linalg.norm(slope, axis=1), rtol=1e-6)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    ground = prepared(tmp_path_factory.mktemp("ground"), hidden=[4, 3])
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {"window": 5}))
    return ground, schedule, train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))


def test_diagnostics(run):
    ground, schedule, trajectory = run
    table = diagnostics.table("mine", "bptt", schedule, ground.splits, trajectory)
    assert set(table["quantity"]) == {"gradient norm", "spectral radius", "cosine", "norm ratio", "lag norm"}
    assert list(table.columns) == diagnostics.COLUMNS and table["value"].notna().all()
    assert set(table["updates"]) >= {0, schedule.updates}
    cosines = table[table["quantity"] == "cosine"].groupby("of")["value"]
    assert cosines.min()["rtrl"] > 1 - 1e-12  # exact whatever the run
    assert cosines.max()["elman"] < 1 - 1e-3 and cosines.max()["posted"] < 1 - 1e-3
    assert cosines.max()["as trained"] < 1 - 1e-6  # the run's own windows of 5 steps cut its gradient
    radius = table[(table["quantity"] == "spectral radius") & (table["updates"] == 0)]["value"]
    np.testing.assert_allclose(radius, 1, rtol=1e-12)  # it starts orthogonal


def test_diagnostics_of_a_diverged_run(run):
    ground, schedule, trajectory = run
    vector = trajectory.vector.copy()
    vector[-1, 1] = np.nan
    table = diagnostics.table("mine", "bptt", schedule, ground.splits, trajectory._replace(vector=vector))
    last = table[table["updates"] == schedule.updates]
    assert last[last["replicate"] == 1]["value"].isna().all() and last[last["replicate"] != 1]["value"].notna().all()


@pytest.mark.parametrize("length", [1, 5, 12])
def test_a_forward_rule_taken_in_windows_gives_the_whole_gradient(run, length):
    """Windows of unequal length (5, 5 and 2 of 12 steps) weigh as their counted steps do."""
    from rnnbench.training.schedule import pieces

    ground, schedule, trajectory = run
    batch = diagnostics.probe(ground.task, ground.splits)
    network = ground.task.network
    params = network.parameters(trajectory.vector[-1])
    time = batch.x.shape[1]
    parts = pieces(time, np.arange(time), length)
    total = diagnostics.as_scheduled(RULES["rtrl"](network), params, batch, parts)
    np.testing.assert_allclose(total, bptt(network, params, batch.window()), rtol=1e-9, atol=1e-12)

"""What a recipe with `backward` trains with, and what that is held against before."""

import json

import numpy as np
import pytest
from studies import prepared

from rnnbench.gradients.parts.posted_backward import PostedBackward
from rnnbench.gradients.posted import Posted
from rnnbench.gradients.registry import RULES
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.study.training import job
from rnnbench.study.training.backward import NotEqualError, followed, shown_equal
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.variants import Variant


def lockstep(folder, rule, same, **changes):
    ground = prepared(folder, **changes)
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {}))
    return shown_equal(ground, schedule, rule(ground.task.network), same(ground.task.network))


@pytest.mark.parametrize(("rule", "same"), [(Posted, PostedBackward), (Rtrl, RULES["bptt"])])
@pytest.mark.parametrize("hidden", [[4], [4, 3]])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_backward_pass_is_equal_in_lockstep(tmp_path, rule, same, hidden, dtype):
    found = lockstep(tmp_path, rule, same, hidden=hidden, dtype=dtype)
    assert found["by"] == same.__name__
    assert found["updates"] > 1
    assert 0 < found["error"] < 1e-12


def test_another_gradient_is_not_trained_with(tmp_path):
    with pytest.raises(NotEqualError, match="Bptt does not find the gradient of Posted: the relative error in W0 at update 1 is"):
        lockstep(tmp_path, Posted, RULES["bptt"])


def run_of(folder, gradient, change):
    ground = prepared(folder, seed=3)
    out = {"curves": folder / "curves.csv", "snapshots": folder / "snapshots.npz", "provenance": folder / "run.json"}
    job.train(ground.task, Variant("v", "numpy", gradient, "minibatch", change), ground.paths, out)
    return json.loads(out["provenance"].read_text()), np.load(out["snapshots"])["vector"]


@pytest.mark.parametrize("gradient", ["posted", "rtrl"])
def test_a_job_says_what_it_trained_with(tmp_path, gradient):
    (forward, weights), (told, same) = (run_of(tmp_path, gradient, {"backward": asked}) for asked in (False, True))
    assert "backward" not in forward["execution"]
    assert told["gradient"] == gradient
    assert told["execution"]["backward"]["by"] == {"posted": "PostedBackward", "rtrl": "Bptt"}[gradient]
    np.testing.assert_allclose(same, weights, rtol=1e-9, atol=1e-12)


def test_a_rule_without_one_is_trained_as_it_is(tmp_path):
    assert "backward" not in run_of(tmp_path, "uoro", {"backward": True})[0]["execution"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rtrl_has_one_while_weights_move_within_a_sequence(tmp_path, dtype):
    """Its own stale gradient, window by window; the posted recursion has none there."""
    ground = prepared(tmp_path, hidden=[4, 3], dtype=dtype)
    schedule = Schedule(ground.task, ground.task.recipe("online", {"learning_rate": 0.3, "backward": True}))
    rule = Rtrl(ground.task.network)
    same = followed(rule, schedule)
    found = shown_equal(ground, schedule, rule, same)
    assert found["by"] == "RtrlBackward" and found["updates"] == 180 and 0 < found["error"] < 1e-12
    with pytest.raises(NotEqualError, match="Replay does not find the gradient of Rtrl: the relative error in W0 at update 2 is"):
        shown_equal(ground, schedule, rule, RULES["replay"](ground.task.network))
    posted = Posted(ground.task.network)
    assert followed(posted, schedule) is posted


@pytest.mark.parametrize("gradient", ["rtrl", "posted"])
def test_a_job_in_windows_trains_as_the_rule_does(tmp_path, gradient):
    change = {"window": 5}
    (_, weights), (told, same) = (run_of(tmp_path, gradient, {**change, "backward": asked}) for asked in (False, True))
    np.testing.assert_allclose(same, weights, rtol=1e-9, atol=1e-12)
    assert ("backward" in told["execution"]) == (gradient == "rtrl")

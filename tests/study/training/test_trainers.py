"""Training itself: what a run must not depend on, what it must keep, and NumPy beside Keras."""

import numpy as np
import pytest
from studies import ADDING, XOR, prepared

from rnnbench.gradients.registry import RULES
from rnnbench.study.jobs.log import Progress
from rnnbench.study.training import job, run
from rnnbench.study.training.numpy_trainer import train
from rnnbench.study.training.optimizers import optimizer
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory, evaluate
from rnnbench.study.variants import Variant


def trained(ground, rule="bptt", recipe="minibatch", **change):
    schedule = Schedule(ground.task, ground.task.recipe(recipe, change))
    return train(ground, schedule, RULES[rule](ground.task.network), Progress("", 1, ""))


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize(("recipe", "change"), [("online", {}), ("minibatch", {}), ("minibatch", {"window": 5})])
def test_every_rule_meets_every_schedule(tmp_path, rule, recipe, change):
    trajectory = trained(prepared(tmp_path, hidden=[4, 3]), rule, recipe, **change)
    assert np.isfinite(trajectory.vector).all()
    assert abs(trajectory.vector[-1] - trajectory.vector[0]).max() > 1e-4


@pytest.mark.parametrize("rule", ["posted", "rtrl", "bptt"])
@pytest.mark.parametrize("recipe", ["online", "minibatch"])
def test_a_replicate_trains_the_same_alone(tmp_path, rule, recipe):
    (tmp_path / "one").mkdir()
    together, alone = trained(prepared(tmp_path), rule, recipe), trained(prepared(tmp_path / "one", replicates=1), rule, recipe)
    np.testing.assert_array_equal(together.vector[:, :1], alone.vector)


def test_rtrl_and_bptt_train_alike_from_sequence_to_sequence(tmp_path):
    ground = prepared(tmp_path)
    rtrl, bptt = trained(ground, "rtrl"), trained(ground, "bptt")
    np.testing.assert_allclose(rtrl.vector, bptt.vector, rtol=1e-9, atol=1e-12)
    # and online they do not: nothing can flow back over a window of one step
    assert abs(trained(ground, "rtrl", "online").vector[-1] - trained(ground, "bptt", "online").vector[-1]).max() > 1e-4


def test_bptt_over_windows_of_one_step_is_elman(tmp_path):
    ground = prepared(tmp_path)
    np.testing.assert_allclose(
        trained(ground, "bptt", "online").vector, trained(ground, "elman", "online").vector, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("rule", ["uoro", "dni"])
def test_what_a_rule_has_drawn_and_learnt_is_kept_from_batch_to_batch(tmp_path, rule):
    """Against a loop written out: the carry goes through `reset`, not through `init` anew."""
    ground = prepared(tmp_path)
    schedule = Schedule(ground.task, ground.task.recipes["minibatch"])
    one, method = RULES[rule](ground.task.network), optimizer("adam", schedule.recipe.learning_rate, 0.0)
    split, order = schedule.cut(ground.splits["train"]), ground.order(schedule.sequences)

    def by_hand(reset):
        params = ground.task.network.parameters(ground.initial(schedule.recipe))
        carry, state = one.init(params, schedule.recipe.batch), method.init(params.vector)
        for chosen in schedule.chosen(order):
            carry = one.reset(params, schedule.recipe.batch, carry) if reset else one.init(params, schedule.recipe.batch)
            step = one.step(params, split.take(chosen).window(), carry)
            carry = step.carry
            change, state = method.update(step.gradient, state)
            params.vector[...] += change
        return params.vector

    end = trained(ground, rule).vector[-1]
    np.testing.assert_array_equal(end, by_hand(reset=True))
    assert not np.allclose(end, by_hand(reset=False))


def test_a_job_trains_with_the_seed_of_the_study(tmp_path, monkeypatch):
    seen = []
    uoro = RULES["uoro"]
    monkeypatch.setattr(job.registry, "rule", lambda _: lambda network, seed=0, first=0: seen.append(seed) or uoro(network, seed))
    ground = prepared(tmp_path, seed=7)
    out = {part: tmp_path / part for part in ("curves", "snapshots.npz", "provenance")}
    out = {name.split(".")[0]: path for name, path in out.items()}
    job.train(ground.task, Variant("v", "numpy", "uoro", "minibatch", {}), ground.paths, out)
    assert seen[-1] == 7


def test_mlp_never_recurs(tmp_path):
    ground = prepared(tmp_path)
    for vector in trained(ground, "mlp", "online").vector:
        assert not ground.task.network.parameters(vector).R[1].any()


def test_the_first_update_is_plain_gradient_descent(tmp_path):
    """By hand: one update of sgd on the first batch, from the definition."""
    ground = prepared(tmp_path, points=2)
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {"optimizer": "sgd", "learning_rate": 0.5, "passes": 0.4}))
    assert schedule.updates == 1
    trajectory = train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))
    network = ground.task.network
    batch = ground.splits["train"].cut(12).take(ground.order(5)[:, :2])
    params = network.parameters(ground.initial())
    rule = RULES["rtrl"](network)
    gradient = rule.step(params, batch.window(), rule.init(params, 2)).gradient
    np.testing.assert_allclose(trajectory.vector[1], ground.initial() - 0.5 * gradient, rtol=1e-12)


def test_the_weights_that_are_kept_are_those_of_their_update(tmp_path):
    ground = prepared(tmp_path)
    whole = trained(ground)
    assert len({vector.tobytes() for vector in whole.vector}) == len(whole.updates) > 4
    middle = len(whole.updates) // 2
    shorter = trained(ground, passes=whole.updates[middle] * 2 / 5)  # 2 of a pass's 5 sequences for an update
    np.testing.assert_array_equal(shorter.vector[-1], whole.vector[middle])


def test_a_window_without_a_step_that_counts_moves_nothing(tmp_path):
    """Not even Adam's moments, which a gradient of zero would let fade."""
    ground = prepared(tmp_path, **ADDING)
    whole, online = trained(ground, "rtrl"), trained(ground, "rtrl", window=1)
    np.testing.assert_allclose(online.vector, whole.vector, rtol=1e-9, atol=1e-12)


def test_what_is_prepared_is_hashed_by_content(tmp_path):
    folders = [tmp_path / name for name in ("one", "same", "other")]
    for folder in folders:
        folder.mkdir()
    one, same, other = (prepared(folder, seed).hashes for folder, seed in zip(folders, (1, 1, 2)))
    assert one == same and all(one[part] != other[part] for part in ("splits", "initial", "order"))


def told(ground, trajectory):
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {}))
    table = run.curves(ground, schedule, ground.task.network, "mine", trajectory)
    return run.diverged(table), table


def test_a_diverged_replicate_is_told_and_hurts_nobody(tmp_path):
    ground = prepared(tmp_path)
    fine = trained(ground)
    initial = ground.initial()
    initial[1] = np.inf
    ground.__dict__["initial"] = lambda recipe: initial
    broken = trained(ground)
    assert told(ground, broken)[0] == [None, 0, None] and told(ground, fine)[0] == [None] * 3
    np.testing.assert_array_equal(broken.vector[:, [0, 2]], fine.vector[:, [0, 2]])
    metrics = evaluate(ground.task.network, broken.vector[-1], ground.splits["test"], ground.task.kind)
    assert all(np.isnan(v[1]) and np.isfinite(v[[0, 2]]).all() for v in metrics.values())


def test_finite_weights_that_predict_nothing_finite_have_diverged(tmp_path):
    ground = prepared(tmp_path, activation="relu", dtype="float32")
    trajectory = trained(ground)
    vector = trajectory.vector.copy()
    vector[-1, 2] = 1e20  # the states become infinite, and the output their difference
    vector[-1, 2, ground.task.network.recurrent_parameters[-1] + 1 :: 2] *= -1
    diverged, table = told(ground, trajectory._replace(vector=vector))
    assert diverged == [None, None, trajectory.updates[-1]]
    assert table[(table["replicate"] == 2) & (table["split"] == "test")]["value"].isna().all()


def test_evaluation_in_parts_is_the_same(tmp_path, monkeypatch):
    from rnnbench.study.tasks import Split
    from rnnbench.study.training import trajectory

    ground = prepared(tmp_path)
    split = ground.splits["test"].cut(12)
    whole = trajectory.predict(ground.task.network, ground.initial(), Split(*split))
    monkeypatch.setattr(trajectory, "CHUNK", 1)
    np.testing.assert_allclose(trajectory.predict(ground.task.network, ground.initial(), split), whole, rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "dtype", "tolerance"), [("sgd", "float64", 1e-10), ("adam", "float64", 1e-10), ("adam", "float32", 1e-4)]
)
def test_keras_trains_the_same_weights(tmp_path, optimizer, dtype, tolerance):
    """The whole way through both trainers: every replicate, the prepared order, several calls of fit."""
    from rnnbench.study.training import keras_trainer

    recipe = {**XOR["recipes"]["minibatch"], "optimizer": optimizer, "passes": 30}
    ground = prepared(tmp_path, dtype=dtype, hidden=[4, 3], replicates=2, recipes={"minibatch": recipe})
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {}))
    ours = train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))
    theirs = keras_trainer.train(ground, schedule, ground.task.network, Progress("", 1, ""))
    assert set(theirs.updates) >= {0, 25, 75} and theirs.updates[-1] == ours.updates[-1] == 75
    np.testing.assert_array_equal(theirs.vector[0], ours.vector[0])
    assert abs(theirs.vector[-1] - ours.vector[-1]).max() <= tolerance
    assert abs(ours.vector[-1] - ours.vector[0]).max() > 0.01


def test_lockstep_of_60_updates(tmp_path):
    from rnnbench.study.probes import lockstep

    ground = prepared(tmp_path)
    table = lockstep.measure(ground, 60)
    last = table[table["update"] == 60].set_index(["dtype", "optimizer"])["difference"]
    assert len(last) == 4
    assert (last["float64"] <= 1e-10).all() and (last["float32"] <= 1e-3).all() and (last["float32"] > 0).all()


def test_a_job_leaves_a_run_that_reads_back(tmp_path):
    ground = prepared(tmp_path)
    variant = Variant("mine", "numpy", "rtrl", "online", {"learning_rate": 0.1})
    out = {name: tmp_path / name for name in ("curves", "snapshots", "provenance")}
    out["snapshots"] = tmp_path / "snapshots.npz"
    job.train(ground.task, variant, ground.paths, out)
    found = run.read(out)
    assert found.provenance["variant"] == "mine" and found.provenance["recipe"]["learning_rate"] == 0.1
    assert found.provenance["hashes"] == ground.hashes and found.provenance["diverged"] == [None] * 3
    assert found.provenance["timing"]["training_seconds"] > 0
    assert isinstance(found.snapshots, Trajectory) and found.snapshots.vector.shape[1] == 3
    test = found.curves[found.curves["split"] == "test"]
    assert set(test["updates"]) == {180} and len(test) == 3 * len(ground.task.kind.metrics)
    end = evaluate(ground.task.network, found.snapshots.vector[-1], ground.splits["test"], ground.task.kind)
    np.testing.assert_allclose(test[test["metric"] == "mse"].sort_values("replicate")["value"], end["mse"], rtol=1e-12)


def test_the_losses_that_are_kept_are_those_before_each_update(tmp_path):
    """Against the weights of every update, kept: block by block, what is left over at the end left out."""
    ground = prepared(tmp_path, points=400)
    found = trained(ground, "rtrl", "online", prequential=7)
    network, schedule = ground.task.network, Schedule(ground.task, ground.task.recipe("online", {}))
    assert found.updates.tolist() == list(range(181)) and found.losses.shape == (25, 3)
    batches, carry, losses = ground.splits["train"], None, []
    for update, vector in enumerate(found.vector[:-1]):
        params, step = network.parameters(vector), update % 60
        carry = network.rest(3, 1, vector.dtype) if step == 0 else carry
        window, _ = next(schedule.windows(batches.part(slice(None))._replace(x=batches.x[:, step:], y=batches.y[:, step:])))
        activity = network.forward(params, window, carry)
        losses.append(network.loss_function.value(activity.outputs, window.y).mean((1, 2)))
        carry = activity.state()
    np.testing.assert_allclose(found.losses, np.reshape(losses[:175], (25, 7, 3)).mean(1), rtol=1e-9)
    assert trained(ground, "rtrl", "online").losses is None
    np.testing.assert_array_equal(trained(ground, "rtrl", "online").vector, found.vector)


def test_a_run_has_its_losses_among_its_curves(tmp_path):
    ground = prepared(tmp_path)
    out = {name: tmp_path / name for name in ("curves", "snapshots.npz", "provenance")}
    out["snapshots"] = out.pop("snapshots.npz")
    job.train(ground.task, Variant("mine", "numpy", "bptt", "minibatch", {"prequential": 4}), ground.paths, out)
    curves = run.read({"curves": out["curves"], "provenance": out["provenance"]}).curves
    kept = curves[curves["split"] == "training"]
    assert set(kept["metric"]) == {"loss"} and sorted(set(kept["updates"])) == [4, 8, 12]
    assert sorted(set(kept["examples"])) == [96, 192, 288] and len(kept) == 9 and kept["value"].between(0.1, 2).all()


def test_a_recipe_may_start_from_other_weights(tmp_path):
    """Every recipe that names the same initializers starts from the same draw."""
    uniform = dict.fromkeys("WRb", "uniform")
    recipes = {**XOR["recipes"], "naive": {**XOR["recipes"]["online"], "initial": uniform}}
    ground = prepared(tmp_path, recipes=recipes)
    own, other = ground.initial(), ground.initial(ground.task.recipe("naive", {}))
    assert (own != other).any() and np.abs(other).max() <= 0.5
    np.testing.assert_array_equal(ground.initial(ground.task.recipe("minibatch", {"initial": uniform})), other)
    np.testing.assert_array_equal(ground.initial(ground.task.recipe("naive", {"initial": None})), own)
    schedule = Schedule(ground.task, ground.task.recipe("naive", {}))
    trajectory = train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))
    np.testing.assert_array_equal(trajectory.vector[0], other)


class Told(Progress):
    """Keeps what it is told, however often."""

    def __init__(self):
        super().__init__("", 1, "")
        self.losses = []

    def at(self, done, note=str):
        self.losses.append(float(note().removeprefix(", loss ")))


def test_both_trainers_tell_the_loss_as_they_go(tmp_path):
    from rnnbench.study.training import keras_trainer

    recipe = {**XOR["recipes"]["minibatch"], "passes": 30}
    ground = prepared(tmp_path, replicates=1, recipes={"minibatch": recipe})
    schedule, ours, theirs = Schedule(ground.task, ground.task.recipe("minibatch", {})), Told(), Told()
    train(ground, schedule, RULES["bptt"](ground.task.network), ours)
    keras_trainer.train(ground, schedule, ground.task.network, theirs)
    assert len(ours.losses) == 75 and len(theirs.losses) == 3
    # Keras tells the mean of the batches so far.
    assert np.mean(ours.losses) == pytest.approx(theirs.losses[-1], rel=0.02) and 0.2 < ours.losses[0] < 0.9

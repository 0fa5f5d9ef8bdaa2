"""A run in blocks of replicates: it is the run of one job, to the last bit, and what would not be is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import ADDING, COPYING, XOR, prepared

from rnnbench.gradients.base import Step
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.registry import RULES
from rnnbench.study import blocks
from rnnbench.study.training import job, numbered, run, whole
from rnnbench.study.training.run import RunError
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import evaluate
from rnnbench.study.variants import Variant

PARTS = {"curves": "curves.csv", "snapshots": "snapshots.npz", "provenance": "run.json"}


@given(st.integers(1, 400), st.integers(1, 400))
def test_every_replicate_is_in_one_block_and_blocks_are_no_larger_than_asked(replicates, most):
    cut = [blocks.numbers(name, replicates) for name in blocks.names(replicates, most)]
    assert np.concatenate(cut).tolist() == list(range(replicates))
    assert max(map(len, cut)) <= most and len(cut) == -(-replicates // most)


def test_320_replicates_are_ten_jobs():
    names = blocks.names(320, 32)
    assert len(names) == 10 and names[0] == ".0-31" and names[-1] == ".288-319"
    assert blocks.names(32, 32) == [""]


def train(ground, folder, variant, names):
    """The files of a run in blocks, by part."""
    found = {part: [] for part in PARTS}
    for name in names:
        (place := folder / f"run{name}").mkdir()
        out = {part: place / file for part, file in PARTS.items()}
        job.train(ground.task, variant, ground.paths, out, block=name)
        for part, path in out.items():
            found[part].append(path)
    return found


def check_same(one, cut):
    """Two runs are the same but for what they took."""
    pd.testing.assert_frame_equal(one.curves, cut.curves, check_exact=True)
    np.testing.assert_array_equal(one.snapshots.vector, cut.snapshots.vector)
    np.testing.assert_array_equal(one.snapshots.updates, cut.snapshots.updates)
    own = {key: value for key, value in cut.provenance.items() if key != "environments"}
    assert {**own, "timing": None} == {**one.provenance, "timing": None}
    assert cut.provenance["timing"].keys() == one.provenance["timing"].keys()


@pytest.mark.parametrize("rule", list(RULES))
def test_a_run_in_blocks_is_the_run_of_one_job(tmp_path, rule):
    ground = prepared(tmp_path, hidden=[4, 3])
    variant = Variant("mine", "numpy", rule, "minibatch", {"prequential": 4, "window": 5})
    (one,) = whole.read(train(ground, tmp_path, variant, [""]))
    (cut,) = whole.read(train(ground, tmp_path, variant, blocks.names(3, 2)))
    check_same(one, cut)
    made = [run.read_provenance(tmp_path / f"run{name}" / "run.json") for name in (".0-1", ".2-2")]
    seconds = [of["timing"]["training_seconds"] for of in made]
    assert cut.provenance["timing"]["training_seconds"] == sum(seconds) == pytest.approx(cut.snapshots.seconds[-1])
    assert cut.provenance["timing"]["peak_memory_bytes"] == max(of["timing"]["peak_memory_bytes"] for of in made)


def test_so_is_one_that_looks_back(tmp_path):
    ground = prepared(tmp_path)
    variant = Variant("mine", "numpy", "posted", "minibatch", {"backward": True})
    (one,) = whole.read(train(ground, tmp_path, variant, [""]))
    (cut,) = whole.read(train(ground, tmp_path, variant, blocks.names(3, 1)))
    check_same(one, cut)
    assert 0 < cut.provenance["execution"]["backward"]["error"] < 1e-12


@pytest.mark.parametrize("settings", [XOR, ADDING, COPYING])
def test_a_replicate_is_scored_the_same_alone(tmp_path, settings):
    ground = prepared(tmp_path, **{**settings, "replicates": 5})
    network, kind, split = ground.task.network, ground.task.kind, ground.splits["validation"]
    vector = np.random.default_rng(1).normal(size=(5, network.parameter_count))
    together = evaluate(network, vector, split, kind)
    for which in (slice(0, 1), slice(4, 5), slice(1, 3)):
        for metric, values in evaluate(network, vector[which], split.of(which), kind).items():
            np.testing.assert_array_equal(values, together[metric][which])


def test_a_block_that_is_not_there_is_named(tmp_path):
    ground = prepared(tmp_path)
    files = train(ground, tmp_path, Variant("mine", "numpy", "bptt", "minibatch", {}), blocks.names(3, 1))
    for gone in (0, 1, 2):
        left = {part: paths[:gone] + paths[gone + 1 :] for part, paths in files.items()}
        with pytest.raises(RunError, match=f"run xor/mine: the block that begins with replicate {gone} is not there"):
            whole.read(left)
    for one in range(3):
        with pytest.raises(RunError, match="is not there"):
            whole.read({part: paths[one : one + 1] for part, paths in files.items()})


class ByPlace(Bptt):
    """Noise of the seed alone, so that the first replicate of every block has the same."""

    def step(self, params, window, carry):
        outputs, gradient, carry = super().step(params, window, carry)
        return Step(outputs, gradient + np.random.default_rng(self.seed).normal(size=gradient.shape), carry)


class LateByPlace(Bptt):
    """KeRNL by place, whose noise reaches the gradient after a window."""

    def init(self, params, batch):
        return RULES["kernl"](self.network, self.seed).init(params, batch)

    def reset(self, params, batch, carry):
        return RULES["kernl"](self.network, self.seed).reset(params, batch, carry)

    def step(self, params, window, carry):
        return RULES["kernl"](self.network, self.seed).step(params, window, carry)


class ByNumber(Bptt):
    """The same by number."""

    def step(self, params, window, carry):
        outputs, gradient, carry = super().step(params, window, carry)
        numbers = range(self.first, self.first + len(gradient))
        noise = [np.random.default_rng([self.seed, number]).normal(size=gradient.shape[1]) for number in numbers]
        return Step(outputs, gradient + np.array(noise), carry)


@pytest.mark.parametrize("recipe", ["online", "minibatch"])
@pytest.mark.parametrize("own", [XOR, COPYING])
def test_a_rule_that_draws_by_place_is_not_trained_in_blocks(tmp_path, recipe, own):
    ground = prepared(tmp_path, **own)
    schedule = Schedule(ground.task, ground.task.recipe(recipe, {}))
    for some in (ground, replace(ground, replicates=np.array([2]))):
        numbered.check(ByNumber, some, schedule)
        for rule in (ByPlace, LateByPlace):
            with pytest.raises(numbered.NoiseError, match=f"{rule.__name__} draws noise by the place of a replicate"):
                numbered.check(rule, some, schedule)

"""MNIST pixel by pixel, in small: prepared, trained in NumPy and in Keras, and looked at, on 196 steps."""

import hashlib

import numpy as np
import pytest

from rnnbench.gradients.registry import RULES
from rnnbench.study.jobs.log import Progress
from rnnbench.study.probes import diagnostics
from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks.mnist_files import FILES, as_idx
from rnnbench.study.training import keras_trainer
from rnnbench.study.training.numpy_trainer import train
from rnnbench.study.training.prepared import PARTS, Prepared, prepare
from rnnbench.study.training.schedule import Schedule

TASK = {
    "data": "mnist",
    "sizes": {"train": 16, "validation": 8, "test": 8, "side": 14, "pixels": 1},
    "replicates": 2,
    "hidden": [5],
    "activation": "tanh",
    "loss": None,
    "rest": 0.0,
    "leak": 0.0,
    "grid": None,
    "dtype": "float32",
    "initial": {"W": "glorot_uniform", "R": "orthogonal", "b": "zeros"},
    "points": 2,
    "recipes": {"minibatch": {"batch": 8, "passes": 2, "optimizer": "adam", "learning_rate": 0.01}},
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pixels")
    rng = np.random.default_rng(0)
    labels = [np.arange(n, dtype=np.uint8) % 10 for n in (40, 20)]
    images = [rng.integers(0, 256, (len(y), 28, 28), dtype=np.uint8) for y in labels]
    for name, data in as_idx(images[0], labels[0], images[1], labels[1]).items():
        (folder / name).write_bytes(data)
    task = TaskSettings.of("mnist-14x14", TASK, 1)
    paths = {part: folder / f"{part}.npz" for part in PARTS}
    stands_in = {file: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name, file in FILES.items()}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(task.kind), "files", stands_in)
        prepare(task, {file: folder / name for name, file in FILES.items()}, paths)
    return Prepared(task, paths)


def test_a_step_is_a_pixel(ground):
    assert ground.task.time == 196 and ground.task.network.inputs == 1
    assert ground.splits["train"].x.shape == (1, 196, 16, 1)


def test_numpy_and_keras_train_alike_over_196_steps(ground):
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {}))
    ours = train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))
    theirs = keras_trainer.train(ground, schedule, ground.task.network, Progress("", 1, ""))
    np.testing.assert_allclose(ours.vector[-1], theirs.vector[-1], atol=2e-3)


def test_lags_reach_as_far_as_the_sequence(ground):
    schedule = Schedule(ground.task, ground.task.recipe("minibatch", {}))
    trajectory = train(ground, schedule, RULES["bptt"](ground.task.network), Progress("", 1, ""))
    table = diagnostics.diagnose("numpy-bptt", "bptt", schedule, ground.splits, trajectory)
    lags = table.loc[table["quantity"] == "lag norm", "lag"].unique()
    assert lags.max() == 195 and len(lags) <= 45 and set(range(31)) <= set(lags)

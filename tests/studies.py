"""A small study in memory: XOR of a few short streams, prepared as the workflow does it."""

from rnnbench.settings import TaskSettings
from rnnbench.training.prepared import PARTS, Prepared, prepare

XOR = {
    "data": "temporal_xor",
    "sizes": {"bits": 60},
    "replicates": 3,
    "hidden": [4],
    "activation": "tanh",
    "dtype": "float64",
    "initial": {"W": "glorot_uniform", "R": "orthogonal", "b": "zeros"},
    "loss": None,
    "rest": 0.0,
    "leak": 0.0,
    "points": 8,
    "recipes": {
        "online": {"batch": 1, "window": 1, "passes": 3, "optimizer": "sgd", "learning_rate": 0.05},
        "minibatch": {"sequence": 12, "batch": 2, "passes": 6, "optimizer": "adam", "learning_rate": 0.01},
    },
}


def prepared(folder, seed=1, **changes):
    task = TaskSettings.of("xor", {**XOR, **changes}, seed)
    paths = {part: folder / f"{part}.npz" for part in PARTS}
    prepare(task, {}, paths)
    return Prepared(task, paths)

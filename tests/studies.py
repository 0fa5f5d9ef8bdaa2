"""Small studies in memory, prepared as the workflow does it: XOR of a few short streams, and two tasks in files of one's own."""

from pathlib import Path

from rnnbench.study.settings import TaskSettings
from rnnbench.study.training.prepared import PARTS, Prepared, prepare

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
    "grid": None,
    "recipes": {
        "online": {"batch": 1, "window": 1, "passes": 3, "optimizer": "sgd", "learning_rate": 0.05},
        "minibatch": {"sequence": 12, "batch": 2, "passes": 6, "optimizer": "adam", "learning_rate": 0.01},
    },
}

OWN = Path(__file__).parent / "own_tasks"
ADDING = {
    **XOR,
    "data": f"{OWN / 'adding.py'}:Adding",
    "sizes": {"steps": 6, "train": 20, "validation": 10, "test": 10},
    "recipes": {
        "online": {"batch": 1, "window": 1, "passes": 1, "optimizer": "sgd", "learning_rate": 0.05},
        "minibatch": {"batch": 4, "passes": 10, "optimizer": "adam", "learning_rate": 0.01},
    },
}
COPYING = {
    **ADDING,
    "data": f"{OWN / 'copying.py'}",
    "sizes": {"symbols": 4, "length": 3, "delay": 2, "train": 20, "validation": 10, "test": 10},
}


def prepared(folder, seed=1, **changes):
    task = TaskSettings.of("xor", {**XOR, **changes}, seed)
    paths = {part: folder / f"{part}.npz" for part in PARTS}
    prepare(task, {}, paths)
    return Prepared(task, paths)

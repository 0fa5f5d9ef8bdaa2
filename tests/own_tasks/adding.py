"""The adding problem: a file of the user's own, as the tests have it.

A step shows a number in [0, 1) and a mark; two steps are marked, one in each half of the sequence. After the last step the sum of
the two marked numbers is asked for.

Source: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997), experiment 4.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnbench.arrays import Array
from rnnbench.seeds import stream
from rnnbench.study.tasks import SPLITS, Metric, Task


class Adding(Task):
    """A regression, scored at the last step alone. sizes: "steps"; "train", "validation" and "test", sequences of each."""

    unit = "sums"
    sizes_schema: ClassVar = {
        "properties": {
            "steps": {"type": "integer", "minimum": 2},
            **{split: {"type": "integer", "minimum": 1} for split in SPLITS},
        },
        "required": ["steps", *SPLITS],
    }
    losses = ("mse",)
    inputs = 2
    outputs = 1
    metrics = (Metric("squared_error", "squared error of the sum", False, 4.0, 0.0),)
    # A number in [0, 1) has a variance of 1/12.
    references: ClassVar = {"neither number": {"squared_error": 1 / 6}, "one number": {"squared_error": 1 / 12}}

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__(sizes)
        if sizes["steps"] % 2:
            raise ValueError(f"steps {sizes['steps']} cannot be halved")
        self.time, self.sequences = sizes["steps"], sizes["train"]
        self.counted = np.array([self.time - 1])

    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        arrays = {}
        half = self.time // 2
        for number, split in enumerate(SPLITS):
            count = self.sizes[split]
            x, y = np.zeros((replicates, self.time, count, 2)), np.zeros((replicates, 1, count, 1))
            for r in range(replicates):
                rng = stream(seed, "adding", number, r)
                x[r, ..., 0] = rng.random((self.time, count))
                for marked in (rng.integers(0, half, count), rng.integers(half, self.time, count)):
                    x[r, marked, np.arange(count), 1] = 1
                y[r, 0] = x[r].prod(-1).sum(0)[:, None]
            arrays |= {f"{split}_x": x, f"{split}_y": y}
        return arrays

    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        """Of the prediction, kept to what a sum can be."""
        return {"squared_error": np.square(np.clip(prediction, 0, 2) - y).mean((1, 2, 3))}

"""The copying task: another file of the user's own.

A few symbols are shown, then nothing for a while, then as often a mark at which they are asked for in their order.

Source: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997); in this form M. Arjovsky, A. Shah
and Y. Bengio, Unitary evolution recurrent neural networks, ICML 2016, section 4.1.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnbench.arrays import Array
from rnnbench.seeds import stream
from rnnbench.study.tasks import SPLITS, Metric, Task


class Copying(Task):
    """A class at each of the last steps. sizes: "symbols", of which there are so many kinds; "length", of what is copied;
    "delay"; "train", "validation" and "test", sequences of each.
    """

    unit = "symbols"
    sizes_schema: ClassVar = {
        "properties": {
            "symbols": {"type": "integer", "minimum": 2},
            "length": {"type": "integer", "minimum": 1},
            "delay": {"type": "integer", "minimum": 0, "description": "Steps without a symbol. Default: 3."},
            **{split: {"type": "integer", "minimum": 1} for split in SPLITS},
        },
        "required": ["symbols", "length", *SPLITS],
    }
    losses = ("softmax_crossentropy",)
    metrics = (
        Metric("copied", "symbols copied", True, 0.0, 1.0),
        Metric("cross_entropy", "cross-entropy", False, float(-np.log(1e-7)), 0.0),
    )

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__(sizes)
        self.outputs, self.length, self.sequences = sizes["symbols"], sizes["length"], sizes["train"]
        self.inputs = self.outputs + 2  # a symbol, nothing, or the mark
        self.time = 2 * self.length + sizes.get("delay", 3)
        self.counted = np.arange(self.time - self.length, self.time)
        guess = {"copied": 1 / self.outputs, "cross_entropy": float(np.log(self.outputs))}
        self.references = {"no memory": guess}

    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        arrays: dict[str, Array] = {"largest": np.array(1)}
        for number, split in enumerate(SPLITS):
            count = self.sizes[split]
            shown = np.full((replicates, self.time, count), self.outputs)
            for r in range(replicates):
                shown[r, : self.length] = stream(seed, "copying", number, r).integers(0, self.outputs, (self.length, count))
            shown[:, -self.length :] = self.outputs + 1
            arrays[f"{split}_x"] = (shown[..., None] == np.arange(self.inputs)).astype(np.uint8)
            arrays[f"{split}_y"] = shown[:, : self.length].astype(np.uint8)
        return arrays

    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        probability = np.take_along_axis(prediction, y[..., None], -1)[..., 0].astype(np.float64)
        return {
            "copied": (prediction.argmax(-1) == y).mean((1, 2)),
            "cross_entropy": -np.log(np.maximum(probability, 1e-7)).mean((1, 2)),
        }

"""Elman's temporal XOR: a stream of bits in which every third is the exclusive or of the two before it.

The network sees bit t and predicts bit t + 1. Bits at positions 0 and 1 (mod 3) are coin flips; only those at position 2
can be known, and only by who remembers one bit and knows where in the triple the stream is. Averaged over all positions a
perfect predictor still errs most of the time, so predictions are scored by position.

Source: J. L. Elman, Finding structure in time, Cognitive Science 14 (1990), section "Exclusive-OR".
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.seeds import stream
from rnnbench.study.tasks.base import SPLITS, ByPosition, Cycle, Example, Metric, Task


def bit_stream(rng: np.random.Generator, bits: int) -> Integers:
    """A stream of `bits` bits as uint8, beginning at position 0."""
    first, second = rng.integers(0, 2, (2, bits // 3 + 1), dtype=np.uint8)
    return np.stack([first, second, first ^ second], axis=1).reshape(-1)[:bits]


def profile(prediction: Array, y: Array) -> Array:
    """Root mean squared error over 12 consecutive bits, (replicate, 12): Elman's figure 3. Bits 3, 6, 9 and 12 are XOR bits."""
    place = np.arange(1, prediction.shape[1] + 1) % 12
    squared = np.square(prediction - y).mean((2, 3))
    return np.sqrt(np.stack([squared[:, place == p].mean(1) for p in range(12)], axis=1))


# What three ideal predictors score: one without memory; one that knows the rule but not the phase, and so says 2/3 for the
# exclusive or of the last two bits; and the Bayes predictor, which knows both.
_ENTROPY_OF_2_3 = -(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3))
REFERENCES = {
    "no memory": {"mse_xor_bit": 1 / 4, "mse_other": 1 / 4, "mse": 1 / 4, "cross_entropy": float(np.log(2)), "accuracy": 1 / 2},
    "rule without phase": {
        "mse_xor_bit": 1 / 9,
        "mse_other": 5 / 18,
        "mse": 2 / 9,
        "cross_entropy": float(_ENTROPY_OF_2_3),
        "accuracy": 2 / 3,
    },
    "rule and phase": {
        "mse_xor_bit": 0.0,
        "mse_other": 1 / 4,
        "mse": 1 / 6,
        "cross_entropy": float(2 / 3 * np.log(2)),
        "accuracy": 2 / 3,
    },
}

BITS = bit_stream(np.random.default_rng(0), 12).tolist()
EXAMPLE = Example(
    "What temporal XOR is",
    "A stream of bits. Every third is the XOR of the two before it; the others are random. Nothing says where a third begins.",
    [str(bit) for bit in BITS],
    3,
    [f"{a} XOR {b} = {c}" for a, b, c in zip(BITS[::3], BITS[1::3], BITS[2::3], strict=True)],
)
CYCLE = Cycle(
    errors=profile,
    references={
        name: [float(np.sqrt(scores["mse_xor_bit" if place % 3 == 0 else "mse_other"])) for place in range(1, 13)]
        for name, scores in REFERENCES.items()
    },
    xlabel="bit",
    ylabel="root mean squared error",
    title="Root mean squared error over 12 consecutive bits",
    note="As in figure 3 of Elman (1990): bits 3, 6, 9 and 12 are the exclusive or of the two before them, the others coin flips,"
    " so a network that has found the relation dips at every third.",
    place=3,
    where="on the third bit, an XOR bit",
)


class TemporalXor(Task):
    """A stream of bits for each replicate. sizes: "bits", predictions in each stream."""

    unit = "bits"
    sizes_schema: ClassVar = {
        "properties": {"bits": {"type": "integer", "minimum": 3, "description": "Predictions in each stream."}},
        "required": ["bits"],
    }
    losses = ("binary_crossentropy", "logistic_mse", "mse")
    inputs = 1
    outputs = 1
    metrics = (
        Metric("mse_xor_bit", "squared error on the XOR bit", False, 1.0, 0.0),
        Metric("mse_position_0", "squared error at position 0", False, 1.0, 0.0),
        Metric("mse_position_1", "squared error at position 1", False, 1.0, 0.0),
        Metric("mse", "squared error, all bits", False, 1.0, 0.0),
        Metric("cross_entropy", "cross-entropy, all bits", False, float(-np.log(1e-7)), 0.0),
        Metric("accuracy", "accuracy, all bits", True, 0.0, 1.0),
    )
    references = REFERENCES
    by_position = ByPosition(
        marks={"mse_position_0": "first bit", "mse_position_1": "second bit", "mse_xor_bit": "XOR bit"},
        xlabel="squared error",
        line=(1 / 4, "coin flip, 1/4"),
        title="Squared error by position in the triple",
        where="on the XOR bit",
        note="The first two bits are coin flips, on which 1/4 is the best there is; memory shows on the third alone.",
    )
    cycle = CYCLE
    example = EXAMPLE

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__(sizes)
        self.time = sizes["bits"]

    def telling(self, time: int) -> int:
        """The last prediction is then of a bit at position 2."""
        return time - (time - 2) % 3

    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        """One stream for each split and replicate, each from its own seed."""
        arrays = {"largest": np.array(1)}
        for number, split in enumerate(SPLITS):
            bits = np.stack([bit_stream(stream(seed, "bits", number, r), self.time + 1) for r in range(replicates)])
            arrays[f"{split}_x"] = bits[:, :-1, None, None]
            arrays[f"{split}_y"] = bits[:, 1:, None, None]
        return arrays

    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        """Errors of predicted bits (replicate, time, sequence, 1) in 0..1 over whole streams, by the position predicted."""
        position = np.arange(1, prediction.shape[1] + 1) % 3
        squared = np.square(prediction - y)
        bounded = np.clip(prediction.astype(np.float64), 1e-7, 1 - 1e-7)
        entropy = -np.log(np.where(y > 0.5, bounded, 1 - bounded))
        return {
            "mse_xor_bit": squared[:, position == 2].mean((1, 2, 3)),
            "mse_position_0": squared[:, position == 0].mean((1, 2, 3)),
            "mse_position_1": squared[:, position == 1].mean((1, 2, 3)),
            "mse": squared.mean((1, 2, 3)),
            "cross_entropy": entropy.mean((1, 2, 3)),
            "accuracy": ((prediction > 0.5) == (y > 0.5)).mean((1, 2, 3)),
        }

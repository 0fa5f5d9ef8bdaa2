"""The Add task: fair coins, of which two at different lags say how likely each target is.

    p^t = 1/2 + 1/2 c^{t - t_1} - 1/4 c^{t - t_2}          c^t = 0 or 1, each half of the time

The target is p itself. A network that reaches back t_1 steps but not t_2 shows in the cross-entropy as one that knows the first
dependence alone, and so on.

Source: O. Marschall, K. Cho and C. Savin, A unified framework of online learning algorithms for training recurrent neural
networks, JMLR 21 (2020), after S. Pitis, Recurrent neural networks in Tensorflow I (2016).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnbench.arrays import Array
from rnnbench.seeds import stream
from rnnbench.study.tasks.base import SPLITS, Metric, Task

FIRST, SECOND = 1 / 2, -1 / 4
"""What the two coins add to 1/2."""


def entropy(p: Array) -> Array:
    """Of a coin that shows 1 with probability p, in nats."""
    q = np.clip([p, 1 - np.asarray(p)], 1e-300, 1)
    return -(q * np.log(q)).sum(0)


def knowing(coins: Iterable[float]) -> float:
    """The least cross-entropy for who knows coins that add so much, and not the others."""
    known = [np.array([0, amount]) for amount in coins]
    seen = sum(np.meshgrid(*known)) if known else np.zeros(1)
    unknown = (FIRST + SECOND - sum(amount[1] for amount in known)) / 2
    return float(entropy(1 / 2 + seen + unknown).mean())


class Add(Task):
    """sizes: "lags", t_1 and t_2; "steps" of a sequence; "streams" at a time; "train", "validation", "test", sequences of each.

    The steps before both lags have passed do not count.
    """

    unit = "coins"
    sizes_schema: ClassVar = {
        "properties": {
            "lags": {
                "type": "array",
                "items": {"type": "integer", "minimum": 0},
                "minItems": 2,
                "maxItems": 2,
                "uniqueItems": True,
                "description": "How many steps back the two coins lie.",
            },
            "steps": {"type": "integer", "minimum": 2, "description": "Steps of a sequence."},
            "streams": {"type": "integer", "minimum": 1, "description": "Sequences at a time."},
            **{split: {"type": "integer", "minimum": 1, "description": "Sequences of each stream."} for split in SPLITS},
        },
        "required": ["lags", "steps", "streams", *SPLITS],
    }
    losses = ("binary_crossentropy",)
    inputs = 1
    outputs = 1
    metrics = (Metric("cross_entropy", "cross-entropy", False, float(-np.log(1e-7)), knowing([FIRST, SECOND])),)

    def __init__(self, sizes: Mapping[str, Any]) -> None:
        super().__init__(sizes)
        if max(sizes["lags"]) >= sizes["steps"]:
            raise ValueError(f"a lag of {max(sizes['lags'])} is not seen in sequences of {sizes['steps']} steps")
        self.time, self.sequences = sizes["steps"], sizes["train"] * sizes["streams"]
        self.counted = np.arange(max(sizes["lags"]), self.time)
        t_1, t_2 = sizes["lags"]
        known = {"none": [], f"{t_2} steps back": [SECOND], f"{t_1} steps back": [FIRST], "both": [FIRST, SECOND]}
        self.references = {f"knowing {name}": {"cross_entropy": knowing(coins)} for name, coins in known.items()}

    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        """Coins of its own for each split, replicate and sequence."""
        arrays: dict[str, Array] = {"largest": np.array(1)}
        for number, split in enumerate(SPLITS):
            shape = self.time, self.sizes[split] * self.sizes["streams"], 1
            coins = np.stack([stream(seed, "coins", number, r).integers(0, 2, shape, np.uint8) for r in range(replicates)])
            first, second = (coins[:, self.counted - lag] for lag in self.sizes["lags"])
            arrays |= {f"{split}_x": coins, f"{split}_y": 1 / 2 + FIRST * first + SECOND * second}
        return arrays

    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        """The mean over all steps that count."""
        p = np.clip(prediction.astype(np.float64), 1e-7, 1 - 1e-7)
        return {"cross_entropy": -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean((1, 2, 3))}

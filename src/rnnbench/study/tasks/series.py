"""Chaotic series: a stream of one number a step, of which the next is asked for at every step.

Only one coordinate of each system is seen, so that the next number asks for memory. A stream is cut into sequences of as many
steps as a state is carried, each beginning at rest. The numbers of a stream are scaled to a mean of 0 and a variance of 1, so
that the squared error is the normalised one (NMSE).

henon           x' = 1 - 1.4 x^2 + y, y' = .3 x; x is seen
mackey-glass    x' = x + .2 x_16 / (1 + x_16^10) - .1 x, x_16 the value 16 steps before: Euler's steps of 1
lorenz          sigma = 10, rho = 28, beta = 8/3 by Euler's steps of .01; x is seen at every second step

Source: the systems, their steps and the scaling are those of sonaradarcn/sketched-rtrl at commit bb6055e, skrtrl/tasks.py, which
sets the delay of Mackey and Glass to 17 and reads the value 16 steps before. M. Henon, Commun. Math. Phys. 50 (1976); M. C.
Mackey and L. Glass, Science 197 (1977); E. N. Lorenz, J. Atmos. Sci. 20 (1963).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnbench.arrays import Array
from rnnbench.seeds import stream
from rnnbench.study.tasks.base import SPLITS, Metric, Task

TRANSIENT = 200
"""Numbers that are left out before a stream begins."""


def henon(rng: np.random.Generator, streams: int) -> Iterator[Array]:
    """Numbers of so many streams, (streams,) a step."""
    x, y = rng.uniform(0, 0.2, streams), np.zeros(streams)
    while True:
        yield x
        x, y = 1 - 1.4 * x**2 + y, 0.3 * x


def mackey_glass(rng: np.random.Generator, streams: int) -> Iterator[Array]:
    """The same."""
    past = list(rng.uniform(1.2, 1.4, (17, streams)))
    while True:
        before, x = past.pop(0), past[-1]
        past.append(x + 0.2 * before / (1 + before**10) - 0.1 * x)
        yield past[-1]


def lorenz(rng: np.random.Generator, streams: int) -> Iterator[Array]:
    """The same."""
    at = 1 + 0.1 * rng.standard_normal((3, streams))
    while True:
        for _ in range(2):
            x, y, z = at
            at = at + 0.01 * np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        yield at[0]


SYSTEMS: dict[str, Callable[[np.random.Generator, int], Iterator[Array]]] = {
    "henon": henon,
    "mackey-glass": mackey_glass,
    "lorenz": lorenz,
}


def streams_of(system: str, rng: np.random.Generator, streams: int, steps: int) -> Array:
    """Streams of a system, (steps, streams), each of mean 0 and variance 1."""
    drawn = np.stack(list(islice(SYSTEMS[system](rng, streams), TRANSIENT, TRANSIENT + steps)))
    return (drawn - drawn.mean(0)) / drawn.std(0)


@cache
def by_the_last(system: str) -> float:
    """The squared error of predicting the last number again, from 1,000 streams of 1,000."""
    found = streams_of(system, np.random.default_rng(0), 1_000, 1_000)
    return float(np.square(np.diff(found, axis=0)).mean())


class Series(Task):
    """sizes: "system"; "steps" of a sequence; "streams" at a time; "train", "validation" and "test", sequences of each stream."""

    unit = "numbers"
    sizes_schema: ClassVar = {
        "properties": {
            "system": {"enum": list(SYSTEMS), "description": "What moves."},
            "steps": {"type": "integer", "minimum": 2, "description": "Steps of a sequence, over which the state is carried."},
            "streams": {"type": "integer", "minimum": 1, "description": "Streams of each replicate."},
            **{split: {"type": "integer", "minimum": 1, "description": "Sequences of each stream."} for split in SPLITS},
        },
        "required": ["system", "steps", "streams", *SPLITS],
    }
    losses = ("mse",)
    streamed = True
    inputs = 1
    outputs = 1
    # As far off as three standard deviations, either way: what a diverged replicate is given.
    metrics = (Metric("nmse", "normalised squared error", False, 36.0, 0.0),)

    def __init__(self, sizes: Mapping[str, Any]) -> None:
        super().__init__(sizes)
        self.time, self.sequences = sizes["steps"], sizes["train"] * sizes["streams"]

    @property
    def references(self) -> Mapping[str, Mapping[str, float]]:  # type: ignore[override]
        """By the mean, which is 0, and by the last number again."""
        return {"the mean": {"nmse": 1.0}, "the last number": {"nmse": by_the_last(self.sizes["system"])}}

    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        """Streams of their own for each split and replicate, sequence after sequence."""
        arrays: dict[str, Array] = {}
        streams = self.sizes["streams"]
        for number, split in enumerate(SPLITS):
            count = self.sizes[split]
            x = np.empty((replicates, self.time, count * streams, 1))
            y = np.empty_like(x)
            for r in range(replicates):
                drawn = streams_of(self.sizes["system"], stream(seed, "series", number, r), streams, count * self.time + 1)
                for of, numbers in ((x, drawn[:-1]), (y, drawn[1:])):
                    of[r, ..., 0] = numbers.reshape(count, self.time, streams).swapaxes(0, 1).reshape(self.time, -1)
            arrays |= {f"{split}_x": x, f"{split}_y": y}
        return arrays

    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        """The squared error over all steps."""
        return {"nmse": np.square(prediction - y).mean((1, 2, 3))}

"""Time and memory of one gradient as the network, the window and the batch grow."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rnnbench.gradients.registry import PEERS, RULES, rule
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.network import Network, Window
from rnnbench.study.cost import keras_gradient, stopwatch
from rnnbench.study.cost.names import GRADIENT_COST, IN_WINDOWS, WINDOW, measurable
from rnnbench.study.cost.stopwatch import Call
from rnnbench.study.jobs.log import Progress
from rnnbench.study.tasks import Split
from rnnbench.study.training.schedule import pieces, windows


@dataclass(frozen=True)
class Size:
    """The size of a problem: recurrent layers of `hidden` units each, on `batch` sequences of `steps` steps, the last scored."""

    hidden: int = 16
    steps: int = 28
    depth: int = 1
    batch: int = 1

    @property
    def network(self) -> Network:
        """One input, ten classes, tanh: what is not the recurrence is small."""
        return Network(1, (self.hidden,) * self.depth, 10)

    def window(self) -> Window:
        """Random sequences, float32. Time does not depend on what is in them."""
        rng = np.random.default_rng(0)
        x = rng.random((1, self.steps, self.batch, 1), dtype=np.float32)
        return Window(x, rng.integers(0, 10, (1, 1, self.batch)), slice(self.steps - 1, self.steps))


EVERYWHERE = ["posted", "elman", "bptt", "rtrl", *PEERS]
"""Rules that are measured in every sweep; the others over units alone, of which their theories speak."""

FIXED = {"hidden": Size(), "steps": Size(batch=32), "depth": Size(), "batch": Size()}
"""What stands still in the sweep over each. Long windows come in a batch, else a library's memory is below what can be seen."""


def calls(size: Size, names: Collection[str]) -> dict[str, Call]:
    """One gradient by each of the rules, of the whole window at once, and by RTRL window after window."""
    rng = np.random.default_rng(0)
    vector = rng.normal(0, 0.5 / size.hidden**0.5, (1, size.network.parameter_count)).astype(np.float32)
    params, window = size.network.parameters(vector), size.window()

    def call(name: str) -> Call:
        one = rule(name)(size.network)
        return lambda: one.step(params, window, one.init(params, size.batch))

    parts = list(windows(Split(*window), pieces(size.steps, np.array([size.steps - 1]), WINDOW)))

    rtrl = Rtrl(size.network)

    def in_windows() -> None:
        carry = rtrl.init(params, size.batch)
        gradient = np.zeros_like(vector)
        for part, _ in parts:
            step = rtrl.step(params, part, carry)
            gradient += step.gradient
            carry = step.carry

    return {**{name: call(name) for name in names}, IN_WINDOWS: in_windows}


def keras(size: Size) -> dict[str, Call]:
    """One gradient by Keras in each mode."""
    return {name: keras_gradient.call(size.network, size.window(), jit) for name, jit in keras_gradient.MODES.items()}


def sizes(sweeps: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Size]]:
    """Every size of the sweeps: {"hidden": [8, 16, ...], "steps": ..., "depth": ..., "batch": ...}."""
    for sweep, values in sweeps.items():
        for value in sorted(values):
            yield sweep, replace(FIXED[sweep], **{sweep: value})


def memory(name: str, call: Call) -> tuple[float, str]:
    """Peak bytes of a call, and how they were seen.

    "allocated": of NumPy's arrays, counted. "resident": what the process grew by, which is all that can be seen of another
    library. What XLA compiles keeps its memory from call to call, so that of it nothing is seen: NaN.
    """
    if name in RULES or name == IN_WINDOWS:
        return stopwatch.allocated(call), "allocated"
    if name in ("keras", "torch"):
        return stopwatch.resident(call), "resident"
    return np.nan, ""


def measure(sweeps: Mapping[str, Sequence[int]], rounds: int) -> pd.DataFrame:
    """A row for each sweep, size and candidate: median and range of seconds over the rounds, and peak memory, GRADIENT_COST."""
    asked = list(sizes(sweeps))
    distinct = dict.fromkeys(size for _, size in asked)
    of_units = {size for sweep, size in asked if sweep == "hidden"}
    progress = Progress("cost of a gradient", len(distinct), "size")
    rows: dict[Size, list[list[Any]]] = {}
    for done, size in enumerate(distinct):
        names = [name for name in measurable() if size in of_units or name in EVERYWHERE]
        candidates = {**calls(size, names), **keras(size)}
        where = [size.hidden, size.steps, size.depth, size.batch]
        rows[size] = [
            [name, *where, np.median(values), values.min(), values.max(), *memory(name, candidates[name])]
            for name, values in stopwatch.interleaved(candidates, rounds).items()
        ]
        progress.at(done + 1)
    shared = {*EVERYWHERE, IN_WINDOWS, *keras_gradient.MODES}
    measured = [(sweep, row) for sweep, size in asked for row in rows[size] if sweep == "hidden" or row[0] in shared]
    return pd.DataFrame([[sweep, *row] for sweep, row in measured], columns=GRADIENT_COST)

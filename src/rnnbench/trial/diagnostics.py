"""Gradient statistics along a run, in float64, with one code for every variant of every library.

The probe is the same for all: the first sequences of the validation split.
"""

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients import RULES, GradientRule
from rnnbench.gradients.base import through_outputs
from rnnbench.gradients.bptt import Bptt, backward
from rnnbench.network import Network, Parameters, Window
from rnnbench.settings import TaskSettings
from rnnbench.tasks import Split
from rnnbench.training.schedule import Piece, Schedule, pieces, windows
from rnnbench.training.trajectory import Trajectory
from rnnbench.trial.exactness import gradient_of

PROBE = 64  # sequences
SNAPSHOTS = 12  # of the kept points, log-spaced
COLUMNS = ["task", "variant", "replicate", "updates", "examples", "quantity", "of", "lag", "value"]


def probe(task: TaskSettings, splits: dict[str, Split]) -> Split:
    """The sequences that gradients are taken on, the same for every variant: as the recipe with the shortest cuts them."""
    shortest = min(task.recipes.values(), key=lambda recipe: recipe.sequence or task.time)
    split = Schedule(task, shortest).cut(splits["validation"])
    return Split(*(a[:, :, :PROBE].astype(np.float64) if a.dtype.kind == "f" else a[:, :, :PROBE] for a in split))


def chosen_points(trajectory: Trajectory) -> list[int]:
    """Indices of the points looked at: the first, the last and log-spaced ones between."""
    count = len(trajectory.updates)
    spaced = np.searchsorted(trajectory.updates, np.geomspace(1, max(1, trajectory.updates[-1]), SNAPSHOTS - 1))
    return sorted({0, count - 1, *(int(i) for i in spaced if i < count)})


def as_scheduled(rule: GradientRule, params: Parameters, batch: Split, parts: list[Piece]) -> Array:
    """The gradient of a batch taken window by window, as a run takes it, but with the weights standing still."""
    total = np.zeros_like(params.vector)
    carry = rule.init(params, batch.sequences)
    for window, _ in windows(batch, parts):
        step = rule.step(params, window, carry)
        carry = step.carry
        total += step.gradient * (window.y.shape[1] / batch.y.shape[1])
    return total


def lag_norms(network: Network, params: Parameters, window: Window) -> Array:
    """Norm of dL_T/dx_L^{T-k} for k = 0..T-1, where L_T is the loss of the last counted step: (replicate, lag), batch mean.

    Source: R. Pascanu, T. Mikolov and Y. Bengio, ICML 2013, section 2.
    """
    steps, batch = window.x.shape[1:3]
    last = Window(window.x, window.y[:, -1:], slice(steps - 1, steps))
    activity = network.forward(params, last, network.rest(len(params.vector), batch, params.vector.dtype))
    L = network.depth
    dx = through_outputs(network, params, last, activity, network.zeros_like(params))
    dz = backward(network, params, last, activity, dx)[L]
    dx[:, :-1] += dz[:, 1:] @ params.R[L][:, None].swapaxes(2, 3)
    # through_outputs divides by the batch; the norm of one sequence's loss does not.
    return np.linalg.norm(dx * batch, axis=-1).mean(-1)[:, ::-1]


def cosine(a: Array, b: Array) -> Array:
    """Cosine of the angle between rows; NaN where one of them is zero."""
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(1), norms, out=np.full(len(a), np.nan), where=norms > 0)


def table(variant: str, gradient: str, schedule: Schedule, splits: dict[str, Split], trajectory: Trajectory) -> pd.DataFrame:
    """Long form, COLUMNS. Quantities:

    gradient norm (of a parameter block, exact gradient); spectral radius (of R_i); cosine and norm ratio to the exact gradient
    (of each rule, and of "as trained", the run's own rule in its own windows); lag norm (by lag, from a step that asks for
    memory).
    """
    network, task = schedule.task.network, schedule.task
    batch = probe(task, splits)
    whole = batch.window()
    time = batch.x.shape[1]
    parts = pieces(time, task.kind.counted(time), min(schedule.recipe.window or time, time))
    asked = task.kind.telling(time)
    telling = Window(whole.x[:, :asked], whole.y[:, : whole.y.shape[1] - (time - asked)], slice(0, asked))
    rows: list[tuple[object, ...]] = []
    with np.errstate(all="ignore"):
        for point in chosen_points(trajectory):
            updates = int(trajectory.updates[point])
            params = network.parameters(trajectory.vector[point].astype(np.float64))
            exact = gradient_of(Bptt(network), params, whole)

            def add(quantity: str, of: str, values: Array, lag: int = 0, updates: int = updates) -> None:
                rows.extend(
                    (task.name, variant, r, updates, schedule.examples(updates), quantity, of, lag, float(value))
                    for r, value in enumerate(values)
                )

            for name, block in network.parameters(exact).blocks().items():
                add("gradient norm", name, np.linalg.norm(block, axis=(1, 2)))
            for i, R in params.R.items():
                finite = np.asarray(np.isfinite(R).all((1, 2)))
                radius = np.abs(np.linalg.eigvals(np.where(finite[:, None, None], R, 0))).max(-1)
                add("spectral radius", f"R{i}", np.where(finite, radius, np.nan))
            gradients = {
                name: gradient_of(rule(network), params, whole) for name, rule in RULES.items() if name not in ("mlp", "bptt")
            }
            gradients["as trained"] = as_scheduled(RULES[gradient](network), params, batch, parts)
            for name, g in gradients.items():
                add("cosine", name, cosine(g, exact))
                add("norm ratio", name, np.linalg.norm(g, axis=1) / np.linalg.norm(exact, axis=1))
            for lag, values in enumerate(lag_norms(network, params, telling)[:, :30].T):
                add("lag norm", f"x{network.depth}", values, lag)
    return pd.DataFrame(rows, columns=COLUMNS)

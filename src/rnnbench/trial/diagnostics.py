"""Gradient statistics along a run, in float64, with one code for every variant of every library.

The probe is the same for all: the first sequences of the validation split.
"""

from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients import RULES, TRAINABLE, GradientRule
from rnnbench.gradients.bptt import Bptt
from rnnbench.network import Network, Parameters, Window
from rnnbench.settings import TaskSettings
from rnnbench.tasks import Split
from rnnbench.training.schedule import Piece, Schedule, pieces, windows
from rnnbench.training.trajectory import Trajectory, predict
from rnnbench.trial.alignment import alignment
from rnnbench.trial.dynamics import lyapunov, saturation, singular_values, slopes, spans
from rnnbench.trial.exactness import gradient_of
from rnnbench.trial.lags import kept_lags, lag_norms, lag_rate

BESIDE = ("posted", "elman", "rtrl")  # rules that every run's exact gradient is compared with
PROBE = 16  # sequences, or fewer where they are long:
PROBE_STEPS = 4096  # in all sequences of the probe
FEW = 8  # sequences that Jacobians are taken along
SNAPSHOTS = 8  # of the kept points, log-spaced
TRANSIENT = 0.25  # of a sequence: left out of the Lyapunov exponent
COLUMNS = ["task", "variant", "replicate", "updates", "examples", "quantity", "of", "lag", "value"]


def probe(task: TaskSettings, splits: dict[str, Split]) -> Split:
    """The sequences that gradients are taken on, the same for every variant: as the recipe with the shortest cuts them."""
    shortest = min(task.recipes.values(), key=lambda recipe: recipe.sequence or task.time)
    split = Schedule(task, shortest).cut(splits["validation"])
    return first(split, max(1, min(PROBE, PROBE_STEPS // split.x.shape[1])))


def first(split: Split, sequences: int) -> Split:
    """The first sequences of a split, in float64."""
    return Split(*(a[:, :, :sequences].astype(np.float64 if a.dtype.kind == "f" else a.dtype) for a in split))


def spaced(trajectory: Trajectory, points: int) -> list[int]:
    """Indices of so many kept points, or fewer: the first, the last and log-spaced ones between."""
    count = len(trajectory.updates)
    between = np.searchsorted(trajectory.updates, np.geomspace(1, max(1, trajectory.updates[-1]), points - 1))
    return sorted({0, count - 1, *(int(i) for i in between if i < count)})


def as_scheduled(rule: GradientRule, params: Parameters, batch: Split, parts: list[Piece]) -> Array:
    """The gradient of a batch taken window by window, as a run takes it, but with the weights standing still."""
    total = np.zeros_like(params.vector)
    carry = rule.init(params, batch.sequences)
    for window, _ in windows(batch, parts):
        step = rule.step(params, window, carry)
        carry = step.carry
        total += step.gradient * (window.y.shape[1] / batch.y.shape[1])
    return total


class Measure(NamedTuple):
    """One quantity at one point of a run: values (replicate,), `of` what, at which lag (0 where there is none)."""

    quantity: str
    of: str
    values: Array
    lag: int = 0


def of_weights(params: Parameters) -> Iterator[Measure]:
    """Spectral radius: the largest modulus of an eigenvalue of R_i."""
    for i, R in params.R.items():
        finite = np.asarray(np.isfinite(R).all((1, 2)))
        radius = np.abs(np.linalg.eigvals(np.where(finite[:, None, None], R, 0))).max(-1)
        yield Measure("spectral radius", f"R{i}", np.where(finite, radius, np.nan))


def of_movement(trajectory: Trajectory, point: int) -> Iterator[Measure]:
    """Update to weight: |theta_p - theta_{p-1}| / (updates between) / |theta_{p-1}| for the kept points p-1 and p.

    The net movement an update. Steps that turn back cancel in it, so where kept points are far apart it is a lower bound of the
    mean step.
    """
    if point == 0:
        return
    before, after = trajectory.vector[point - 1 : point + 1].astype(np.float64)
    movement = np.linalg.norm(after - before, axis=1) / np.diff(trajectory.updates)[point - 1]
    yield Measure("update to weight", "all weights", movement / np.linalg.norm(before, axis=1))


def of_gradients(network: Network, params: Parameters, gradients: dict[str, Array], pairs: bool) -> Iterator[Measure]:
    """Norms of the exact gradient by parameter block; every other gradient beside it; with `pairs` all pairs, named "a | b"."""
    for name, block in network.parameters(gradients["exact"]).blocks().items():
        yield Measure("gradient norm", name, np.linalg.norm(block, axis=(1, 2)))
    names = list(gradients)
    alike = alignment(np.stack([gradients[name] for name in names]))
    for quantity, values in (
        ("cosine", alike.cosine),
        ("norm ratio", alike.norm_ratio),
        ("sign agreement", alike.sign_agreement),
    ):
        exact = names.index("exact")
        for a, name in enumerate(names):
            if a != exact:
                yield Measure(quantity, name, values[:, a, exact])
        if pairs:
            for b, a in combinations(range(len(names)), 2):
                yield Measure(f"pair {quantity}", f"{names[a]} | {names[b]}", values[:, a, b])


def of_memory(network: Network, params: Parameters, telling: Window) -> Iterator[Measure]:
    """How far back the loss reaches and how nudges of the state fare, along sequences that end with a step that asks for memory.

    Lag norm (by lag) and its rate; singular value of products of Jacobians (lag: how many steps); Lyapunov exponent; saturated
    units.
    """
    steps, top = telling.x.shape[1], f"x{network.depth}"
    lags = kept_lags(steps)
    norms = lag_norms(network, params, telling)[:, lags]
    for lag, values in zip(lags.tolist(), norms.T, strict=True):
        yield Measure("lag norm", top, values, lag)
    yield Measure("lag rate", top, lag_rate(lags, norms))
    along = slopes(network, params, Window(telling.x[:, :, :FEW], telling.y[:, :, :FEW], telling.counted))
    for k, three in singular_values(network, params, along, spans(steps)).items():
        for name, values in zip(("largest", "median", "smallest"), three.T, strict=True):
            yield Measure("singular value", name, values, k)
    yield Measure("Lyapunov exponent", "largest", lyapunov(network, params, along, int(steps * TRANSIENT)))
    for i, share in saturation(network, along).items():
        yield Measure("saturated units", f"x{i}", share)


def of_cycle(task: TaskSettings, vector: Array, split: Split) -> Iterator[Measure]:
    """Root mean squared error by place in the task's cycle (lag: the place, from 1), over whole validation sequences."""
    if task.kind.profile is not None:
        errors = task.kind.profile(predict(task.network, vector, split), split.y)
        for place, values in enumerate(errors.T, start=1):
            yield Measure("rms error", "place", values, place)


def table(variant: str, gradient: str, schedule: Schedule, splits: dict[str, Split], trajectory: Trajectory) -> pd.DataFrame:
    """Long form, COLUMNS. Quantities, each explained where it is computed:

    spectral radius; update to weight; gradient norm (exact gradient, of a parameter block); cosine, norm ratio and sign
    agreement to the exact gradient (of each of BESIDE, and of "as trained", the run's own rule in its own windows; missing for
    a rule that learns, of which the kept weights do not tell what it had learnt); the same as "pair ..." for all pairs of
    them, at the first, the middle and the last of the points; lag norm (by lag, from a step that asks for memory) and lag
    rate; singular value (by lag); Lyapunov exponent; saturated units; rms error (by place in the task's cycle, at the last
    point). All are NaN where the weights are not finite.
    """
    network, task = schedule.task.network, schedule.task
    batch = probe(task, splits)
    whole = batch.window()
    time = batch.x.shape[1]
    parts = pieces(time, task.kind.counted(time), min(schedule.recipe.window or time, time))
    asked = task.kind.telling(time)
    telling = Window(whole.x[:, :asked], whole.y[:, : whole.y.shape[1] - (time - asked)], slice(0, asked))
    rows: list[tuple[object, ...]] = []
    chosen = spaced(trajectory, SNAPSHOTS)
    paired = {chosen[0], chosen[len(chosen) // 2], chosen[-1]}
    with np.errstate(all="ignore"):
        for point in chosen:
            updates = int(trajectory.updates[point])
            params = network.parameters(trajectory.vector[point].astype(np.float64))
            finite = np.isfinite(params.vector).all(1)
            gradients = {"exact": gradient_of(Bptt(network), params, whole)}
            for name in BESIDE:
                # Exact rules stand in the matrices; between those points they would only repeat the exact gradient, at a price.
                if point in paired or RULES[name].claim != "exact":
                    gradients[name] = gradient_of(RULES[name](network), params, whole)
            own = TRAINABLE[gradient](network, task.seed)
            same = {"bptt": "exact"}.get(gradient, gradient) if len(parts) == 1 else None  # one window: already there
            if own.learns:
                gradients["as trained"] = np.full_like(params.vector, np.nan)
            else:
                gradients["as trained"] = gradients[same] if same in gradients else as_scheduled(own, params, batch, parts)
            for found in gradients.values():
                own.prepare(network.parameters(found))  # what the run's network has not has no gradient
            for quantity, of, values, lag in chain(
                of_weights(params),
                of_movement(trajectory, point),
                of_gradients(network, params, gradients, point in paired),
                of_memory(network, params, telling),
                of_cycle(task, params.vector, splits["validation"]) if point == chosen[-1] else (),
            ):
                rows.extend(
                    (task.name, variant, r, updates, schedule.examples(updates), quantity, of, lag, value)
                    for r, value in enumerate(np.where(finite, values, np.nan).tolist())
                )
    return pd.DataFrame(rows, columns=COLUMNS)

"""Gradient statistics along a run, in float64, with one code for every variant of every library.

The probe is the same for all: the first sequences of the validation split.
"""

from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnnbench.arrays import Array, Booleans
from rnnbench.gradients import GradientRule, registry
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.elman import Elman
from rnnbench.gradients.parts.posted_backward import PostedBackward
from rnnbench.network import Network, Parameters, Window
from rnnbench.study.probes.alignment import alignment
from rnnbench.study.probes.dynamics import lyapunov, saturation, singular_values, slopes, spans
from rnnbench.study.probes.lags import kept_lags, lag_norms, lag_rate
from rnnbench.study.probes.quantities import AS_TRAINED, DIAGNOSED, PAIRS, REFERENCE, Quantity
from rnnbench.study.settings import TaskSettings
from rnnbench.study.tasks import Split
from rnnbench.study.tasks.base import contiguous
from rnnbench.study.training import backward
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.schedule import Piece, Schedule, pieces, windows
from rnnbench.study.training.trajectory import Trajectory, predict
from rnnbench.trial.exactness import distances, gradient_of

BESIDE: dict[str, type[GradientRule]] = {
    "posted": PostedBackward,  # which is the posted gradient of a whole window
    "elman": Elman,
}  # rules that every run's exact gradient is compared with
PROBE = 16  # sequences, or fewer where they are long:
PROBE_STEPS = 4096  # in all sequences of the probe
FEW = 8  # sequences that Jacobians are taken along
SNAPSHOTS = 8  # of the kept points, log-spaced: where what is dear is looked at
TRANSIENT = 0.25  # of a sequence: left out of the Lyapunov exponent
COLUMNS = ["task", "variant", "replicate", "updates", "examples", "quantity", "of", "lag", "value"]


def probe(task: TaskSettings, splits: dict[str, Split]) -> Split:
    """The sequences that gradients are taken on, the same for every variant: as the recipe with the shortest cuts them."""
    shortest = min(task.recipes.values(), key=lambda recipe: recipe.sequence or task.time)
    split = Schedule(task, shortest).cut(splits["validation"])
    return first(split, max(1, min(PROBE, PROBE_STEPS // split.x.shape[1])))


def first(split: Split, sequences: int) -> Split:
    """The first sequences of a split, in float64."""
    return split.part(slice(sequences), np.float64)


def spaced(trajectory: Trajectory, points: int) -> list[int]:
    """Indices of so many kept points, or fewer: the first, the last and log-spaced ones between."""
    count = len(trajectory.updates)
    between = np.searchsorted(trajectory.updates, np.geomspace(1, max(1, trajectory.updates[-1]), points - 1))
    return sorted({0, count - 1, *(int(i) for i in between if i < count)})


def as_scheduled(rule: GradientRule, params: Parameters, batch: Split, parts: list[Piece]) -> Array:
    """The gradient of a batch taken window by window, as a run takes it, but with the weights standing still."""
    total = np.zeros_like(params.vector)
    learner = Learner(rule, params, batch.sequences)
    for window, _ in windows(batch, parts):
        _, gradient = learner.see(window)
        total += gradient * (window.y.shape[1] / batch.y.shape[1])
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
        yield Measure(Quantity.SPECTRAL_RADIUS, f"R{i}", np.where(finite, radius, np.nan))


def of_movement(trajectory: Trajectory, point: int) -> Iterator[Measure]:
    """Update to weight: |theta_p - theta_{p-1}| / (updates between) / |theta_{p-1}| for the kept points p-1 and p.

    The net movement per update. Steps that turn back cancel in it, so where kept points are far apart it is a lower bound of the
    mean step.
    """
    if point == 0:
        return
    before, after = trajectory.vector[point - 1 : point + 1].astype(np.float64)
    movement = np.linalg.norm(after - before, axis=1) / np.diff(trajectory.updates)[point - 1]
    yield Measure(Quantity.UPDATE_TO_WEIGHT, "all weights", movement / np.linalg.norm(before, axis=1))


def of_gradients(network: Network, params: Parameters, gradients: dict[str, Array], pairs: bool) -> Iterator[Measure]:
    """Norms of the exact gradient by parameter block; every other gradient beside it; with `pairs` all pairs, named "a | b"."""
    for name, block in network.parameters(gradients[REFERENCE]).blocks().items():
        yield Measure(Quantity.GRADIENT_NORM, name, np.linalg.norm(block, axis=(1, 2)))
    names = list(gradients)
    alike = alignment(np.stack([gradients[name] for name in names]))
    for quantity, values in (
        (Quantity.COSINE, alike.cosine),
        (Quantity.NORM_RATIO, alike.norm_ratio),
        (Quantity.SIGN_AGREEMENT, alike.sign_agreement),
    ):
        exact = names.index(REFERENCE)
        for a, name in enumerate(names):
            if a != exact:
                yield Measure(quantity, name, values[:, a, exact])
        if pairs:
            for b, a in combinations(range(len(names)), 2):
                yield Measure(PAIRS[quantity], f"{names[a]} | {names[b]}", values[:, a, b])


def of_memory(network: Network, params: Parameters, telling: Window) -> Iterator[Measure]:
    """How far back the loss reaches and how nudges of the state fare, along sequences that end with a step that asks for memory.

    Lag norm (by lag) and its rate; singular value of products of Jacobians (lag: how many steps); Lyapunov exponent; saturated
    units.
    """
    steps, top = telling.x.shape[1], f"x{network.depth}"
    lags = kept_lags(steps)
    norms = lag_norms(network, params, telling)[:, lags]
    for lag, values in zip(lags.tolist(), norms.T, strict=True):
        yield Measure(Quantity.LAG_NORM, top, values, lag)
    yield Measure(Quantity.LAG_RATE, top, lag_rate(lags, norms))
    along = slopes(network, params, Window(telling.x[:, :, :FEW], telling.y[:, :, :FEW], telling.counted))
    for k, three in singular_values(network, params, along, spans(steps)).items():
        for name, values in zip(("largest", "median", "smallest"), three.T, strict=True):
            yield Measure(Quantity.SINGULAR_VALUE, name, values, k)
    yield Measure(Quantity.LYAPUNOV_EXPONENT, "largest", lyapunov(network, params, along, int(steps * TRANSIENT)))
    for i, share in saturation(network, along).items():
        yield Measure(Quantity.SATURATED_UNITS, f"x{i}", share)


def of_backward(
    rule: GradientRule, backward: GradientRule, params: Parameters, whole: Window, finite: Booleans
) -> Iterator[Measure]:
    """Backward error: how far the backward pass that a run is trained with is off the rule it stands for, relative.

    The largest of any parameter and replicate, for each replicate.
    """
    if backward is not rule:
        found = distances(rule.network, gradient_of(backward, params, whole), gradient_of(rule, params, whole))
        errors = np.stack([block.error for block in found.values()])[:, finite]
        yield Measure(Quantity.BACKWARD_ERROR, AS_TRAINED, np.full(len(finite), errors.max() if errors.size else np.nan))


def of_cycle(task: TaskSettings, vector: Array, split: Split) -> Iterator[Measure]:
    """Root mean squared error by place in the task's cycle (lag: the place, from 1), over whole validation sequences."""
    if task.kind.cycle is not None:
        errors = task.kind.cycle.errors(predict(task.network, vector, split), split.y)
        for place, values in enumerate(errors.T, start=1):
            yield Measure(Quantity.RMS_ERROR, "place", values, place)


def diagnose(variant: str, gradient: str, schedule: Schedule, splits: dict[str, Split], trajectory: Trajectory) -> pd.DataFrame:
    """Long form, COLUMNS, of the first replicates of a run (splits and trajectory are those of all). Quantities, each explained
    where it is computed:

    At every kept point: spectral radius; update to weight; gradient norm (exact gradient, of a parameter block); cosine, norm
    ratio and sign agreement to the exact gradient (of each of BESIDE, and of "as trained", the run's own rule in its own windows;
    missing for a rule that learns, of which the kept weights do not tell what it had learnt). At the first, the middle and the
    last of SNAPSHOTS of them, the same as "pair ..." for all pairs, and backward error (where the recipe has `backward`). At all
    SNAPSHOTS: lag norm (by lag, from a step that asks for memory) and lag rate; singular value (by lag); Lyapunov exponent;
    saturated units. At the last: rms error (by place in the task's cycle). All are NaN where the weights are not finite.
    """
    network, task = schedule.task.network, schedule.task
    splits = {name: split.of(slice(DIAGNOSED)) for name, split in splits.items()}
    trajectory = trajectory._replace(vector=trajectory.vector[:, :DIAGNOSED])
    batch = probe(task, splits)
    whole = batch.window()
    time = batch.x.shape[1]
    counted = task.kind.counted_of(time)
    parts = pieces(time, counted, min(schedule.recipe.window or time, time))
    asked = task.kind.telling(time)
    scored = counted[counted < asked]
    telling = Window(whole.x[:, :asked], whole.y[:, : len(scored)], contiguous(scored))
    rows: list[tuple[object, ...]] = []
    chosen = spaced(trajectory, SNAPSHOTS)
    paired = {chosen[0], chosen[len(chosen) // 2], chosen[-1]}
    with np.errstate(all="ignore"):
        for point in range(len(trajectory.updates)):
            updates = int(trajectory.updates[point])
            params = network.parameters(trajectory.vector[point].astype(np.float64))
            finite = np.asarray(np.isfinite(params.vector).all(1))
            gradients = {REFERENCE: gradient_of(Bptt(network), params, whole)}
            gradients |= {name: gradient_of(beside(network), params, whole) for name, beside in BESIDE.items()}
            own = registry.rule(gradient)(network, task.seed)
            followed = backward.followed(own, schedule)
            same = {"bptt": REFERENCE}.get(gradient, gradient) if len(parts) == 1 else None  # one window: already there
            if own.learns:
                gradients[AS_TRAINED] = np.full_like(params.vector, np.nan)
            else:
                gradients[AS_TRAINED] = gradients[same] if same in gradients else as_scheduled(followed, params, batch, parts)
            for found in gradients.values():
                own.prepare(network.parameters(found))  # what the run's network does not have has no gradient
            for quantity, of, values, lag in chain(
                of_weights(params),
                of_movement(trajectory, point),
                of_gradients(network, params, gradients, point in paired),
                of_memory(network, params, telling) if point in chosen else (),
                of_backward(own, followed, params, whole, finite) if point in paired else (),
                of_cycle(task, params.vector, splits["validation"]) if point == chosen[-1] else (),
            ):
                rows.extend(
                    (task.name, variant, r, updates, schedule.examples(updates), quantity, of, lag, value)
                    for r, value in enumerate(np.where(finite, values, np.nan).tolist())
                )
    return pd.DataFrame(rows, columns=COLUMNS)

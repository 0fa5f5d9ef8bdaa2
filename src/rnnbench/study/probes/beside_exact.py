"""Every rule beside the exact gradient at the same weights, those of one run that follows the exact gradient.

Of the parameters of the recurrent layers alone: the readout's gradient is exact in nearly every rule, and would hide the rest.

Source: O. Marschall, K. Cho and C. Savin, A unified framework of online learning algorithms for training recurrent neural
networks, JMLR 21 (2020), section 5.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule, registry
from rnnbench.gradients.base import Claim
from rnnbench.gradients.bptt import Bptt
from rnnbench.network import Network, Parameters, Window
from rnnbench.study.jobs.log import Progress
from rnnbench.study.probes.diagnostics import first, spaced
from rnnbench.study.probes.quantities import Quantity
from rnnbench.study.tasks import Split
from rnnbench.study.training.schedule import Schedule
from rnnbench.study.training.trajectory import Trajectory
from rnnbench.trial.exactness import gradient_of

SEQUENCES = 8  # of validation data, that a gradient is taken on
POINTS = 6  # of the run, log-spaced; and the quarters of it
DRAWS = 32  # of all replicates together, at each point, of a rule that draws
LESSONS = 100  # batches of training data from which a rule that learns may learn, before its gradient is taken
COLUMNS = ["task", "rule", "replicate", "updates", "examples", "quantity", "value"]


def compared(network: Network, rules: Iterable[str]) -> list[str]:
    """Those of the rules whose network this is, and that do not claim the exact gradient."""
    found = []
    for name in rules:
        params = network.parameters(np.ones((1, network.parameter_count)))
        kind = registry.rule(name)
        kind(network).prepare(params)
        if params.vector.all() and kind.claim != Claim.EXACT:
            found.append(name)
    return found


def draws_each(replicates: int) -> int:
    """How many gradients are drawn at each point of each replicate."""
    return max(2, DRAWS // replicates)


def points_of(trajectory: Trajectory) -> list[int]:
    """Indices of the kept points: log-spaced ones, and those nearest to the quarters of the run."""
    quarters = np.abs(trajectory.updates[:, None] - trajectory.updates[-1] * np.array([0.25, 0.5, 0.75])).argmin(0)
    return sorted({*spaced(trajectory, POINTS), *quarters.tolist()})


def draws(rule: GradientRule, params: Parameters, window: Window, lessons: Iterable[Window], count: int) -> Array:
    """So many gradients at the same weights, each with noise of its own, (replicate, draw, parameter)."""
    network, replicates = rule.network, len(params.vector)
    many = network.parameters(np.repeat(params.vector, count, axis=0))

    def repeated(a: Array) -> Array:
        return np.repeat(a, count, axis=0) if len(a) > 1 else a

    carry = rule.init(many, window.x.shape[2])
    for lesson in lessons if rule.learns else ():
        carry = rule.reset(many, lesson.x.shape[2], carry)
        carry = rule.step(many, lesson._replace(x=repeated(lesson.x), y=repeated(lesson.y)), carry).carry
    carry = rule.reset(many, window.x.shape[2], carry)
    found = rule.step(many, window._replace(x=repeated(window.x), y=repeated(window.y)), carry).gradient
    return found.reshape(replicates, count, -1)


def measures(found: Array, exact: Array) -> Iterator[tuple[str, Array]]:
    """Quantities (replicate,) of draws (replicate, draw, parameter) beside the exact gradient (replicate, parameter).

    cosine and norm ratio: of one draw to the exact gradient, the mean over draws. variance: of one draw, E|g - E g|^2 / |g*|^2.
    squared bias: |E g - g*|^2 / |g*|^2, the variance of the mean over these draws taken off, so that for an unbiased rule it is
    zero on average and may be below it.
    """
    size = np.linalg.norm(exact, axis=1)
    norms = np.linalg.norm(found, axis=2)
    yield Quantity.COSINE, (np.einsum("rdp,rp->rd", found, exact) / norms / size[:, None]).mean(1)
    yield Quantity.NORM_RATIO, (norms / size[:, None]).mean(1)
    mean, count = found.mean(1), found.shape[1]
    variance = np.square(found - mean[:, None]).sum(2).sum(1) / max(1, count - 1)
    yield Quantity.VARIANCE, variance / size**2
    yield Quantity.SQUARED_BIAS, (np.square(mean - exact).sum(1) - variance / count) / size**2


def measure(
    schedule: Schedule, splits: dict[str, Split], trajectory: Trajectory, rules: Iterable[str], progress: Progress
) -> pd.DataFrame:
    """Long form, COLUMNS, over the points of a run; the gradient is of whole sequences, as its recipe cuts them."""
    task, network = schedule.task, schedule.task.network
    recurrent = slice(0, network.recurrent_parameters[-1])
    window = first(schedule.cut(splits["validation"]), SEQUENCES).window()
    training = schedule.cut(splits["train"])
    # Where the data are few, the lessons begin anew.
    chosen = np.arange(LESSONS * SEQUENCES).reshape(LESSONS, SEQUENCES) % training.sequences
    lessons = [training.part(part, np.float64).window() for part in chosen]
    names, rows = compared(network, rules), []
    points = points_of(trajectory)
    for number, point in enumerate(points):
        params = network.parameters(trajectory.vector[point].astype(np.float64))
        updates = int(trajectory.updates[point])
        with np.errstate(all="ignore"):
            exact = gradient_of(Bptt(network), params, window)[:, recurrent]
            for name in names:
                # Other noise at every point. What is drawn once for all is what the rule was trained with.
                kind = registry.rule(name)
                rule, count = (
                    (kind(network, task.seed + number), draws_each(len(params.vector)))
                    if kind.draws
                    else (kind(network, task.seed), 1)
                )
                found = draws(rule, params, window, lessons, count)[:, :, recurrent]
                for quantity, values in measures(found, exact):
                    rows += [
                        (task.name, name, r, updates, schedule.examples(updates), quantity, value)
                        for r, value in enumerate(values.tolist())
                    ]
        progress.at(number + 1)
    return pd.DataFrame(rows, columns=COLUMNS)

"""What it costs RTRL that weights move under it: the gradient that online learning applies, beside that of weights at rest.

RTRL's recursion carries dx/dtheta from step to step and is exact while theta stands still. Online, theta moves at every step, and
what is carried is a mixture of derivatives at old weights.

Source: R. J. Williams and D. Zipser, Neural Computation 1 (1989), section 3; O. Marschall, K. Cho and C. Savin, JMLR 21 (2020).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from rnnbench.arrays import Array
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.rtrl import Rtrl
from rnnbench.network import Network, Window
from rnnbench.study.probes.quantities import DIAGNOSED, Quantity
from rnnbench.study.tasks import Split
from rnnbench.study.tasks.base import contiguous
from rnnbench.study.training.prepared import Prepared
from rnnbench.study.training.schedule import pieces, windows
from rnnbench.trial.exactness import gradient_of

STEPS = 120  # counted ones
RATES = np.geomspace(1e-4, 1, 9)
COLUMNS = ["task", "replicate", "learning_rate", "quantity", "value"]


def frozen_sum(network: Network, initial: Array, stream: Window) -> Array:
    """Sum over counted steps of the gradient of each step's loss, weights at rest: (replicate, parameter)."""
    return gradient_of(Bptt(network), network.parameters(initial), stream) * stream.y.shape[1]


def staleness(network: Network, initial: Array, stream: Window, rates: Array) -> dict[str, Array]:
    """Online RTRL with plain SGD along a stream, an update at every counted step, at each learning rate: (rate, replicate).

    g^t is the gradient that is applied at a counted step t, theta^t the weights at which it is taken, and L^t the loss of step t:

        moving weights       |sum_t g^t - sum_t dL^t/dtheta(theta^0)| / |sum_t dL^t/dtheta(theta^0)|
        stale sensitivities  sum_t |g^t - dL^t/dtheta(theta^t)| / sum_t |dL^t/dtheta(theta^t)|

    where dL^t/dtheta(theta^t) takes the stream from its start with theta^t held fixed, so that both the sensitivities and the
    state are those of the present weights. Both vanish in proportion to the learning rate.
    """
    replicates, steps = len(initial), stream.x.shape[1]
    # A learning rate is one more kind of replicate.
    x, y = (np.tile(np.broadcast_to(a, (replicates, *a.shape[1:])), (len(rates), *[1] * (a.ndim - 1))) for a in stream[:2])
    params = network.parameters(np.tile(initial, (len(rates), 1)))
    rate = np.repeat(rates, replicates)[:, None]
    online, fresh = Rtrl(network), Bptt(network)
    carry = online.init(params, x.shape[2])
    applied, stale, scale = np.zeros_like(params.vector), np.zeros(len(rate)), np.zeros(len(rate))
    counted = np.arange(steps)[stream.counted]
    for t, (window, counts) in enumerate(windows(Split(x, y), pieces(steps, counted, 1))):
        _, gradient, carry = online.step(params, window, carry)
        if not counts:
            continue
        present = gradient_of(fresh, params, Window(x[:, : t + 1], window.y, slice(t, t + 1)))
        applied += gradient
        stale += np.linalg.norm(gradient - present, axis=1)
        scale += np.linalg.norm(present, axis=1)
        params.vector[...] -= rate * gradient
    at_rest = np.tile(frozen_sum(network, initial, stream), (len(rates), 1))
    found = {
        Quantity.MOVING_WEIGHTS: np.linalg.norm(applied - at_rest, axis=1) / np.linalg.norm(at_rest, axis=1),
        Quantity.STALE_SENSITIVITIES: stale / scale,
    }
    return {quantity: values.reshape(len(rates), replicates) for quantity, values in found.items()}


def measure(prepared: Prepared) -> pd.DataFrame:
    """Long form, COLUMNS: along the first steps of the validation stream, from the initial weights, in float64.

    Empty for a task that counts one step of a sequence only: its weights never move while sensitivities are carried.
    """
    task = prepared.task
    rows: list[tuple[object, ...]] = []
    if len(task.kind.counted) > 1:
        double = Prepared(replace(task, dtype="float64"), prepared.paths, np.arange(min(task.replicates, DIAGNOSED)))
        split = double.splits["validation"]
        counted = task.kind.counted[:STEPS]
        stream = Window(split.x[:, : counted[-1] + 1, :1], split.y[:, :STEPS, :1], contiguous(counted))
        with np.errstate(all="ignore"):
            found = staleness(task.network, double.initial(), stream, RATES)
        for quantity, values in found.items():
            for rate, row in zip(RATES.tolist(), values.tolist(), strict=True):
                rows += [(task.name, r, rate, quantity, value) for r, value in enumerate(row)]
    return pd.DataFrame(rows, columns=COLUMNS)

"""Speed of the gradients on this machine: one thread, candidates in turn, medians, ratios with their ranges.

    make benchmark          or          python benchmarks/speed.py [--rounds N]

Prints tables in Markdown: BPTT on row MNIST and on temporal XOR against ways of running Keras, exact RTRL against the
machine's own matrix product, online RTRL on temporal XOR, and the rules of online learning against a forward step. JAX and
PyTorch join where they are installed (make peers). Only useful arithmetic is counted: two operations for each product of a
weight or a sensitivity that the equations ask for. Nothing here is asserted: what a machine reaches is its own.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
from rnnbench import environment

if not environment.is_pinned():
    environment.pin()
    os.execv(sys.executable, [sys.executable, *sys.argv])  # the memory allocator reads its settings before anything else

import keras
import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients import GradientRule
from rnnbench.gradients.registry import RULES
from rnnbench.network import Network, Parameters, Window
from rnnbench.study import provenance
from rnnbench.study.cost import stopwatch, updates
from rnnbench.study.cost.names import OURS
from rnnbench.study.cost.stopwatch import Call
from rnnbench.study.settings import TaskSettings
from rnnbench.study.training import keras_twin
from rnnbench.study.training.learner import Learner
from rnnbench.study.training.optimizers import optimizer

IMAGES, ROWS = 60_000, 28
TASK = {
    "loss": None,
    "rest": 0.0,
    "leak": 0.0,
    "points": 2,
    "grid": None,
    "initial": {"W": "glorot_uniform", "R": "orthogonal", "b": "zeros"},
}


def timed(candidates: Mapping[str, Call], rounds: int, dtype: str = "float32") -> tuple[dict[str, Array], float]:
    """Seconds of each candidate in each round, and what BLAS does in between: operations a second of a large product."""
    square = np.random.default_rng(0).random((2048, 2048)).astype(dtype)
    product = partial(np.matmul, square, square, out=np.empty_like(square))
    found = stopwatch.interleaved({**candidates, "gemm": product}, rounds)
    return found, 2 * 2048**3 / float(np.median(found.pop("gemm")))


def table(title: str, unit: str, found: Mapping[str, Array], scale: float, operations: float, peak: float) -> None:
    """One row a candidate: its median time in the unit; that as a multiple of rnnbench's in the same round, with the range over
    the rounds; the useful operations a second, and of the peak.
    """
    theirs = [name for name in found if not name.startswith((OURS, "("))]
    fastest = min(theirs, key=lambda name: np.median(found[name])) if theirs else None
    print(
        f"\n{title}. GEMM: {peak / 1e9:.0f} GFLOP/s\n\n| | {unit} | times rnnbench | GFLOP/s | of GEMM |\n|---|---|---|---|---|"
    )
    for name, seconds in found.items():
        middle = np.median(seconds)
        mark = " (the fastest other)" if name == fastest else ""
        ratio = seconds / found[OURS]
        times = f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})"
        rate = operations / middle
        print(f"| {name}{mark} | {scale * middle:.3g} | {times} | {rate / 1e9:.3g} | {rate / peak:.1%} |")


def bptt_operations(network: Network) -> float:
    """Of the gradient of one step of one sequence: forward and the gradient of V take a product each, the way back one by R."""
    (n,) = network.hidden
    return 2 * (2 * network.joint[0] * n + n * n)


def bptt_on_mnist(hidden: int, rounds: int) -> None:
    """An epoch: batches gathered in a random order (Keras is given them in order), gradients, Adam."""
    batch = 128
    recipe = {"batch": batch, "passes": 1, "optimizer": "adam", "learning_rate": 0.001}
    sizes = {"train": 50_000, "validation": 10_000, "test": 10_000}
    kind = {"data": "mnist", "sizes": sizes, "replicates": 1, "hidden": [hidden], "activation": "tanh", "dtype": "float32"}
    task = TaskSettings.of("mnist", {**TASK, **kind, "recipes": {"minibatch": recipe}}, 0)
    many = IMAGES // batch
    trainers = updates.trainers(task, task.recipe("minibatch", {}), many)
    candidates: dict[str, Call] = {who: partial(train, many) for who, train in trainers.items()}
    candidates["(its products alone, in NumPy)"] = repeated(products_of_bptt(task.network, batch), many)
    found, peak = timed(candidates, rounds)
    found = {who: seconds * IMAGES / (many * batch) for who, seconds in found.items()}
    title = f"BPTT on row MNIST, {hidden} hidden units, batch {batch}, float32, Adam: an epoch of {IMAGES:,} images"
    table(title, "s", found, 1, IMAGES * ROWS * bptt_operations(task.network), peak)


def products_of_bptt(network: Network, batch: int) -> Call:
    """The products of one update: forward and back at every step, and the gradient of V over all of them."""
    (n,), (j,) = network.hidden, network.joint
    rng = np.random.default_rng(0)
    u, V, dz, R = (rng.random(shape, dtype=np.float32) for shape in ((ROWS, batch, j), (j, n), (ROWS, batch, n), (n, n)))
    z, by_V = np.empty((batch, n), np.float32), np.empty((j, n), np.float32)

    def run() -> None:
        for t in range(ROWS):
            np.matmul(u[t], V, out=z)
            np.matmul(dz[t], R, out=z)
        np.matmul(u.reshape(-1, j).T, dz.reshape(-1, n), out=by_V)

    return run


def bptt_on_xor(rounds: int) -> None:
    """An update of 32 replicates together; Keras trains one."""
    units, steps, batch, replicates, many = 4, 30, 16, 32, 300
    recipe = {"batch": batch, "sequence": steps, "passes": 1, "optimizer": "adam", "learning_rate": 0.01}
    kind = {"data": "temporal_xor", "sizes": {"bits": 3000}, "replicates": replicates, "hidden": [units], "dtype": "float64"}
    task = TaskSettings.of("xor", {**TASK, **kind, "activation": "logistic", "recipes": {"minibatch": recipe}}, 0)
    trainers = updates.trainers(task, task.recipe("minibatch", {}), updates.at_most(many))
    seconds = updates.an_update(trainers, many, rounds)
    found = {who: s / updates.replicates_at_once(who, task) for who, s in seconds.items()}
    _, peak = timed({}, rounds, "float64")
    title = f"BPTT on temporal XOR, {units} units, T = {steps}, batch {batch}, float64, Adam: an update of one replicate of 32"
    table(title, "ms", found, 1e3, batch * steps * bptt_operations(task.network), peak)


def rtrl_on_mnist(hidden: int, rounds: int) -> None:
    """Useful operations of RTRL: the products R^T P alone. P^0 is zero, so the first step has none."""
    batch = 16
    network = Network(ROWS, (hidden,), 10)
    rng = np.random.default_rng(0)
    params = network.parameters(np.full((1, network.parameter_count), 0.01, np.float32))
    x = rng.random((1, ROWS, batch, ROWS), dtype=np.float32)
    window = Window(x, rng.integers(0, 10, (1, 1, batch)), slice(ROWS - 1, ROWS))
    learner = Learner(RULES["rtrl"](network), params, batch)

    def ours() -> None:
        learner.begin()
        learner.see(window)

    candidates: dict[str, Call] = {OURS: ours}
    if find_spec("jax"):
        candidates["JAX, jit scan"] = jax_rtrl(network, params.V[1][0], x[0])
    P = np.ones((hidden, network.recurrent_parameters[1]), np.float32)
    product = partial(np.matmul, params.R[1][0], P, out=np.empty_like(P))
    candidates["(R^T P alone, in NumPy)"] = repeated(product, (ROWS - 1) * batch)
    found, peak = timed(candidates, rounds)
    found = {name: seconds / batch for name, seconds in found.items()}
    operations = (ROWS - 1) * 2 * hidden**2 * network.recurrent_parameters[1]
    table(f"Exact RTRL on row MNIST, {hidden} hidden units, float32, batch {batch}: an image", "ms", found, 1e3, operations, peak)


def jax_rtrl(network: Network, V: Array, x: Array) -> Call:
    """The recursion of RTRL in JAX for one recurrent layer: a scan over time, one sequence after the other, compiled.

    With f' folded into R^T, and the sequences one by one instead of side by side, it is several times as fast as without.
    """
    import jax
    from jax import numpy as jnp

    (n,) = network.hidden

    def one(V: Any, x: Any) -> Any:
        R = V[network.inputs : -1]

        def cell(carry: Any, x_t: Any) -> Any:
            h, P = carry
            u = jnp.concatenate([x_t, h, jnp.ones(1, x.dtype)])
            h = jnp.tanh(u @ V)
            fz = 1 - h * h
            P = (fz[:, None] * R.T) @ P
            own = P.reshape(n, n, -1).at[units, units].add(fz[:, None] * u)
            return (h, own.reshape(P.shape)), None

        start = jnp.zeros(n, x.dtype), jnp.zeros((n, n * len(V)), x.dtype)
        return jax.lax.scan(cell, start, x)[0][1].sum(0)

    units = np.arange(n)
    compiled = jax.jit(lambda V, x: jax.lax.map(lambda x: one(V, x), jnp.moveaxis(x, 1, 0)).sum(0))
    return lambda: np.asarray(compiled(V, x))


def online_rtrl_on_xor(rounds: int) -> None:
    """A step of online RTRL, gradient and update, for all replicates together, and its largest product alone."""
    replicates, units, steps, rate = 32, 8, 2000, 0.02
    network = Network(1, (units,), 1, "logistic", "binary_crossentropy")
    operations = 2 * replicates * units**2 * network.recurrent_parameters[1]
    for dtype in ("float64", "float32"):
        rng = np.random.default_rng(0)
        start = rng.normal(0, 0.3, (replicates, network.parameter_count)).astype(dtype)
        bits = rng.integers(0, 2, (replicates, steps + 1, 1, 1)).astype(dtype)
        candidates: dict[str, Call] = {OURS: online(network, start, bits, rate)}
        if find_spec("jax"):
            candidates["JAX, one jit scan of all steps"] = jax_online(network, start, bits[:, :, 0, 0], rate)
        J = rng.random((replicates, units, units)).astype(dtype)
        P = rng.random((replicates, units, network.recurrent_parameters[1])).astype(dtype)
        product = partial(np.matmul, J, P, out=np.empty_like(P))
        candidates["(R^T P alone, in NumPy)"] = repeated(product, steps)
        found, peak = timed(candidates, rounds, dtype)
        found = {name: seconds / steps for name, seconds in found.items()}
        title = f"Online RTRL on temporal XOR, {units} units, {dtype}: a step of {replicates} replicates, gradient and update"
        table(title, "µs", found, 1e6, operations, peak)


def rules_of_online_learning(rounds: int) -> None:
    """A step of each rule of O(n^2) beside a forward step, alone and in windows with the carry handed on."""
    replicates, units, rows = 32, 32, {}
    network = Network(1, (units,), 1, "tanh", "binary_crossentropy")
    rng = np.random.default_rng(0)
    vector = rng.normal(0, 0.2, (replicates, network.parameter_count))
    params = network.parameters(vector)
    shapes = [(1, 1), (30, 1), (30, 16)]
    for steps, batch in shapes:
        x = rng.random((replicates, steps, batch, 1))
        window = Window(x, x.round(), slice(0, steps))
        candidates: dict[str, Call] = {
            "forward": partial(network.forward, params, window, network.rest(replicates, batch, x.dtype))
        }
        for name, kind in RULES.items():
            if kind.cost is not None and kind.cost.time == 2 and name != "mlp":
                candidates[name] = handed_on(kind(network), params, window)
        found = {name: float(np.median(s)) for name, s in stopwatch.interleaved(candidates, rounds).items()}
        forward = found.pop("forward")
        rows[f"{steps} step{'s' * (steps > 1)}, {batch} sequence{'s' * (batch > 1)}"] = {
            "forward": 1e6 * forward / steps,
            **{name: seconds / forward for name, seconds in found.items()},
        }
    print(f"\nA step of {replicates} replicates of {units} units, float64: forward in µs, the rules in forward steps\n")
    print(f"| | {' | '.join(rows)} |\n|{'---|' * (len(rows) + 1)}")
    for name in next(iter(rows.values())):
        print(f"| {name} | {' | '.join(f'{row[name]:.3g}' for row in rows.values())} |")


def handed_on(rule: GradientRule, params: Parameters, window: Window) -> Call:
    """A step of a rule as a training makes it, with the carry of the one before; what is recorded once has been."""
    call = partial(Learner(rule, params, window.x.shape[2]).see, window)
    for _ in range(3):
        call()
    return call


def repeated(call: Call, times: int) -> Call:
    """The call so many times."""

    def run() -> None:
        for _ in range(times):
            call()

    return run


def online(network: Network, start: Array, bits: Array, rate: float) -> Call:
    """Every step an update."""
    rule, method = RULES["rtrl"](network), optimizer("sgd", rate)

    def run() -> None:
        params = network.parameters(start.copy())
        learner = Learner(rule, params, 1, method)
        for t in range(bits.shape[1] - 1):
            learner.see(Window(bits[:, t : t + 1], bits[:, t + 1 : t + 2], slice(0, 1)))

    return run


def jax_online(network: Network, start: Array, bits: Array, rate: float) -> Call:
    """The same in JAX: one compiled scan over all steps, mapped over replicates."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    (n,), (_, part, shape), (_, last, end) = network.hidden, *network.layout

    def replicate(vector: Any, bits: Any) -> Any:
        def step(carry: Any, pair: Any) -> Any:
            vector, h, P = carry
            x, y = pair
            V, W = vector[part].reshape(shape), vector[last].reshape(end)
            u = jnp.concatenate([x[None], h, jnp.ones(1, x.dtype)])
            h = jax.nn.sigmoid(u @ V)
            P = (h * (1 - h))[:, None, None] * (jnp.tensordot(V[1:-1].T, P, 1) + jnp.eye(n, dtype=x.dtype)[:, :, None] * u)
            do = jax.nn.sigmoid(h @ W[:-1, 0] + W[-1, 0]) - y
            by_V = jnp.tensordot(do * W[:-1, 0], P, 1).T
            gradient = jnp.concatenate([by_V.ravel(), do * h, do[None]])
            return (vector - rate * gradient, h, P), None

        carry = vector, jnp.zeros(n, bits.dtype), jnp.zeros((n, n, shape[0]), bits.dtype)
        return jax.lax.scan(step, carry, (bits[:-1], bits[1:]))[0][0]

    compiled: Callable[..., Any] = jax.jit(jax.vmap(replicate))
    return lambda: np.asarray(compiled(start, bits))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each comparison (default: 7)")
    rounds = parser.parse_args().rounds
    keras_twin.pin()
    keras.utils.disable_interactive_logging()
    machine = provenance.record()
    kernel = ", ".join(f"{blas['internal_api']} {blas['version']} {blas['architecture']}" for blas in machine["blas"])
    print(f"{machine['cpu']}, {kernel}, one thread; NumPy {machine['packages']['numpy']}, Keras {machine['packages']['keras']}")
    for hidden in (64, 128):
        bptt_on_mnist(hidden, rounds)
    bptt_on_xor(rounds)
    for hidden in (32, 64):
        rtrl_on_mnist(hidden, rounds)
    online_rtrl_on_xor(rounds)
    rules_of_online_learning(rounds)


if __name__ == "__main__":
    main()

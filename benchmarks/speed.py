"""Speed of the gradients on this machine: one BLAS thread, candidates interleaved, medians, ratios.

    make benchmark          or          python benchmarks/speed.py [--rounds N]

Prints three tables in Markdown: BPTT on row MNIST against Keras's modes, RTRL against the machine's own matrix product, and
online RTRL on temporal XOR. Nothing here is asserted: what a machine reaches is its own.
"""

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
from rnnbench import environment

environment.pin()

import keras
import numpy as np

from rnnbench.gradients import RULES
from rnnbench.network import Network, Window
from rnnbench.optimizers import optimizer
from rnnbench.tasks import Split
from rnnbench.training import keras_twin

IMAGES, BATCH, ROWS = 60_000, 128, 28
KERAS_MODES: dict[str, dict[str, Any]] = {
    "Keras, default": {},
    "Keras, unrolled": {"unroll": True},
    "Keras, jit": {"jit_compile": True},
    "Keras, jit and unrolled": {"jit_compile": True, "unroll": True},
    "Keras, jit, 25 updates a call": {"jit_compile": True, "steps_per_execution": 25},
    "Keras, jit and unrolled, 100 updates a call": {"jit_compile": True, "unroll": True, "steps_per_execution": 100},
}


def interleaved(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each candidate, run A B C A B C ... after one warm-up of each."""
    for run in candidates.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            begun = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begun)
    return {name: median(values) for name, values in seconds.items()}


def row_mnist(images: int) -> Split:
    """Random images in the shape of row MNIST; time does not depend on what is in them."""
    rng = np.random.default_rng(0)
    x = np.moveaxis(rng.random((1, images, ROWS, ROWS), dtype=np.float32), 1, 2)  # as `load_splits` lays it out
    return Split(x, rng.integers(0, 10, (1, 1, images)))


def bptt_epoch(hidden: int, rounds: int) -> None:
    """An epoch of training: batches gathered in a random order (NumPy; Keras is given them in order), gradients, Adam."""
    network = Network(ROWS, (hidden,), 10)
    split = row_mnist(IMAGES)
    rng = np.random.default_rng(0)
    start = rng.normal(0, 0.05, (1, network.parameter_count)).astype(np.float32)
    order = rng.permutation(IMAGES)[None]
    rule, method = RULES["bptt"](network), optimizer("adam", 0.001)

    def ours() -> None:
        params = network.parameters(start.copy())
        state = method.init(params.vector)
        for begin in range(0, IMAGES, BATCH):
            window = split.take(order[:, begin : begin + BATCH]).window()
            gradient = rule.step(params, window, rule.init(params, window.x.shape[2])).gradient
            change, state = method.update(gradient, state)
            params.vector[...] += change

    x, y = keras_twin.batch_first(split.x[0]), split.y[0, 0]
    candidates: dict[str, Callable[[], object]] = {"rnnbench": ours}
    for name, mode in KERAS_MODES.items():
        options = dict(mode)
        model = keras_twin.build(network, "float32", every_step=False, unroll=ROWS if options.pop("unroll", False) else None)
        model.compile(keras_twin.optimizer("adam", 0.001, 0.0), keras_twin.loss(network, "float32"), **options)
        candidates[name] = lambda model=model: model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)  # type: ignore[misc]
    found = interleaved(candidates, rounds)
    fastest = min((name for name in found if name != "rnnbench"), key=lambda name: found[name])
    print(f"\nBPTT on row MNIST, {hidden} hidden units, batch {BATCH}, float32: an epoch of {IMAGES} images\n")
    print("| | seconds | ratio to rnnbench |\n|---|---|---|")
    for name, seconds in found.items():
        mark = " (fastest)" if name == fastest else ""
        print(f"| {name}{mark} | {seconds:.2f} | {seconds / found['rnnbench']:.2f} |")


def rtrl_rate(rounds: int) -> None:
    """Useful arithmetic a second of RTRL, the products R^T P alone, against a large SGEMM."""
    square = np.random.default_rng(0).random((2048, 2048), dtype=np.float32)
    out = np.empty_like(square)
    batch, runs = 16, {}
    for hidden in (32, 64):
        network = Network(ROWS, (hidden,), 10)
        params = network.parameters(np.full((1, network.parameter_count), 0.01, np.float32))
        window = row_mnist(batch).window()
        rule = RULES["rtrl"](network)
        runs[hidden] = lambda rule=rule, params=params, window=window: rule.step(params, window, rule.init(params, batch))
    found = interleaved({"sgemm": lambda: np.matmul(square, square, out=out), **{str(n): run for n, run in runs.items()}}, rounds)
    peak = 2 * len(square) ** 3 / found["sgemm"] / 1e9
    print(f"\nExact RTRL on row MNIST, float32, batch {batch}; this machine's SGEMM: {peak:.0f} GFLOP/s\n")
    print("| hidden units | ms an image | GFLOP/s | of SGEMM | peak memory, MB, T = 28 | T = 280 |\n|---|---|---|---|---|---|")
    for hidden in runs:
        # P^0 is zero, so the first step has no product.
        work = (ROWS - 1) * batch * 2 * hidden**2 * (ROWS + hidden + 1) * hidden
        rate = work / found[str(hidden)] / 1e9
        memory = [rtrl_memory(hidden, steps) / 1e6 for steps in (28, 280)]
        print(
            f"| {hidden} | {found[str(hidden)] / batch * 1e3:.2f} | {rate:.0f} | {rate / peak:.0%} "
            f"| {memory[0]:.1f} | {memory[1]:.1f} |"
        )


def rtrl_memory(hidden: int, steps: int) -> int:
    """Peak bytes allocated in one RTRL gradient of one sequence of `steps` steps."""
    network = Network(ROWS, (hidden,), 10)
    params = network.parameters(np.full((1, network.parameter_count), 0.01, np.float32))
    window = Window(np.zeros((1, steps, 1, ROWS), np.float32), np.zeros((1, 1, 1), np.intp), slice(steps - 1, steps))
    rule = RULES["rtrl"](network)
    tracemalloc.start()
    rule.step(params, window, rule.init(params, 1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def online_xor(rounds: int) -> None:
    """A step of online RTRL, gradient and update, for all replicates together."""
    replicates, units, steps = 32, 8, 2000
    network = Network(1, (units,), 1, "logistic", "binary_crossentropy")
    rng = np.random.default_rng(0)
    start = rng.normal(0, 0.3, (replicates, network.parameter_count))
    bits = rng.integers(0, 2, (replicates, steps + 1, 1, 1)).astype(np.float64)
    rule, method = RULES["rtrl"](network), optimizer("sgd", 0.02)

    def run() -> None:
        params = network.parameters(start.copy())
        state, carry = method.init(params.vector), rule.init(params, 1)
        for t in range(steps):
            window = Window(bits[:, t : t + 1], bits[:, t + 1 : t + 2], slice(0, 1))
            _, gradient, carry = rule.step(params, window, carry)
            change, state = method.update(gradient, state)
            params.vector[...] += change

    seconds = interleaved({"online": run}, rounds)["online"] / steps
    print(f"\nOnline RTRL on temporal XOR, {units} units, float64: {seconds * 1e6:.0f} µs a step for {replicates} replicates")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each comparison (default: 7)")
    rounds = parser.parse_args().rounds
    keras_twin.pin()
    keras.utils.disable_interactive_logging()
    machine = environment.record()
    kernel = ", ".join(f"{blas['internal_api']} {blas['version']} {blas['architecture']}" for blas in machine["blas"])
    print(f"{machine['cpu']}, {kernel}, one thread; NumPy {machine['packages']['numpy']}, Keras {machine['packages']['keras']}")
    for hidden in (64, 128):
        bptt_epoch(hidden, rounds)
    rtrl_rate(rounds)
    online_xor(rounds)


if __name__ == "__main__":
    main()

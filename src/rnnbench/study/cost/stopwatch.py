"""Time of calls that take turns, and memory of one."""

import ctypes
import math
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from rnnbench.arrays import Array

Call = Callable[[], object]
LEAST = 0.002
"""Seconds that a candidate runs for in each round: a shorter one is called several times."""


def interleaved(candidates: Mapping[str, Call], rounds: int) -> dict[str, Array]:
    """Seconds of one call of each candidate in each round, (rounds,).

    They run A B C A B C ..., so that what else happens on the machine meets all of them; first each runs unmeasured, for caches
    and compilation.
    """
    calls = {}
    for name, call in candidates.items():
        first = seconds_of(call)
        calls[name] = 1 if first > 1 else max(1, math.ceil(LEAST / max(1e-9, seconds_of(call))))
    seconds = {name: np.empty(rounds) for name in candidates}
    for number in range(rounds):
        for name, call in candidates.items():
            seconds[name][number] = seconds_of(call, calls[name])
    return seconds


def seconds_of(call: Call, times: int = 1) -> float:
    """Seconds of a call, the mean of so many."""
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begun) / times


def allocated(call: Call) -> int:
    """Bytes that Python and NumPy allocate at most at once in a call, beyond what there was. Other libraries do not show."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def resident(call: Call) -> float:
    """Bytes by which a call raises the peak of the process's resident memory, whatever the library; in pages, so coarse.

    NaN where the system does not tell (other than Linux).
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)  # what was freed before must not hide what the call takes
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        before = _status("VmRSS")
        call()
        return max(0, _status("VmHWM") - before)
    except (OSError, AttributeError):
        return math.nan


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:"))

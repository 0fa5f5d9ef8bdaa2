"""Everything around the code that could change bits, pinned before NumPy and TensorFlow load.

This module imports neither when it is imported, so that it can come first.
"""

import os
import platform
from collections.abc import MutableMapping
from pathlib import Path

PINNED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NPROC": "1",  # XLA's threads, in JAX
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    # glibc hands freed memory back to the system and fetches it again, page by page, at every step.
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "KERAS_BACKEND": "tensorflow",
    "PYTHONHASHSEED": "0",
}
AVX512, SKYLAKEX = {"avx512f", "avx512bw", "avx512dq", "avx512vl"}, "SKYLAKEX"
"""CPU flags, and OpenBLAS's name for the kernels that need them."""


def pin(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what must be set before NumPy loads, also for child processes.

    One thread for every library: another number gives other bits, and parallelism is across jobs. OpenBLAS is told to use
    its AVX-512 kernels where the CPU has them, whatever was set before: by itself it does not on AMD, at half the speed.
    """
    environment.update(PINNED)
    # The package need not be installed: child processes find it where it is.
    source = str(Path(__file__).parent.parent)
    if source not in (paths := environment.get("PYTHONPATH", "").split(os.pathsep)):
        environment["PYTHONPATH"] = os.pathsep.join([source, *filter(None, paths)])
    if cpu_flags() >= AVX512:
        environment["OPENBLAS_CORETYPE"] = SKYLAKEX
    elif environment.get("OPENBLAS_CORETYPE") == SKYLAKEX:
        # A cluster hands on what was set where the command was given; here such kernels would be illegal instructions.
        del environment["OPENBLAS_CORETYPE"]


def is_pinned(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Whether all of it is set already, as it is for the jobs of the workflow."""
    pinned = dict(environment)
    pin(pinned)
    return pinned == dict(environment)


def cpu_flags() -> set[str]:
    """The CPU's instruction sets, as Linux names them; empty elsewhere."""
    return set(_cpuinfo("flags").split())


def here() -> dict[str, str]:
    """Where this runs: the node's name and its kind of CPU."""
    return {"node": platform.node(), "cpu": cpu_model()}


def cpu_model() -> str:
    """The CPU's name."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")

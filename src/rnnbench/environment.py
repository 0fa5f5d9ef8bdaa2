"""Everything around the code that could change bits: pinned before NumPy and TensorFlow load, and recorded with each run.

This module imports neither when it is imported, so that it can come first.
"""

import os
import platform
import subprocess
from collections.abc import MutableMapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
AVX512 = {"avx512f", "avx512bw", "avx512dq", "avx512vl"}
PACKAGES = ("numpy", "scipy", "pandas", "tensorflow", "keras", "snakemake", "seaborn", "matplotlib")
OPTIONAL = ("jax", "torch")
"""Recorded where they are installed."""


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
        environment["OPENBLAS_CORETYPE"] = "SKYLAKEX"


def is_pinned(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Whether all of it is set already, as it is for the jobs of the workflow."""
    pinned = dict(environment)
    pin(pinned)
    return pinned == dict(environment)


def cpu_flags() -> set[str]:
    """The CPU's instruction sets, as Linux names them; empty elsewhere."""
    return set(_cpuinfo("flags").split())


def cpu_model() -> str:
    """The CPU's name."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")


def record() -> dict[str, Any]:
    """Versions, machine, BLAS kernel and threads, and the pinned variables as they are now."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))  # BLAS shows its kernel once it is loaded
    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in (*PACKAGES, *filter(find_spec, OPTIONAL))},
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "blas": [{key: pool.get(key) for key in ("internal_api", "version", "architecture", "num_threads")} for pool in blas],
        "variables": {name: os.environ.get(name, "") for name in (*PINNED, "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")},
    }


def commit(folder: Path) -> str:
    """The git commit of the code, with "+" where files were changed or added since; "unknown" outside a checkout."""
    try:
        git = ["git", "-C", str(folder)]
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        status = [*git, "status", "--porcelain"]
        changed = subprocess.run(status, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changed else "")

"""What a result was made by: versions, machine, BLAS kernel, pinned variables and the commit of the code."""

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rnnbench.environment import PINNED, cpu_model

PACKAGES = ("numpy", "scipy", "pandas", "tensorflow", "keras", "snakemake", "seaborn", "matplotlib")
OPTIONAL = ("jax", "torch")
"""Recorded where they are installed."""


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


def of_study(
    config: Mapping[str, Any],
    configfiles: Iterable[str],
    runs: Iterable[Mapping[str, Any]],
    measured_on: Mapping[str, str],
    missing: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """What a report is made by, for JSON. configfiles: those named on the command line. runs: their run.json.
    measured_on: node and CPU of the cost study. missing: what a partial report lacks, each with `what`, `task` and `why`.
    """
    return {
        "commit": commit(Path(__file__).parent),
        "configfiles": list(configfiles),
        "config": config,
        "missing": list(missing),
        "environment": record(),
        "measured_on": dict(measured_on),
        "runs": list(runs),
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

"""Seconds from the command to the verdict: `rnnbench trial bptt --layers 1`, each time in a new process.

    python benchmarks/startup.py [RUNS]

Prints the least, the median and the most. Wanted: a median of at most 1.5 s.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

COMMAND = [str(Path(sys.executable).parent / "rnnbench"), "trial", "bptt", "--layers", "1"]


def seconds() -> float:
    """Of one run."""
    begun = time.perf_counter()
    subprocess.run(COMMAND, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    """One run that does not count, for the caches of the disk, then as many as asked for."""
    seconds()
    found = [seconds() for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 11)]
    print(f"{min(found):.2f} s, median {median(found):.2f} s, {max(found):.2f} s over {len(found)} runs")


if __name__ == "__main__":
    main()

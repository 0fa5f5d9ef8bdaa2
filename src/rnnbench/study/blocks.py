"""Blocks of replicates, which a job each trains, where one process should not hold them all.

A replicate has the same numbers whatever block it is in.
"""

import numpy as np

from rnnbench.arrays import Integers


def names(replicates: int, most: int) -> list[str]:
    """What the folders of a run end with: nothing where one job takes all replicates, else ".FIRST-LAST" of each block."""
    if replicates <= most:
        return [""]
    return [f".{first}-{min(first + most, replicates) - 1}" for first in range(0, replicates, most)]


def numbers(name: str, replicates: int) -> Integers:
    """The numbers of the replicates of a block, by what its folder ends with. replicates: how many the whole run has."""
    if not name:
        return np.arange(replicates)
    first, last = map(int, name.removeprefix(".").split("-"))
    return np.arange(first, last + 1)

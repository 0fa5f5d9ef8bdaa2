"""The middle of replicates, by which variants are compared and learning rates chosen."""

import numpy as np

from rnnbench.arrays import Array


def complete(values: Array, worst: float) -> Array:
    """The values with `worst` for every missing one (a replicate that diverged)."""
    return np.where(np.isnan(values), worst, values)


def interquartile_mean(values: Array, axis: int = 0) -> Array:
    """The mean of the middle half: a quarter (rounded down) of the replicates is left out at either end."""
    ordered = np.sort(np.moveaxis(values, axis, -1))  # several times as fast as scipy.stats.trim_mean, which partitions
    cut = ordered.shape[-1] // 4
    return np.asarray(ordered[..., cut : ordered.shape[-1] - cut].mean(-1))

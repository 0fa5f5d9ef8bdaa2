"""What may have been done to a right gradient: clipped, normalised, decayed. A law is said only where it holds everywhere."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnbench.arrays import Array

CLIPPED = "every element is cut off (clipped by element)"
DECAY = "the parameters is added, as of a weight decay that the loss does not have"
NOT_FINITE = "it is not finite (nan or inf)"
SIGN = "the sign is wrong"


class Instance(NamedTuple):
    """One array of a gradient as it was found and as it is, the parameters there, and the norm of the whole gradient as found."""

    found: Array
    true: Array
    params: Array
    whole: float


def close(a: Array, b: Array, near: float) -> bool:
    """Equal but for a relative error."""
    return a.shape == b.shape and bool(np.linalg.norm(a - b) <= near * max(float(np.linalg.norm(b)), 1e-300))


def alike(values: Sequence[float], near: float) -> bool:
    """Whether all are the same but for a relative error."""
    return bool(np.allclose(values, values[0], rtol=near, atol=0))


def number(value: float, near: float) -> str:
    """As many digits as are known, and at most six."""
    return f"{value:.{int(np.clip(-np.log10(near), 1, 6))}g}"


def limit(found: Sequence[Array]) -> float | None:
    """The number that elements are cut off at: the largest of all, if several arrays reach it. None for none."""
    largest = np.array([np.abs(one).max(initial=0.0) for one in found if np.isfinite(one).all()])
    top = float(largest.max(initial=0.0))
    return top if top > 0 and np.isclose(largest, top, rtol=1e-12, atol=0).sum() >= SEVERAL else None


SEVERAL = 3
"""Arrays that reach the same largest number: by chance, hardly two do."""


def distortion(instances: Sequence[Instance], near: float) -> str:
    """The law that holds on all instances, of which there are at least two, in words; "" for none."""
    if len(instances) < 2:
        return ""
    if not all(np.isfinite(one.found).all() for one in instances):
        return NOT_FINITE
    if not any(one.found.any() for one in instances):
        return "it is zero everywhere"
    ratios = [float((one.found * one.true).sum() / max((one.true**2).sum(), 1e-300)) for one in instances]
    if all(close(one.found, r * one.true, near) for one, r in zip(instances, ratios, strict=True)):
        return _length(instances, ratios, near)
    limits = [float(np.abs(one.found).max()) for one in instances]
    cut = all(close(one.found, np.clip(one.true, -c, c), near) for one, c in zip(instances, limits, strict=True))
    if cut and max(one.found.size for one in instances) > 1:
        return CLIPPED + (f" at {number(limits[0], near)}" if alike(limits, near) else "")
    if all(one.params.any() for one in instances):
        added = [float(((one.found - one.true) * one.params).sum() / (one.params**2).sum()) for one in instances]
        sums = (one.true + c * one.params for one, c in zip(instances, added, strict=True))
        if all(close(one.found, s, near) for one, s in zip(instances, sums, strict=True)):
            much = f"{number(added[0], near)} times" if alike(added, 3 * near) else "a multiple of"
            return f"{much} {DECAY}"
    if all(one.true.ndim == 2 and close(one.found, one.true.T.reshape(one.true.shape), near) for one in instances):
        square = all(one.true.shape[0] == one.true.shape[1] for one in instances)
        return "it is the transpose of the derivative" + ("" if square else ", reshaped to the parameter's shape")
    return ""


def _length(instances: Sequence[Instance], ratios: Sequence[float], near: float) -> str:
    """What is said of a gradient whose direction is right."""
    if alike(ratios, 3 * near):
        return SIGN if np.isclose(ratios[0], -1, rtol=3 * near) else f"multiplied by {number(ratios[0], near)}"
    for sizes, of in (
        ([float(np.linalg.norm(one.found)) for one in instances], "its norm"),
        ([one.whole for one in instances], "the norm of the whole gradient"),
    ):
        if alike(sizes, 3 * near):
            done = "normalised" if any(r > 1 for r in ratios) else "normalised, or clipped by norm"
            return f"the direction is right and the length is not: {of} is always {number(sizes[0], near)} ({done})"
    return "the direction is right and the length is not, by a factor that differs from case to case"

"""E-prop with random feedback."""

from functools import lru_cache

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import of_outputs
from rnnbench.gradients.eprop import Eprop
from rnnbench.gradients.parts import noise
from rnnbench.network import Activity, Parameters, Window


class EpropRandom(Eprop):
    """With random feedback: each layer hears of the errors of the outputs by fixed random weights,

        L_i^t = dL/do^t B_i          B_i[o, k] normal with variance 1 / n_i

    drawn once, for each replicate its own. The weights of readout and layers above are not needed backward.

    Bias: as with symmetric feedback, and the direction of every lag is that of B, not of W_L; what training does to W_L brings
    the two together (feedback alignment). The readout's own gradient is exact. Deterministic, as B is fixed; the trial, in
    which every replicate has a B of its own, takes that for noise. O(n m).

    Source: G. Bellec et al. (2020), "random e-prop"; T. P. Lillicrap, D. Cownden, D. B. Tweed and C. J. Akerman, Nature
    Communications 7 (2016); for layers below the top A. Noekland, Direct feedback alignment, NeurIPS 2016.
    """

    def credit(self, params: Parameters, window: Window, activity: Activity, i: int, present: Array) -> Array:
        credit = np.zeros_like(present)
        if activity.outputs.shape[1]:
            B = feedback(
                self.seed, self.first, i, (len(params.vector), self.network.outputs, self.network.sizes[i]), present.dtype
            )
            credit[:, window.counted] = of_outputs(self.network, window, activity) @ B[:, None]
        return credit


@lru_cache(maxsize=4)  # the same at every step
def feedback(seed: int, first: int, i: int, shape: tuple[int, int, int], dtype: np.dtype) -> Array:
    """B_i, (replicate, outputs, n_i); not to be written to."""
    B = noise.normals(seed, first, i, shape, dtype) / np.sqrt(shape[2]).astype(dtype)
    B.setflags(write=False)
    return B

"""The products that the gradients are made of."""

import numpy as np
import pytest

from rnnbench.gradients.base import outer, summed


@pytest.mark.parametrize("n", [1, 2, 15, 16, 17])
@pytest.mark.parametrize(("steps", "batch"), [(0, 2), (1, 1), (1, 3), (3, 1), (4, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_and_single_products_are_what_they_say(n, steps, batch, dtype):
    rng = np.random.default_rng(n)
    u, dz = (rng.normal(size=(3, steps + 1, batch, width)).astype(dtype)[:, :steps] for width in (n + 2, n))
    out = np.full((3, n + 2, n), np.nan, dtype)
    assert summed(u, dz, out) is out and out.dtype == dtype
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-13, "atol": 1e-14}
    np.testing.assert_allclose(out, np.einsum("rtbj,rtbk->rjk", u, dz), **close)
    np.testing.assert_array_equal(summed(u, dz), out)
    np.testing.assert_array_equal(outer(u, dz), u[..., :, None] * dz[..., None, :])

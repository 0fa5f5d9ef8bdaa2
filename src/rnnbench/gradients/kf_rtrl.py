"""Kronecker-factored RTRL."""

from rnnbench.arrays import Array
from rnnbench.gradients.parts.joint import balance, norm
from rnnbench.gradients.parts.kronecker import KroneckerSum


class KfRtrl(KroneckerSum):
    """One term, a vector X over the inputs and a matrix Y over units, into which that of the step is mixed with a random sign:

        X^t = rho_0 X^{t-1}     + nu^t rho_1 u_i^t          nu^t = +-1, one for each sequence
        Y^t = Y^{t-1} J^t/rho_0 + nu^t D_i^t / rho_1
        rho_0 = sqrt(|Y^{t-1} J^t| / |X^{t-1}|)             rho_1 = sqrt(|D_i^t| / |u_i^t|)

    in `KroneckerSum`: the immediate influence is such a product itself, u (x) D, and the Jacobian meets Y alone. Unbiased, as
    what is crossed has a mean of zero. A single sign mixes two products where `Uoro` mixes N + 1, so its variance is smaller.
    O(n^3) per step, O(n^2) memory.

    Source: A. Mujika, F. Meier and A. Steger, Approximating real-time recurrent learning with random Kronecker factors, NeurIPS
    2018, section 3 and algorithm 1.
    """

    source = "Mujika et al. 2018"

    def reduced(self, X: Array, Y: Array, nu: Array) -> tuple[Array, Array]:
        sign = nu[..., :1]
        rho_0 = balance(norm(Y[:, :, 0]), norm(X[:, :, 0]))[..., None]
        rho_1 = balance(norm(Y[:, :, 1]), norm(X[:, :, 1]))[..., None]
        x = rho_0 * X[:, :, 0] + sign * rho_1 * X[:, :, 1]
        y = Y[:, :, 0] / rho_0 + sign * Y[:, :, 1] / rho_1
        return x[:, :, None], y[:, :, None]

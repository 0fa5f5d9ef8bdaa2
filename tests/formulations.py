"""Exact gradients in other words than the package's: none may be accused.

    python tests/formulations.py [--seeds N] [--only NAME]

tries each on the networks of N seeds, prints what was accused, and ends with status 1 if anything was.
"""

import argparse
import sys

import numpy as np
from oracle import complex_step
from planted import Backward, Forward
from scipy.special import expit, logsumexp

from rnnbench.gradients.base import GradientRule, Step
from rnnbench.gradients.registry import RULES
from rnnbench.trial.verdict import trial

LENGTHS = (1, 2, 3, 5, 9, 15, 22, 30)


class ByHand(GradientRule):
    """BPTT, a step at a time, in the usual words; each formulation below changes some of them."""

    dtype = np.float64

    def error(self, o, y):
        """dL/do, but for the mean over batch and steps."""
        return self.network.loss_function.gradient(o, y)

    def slope(self, x, z):
        """f'(z), of x = f(z)."""
        return self.network.f.derivative(x)

    def summed(self, u, dz):
        """sum_t (u^t)^T dz^t over batch too."""
        return np.einsum("rtbj,rtbk->rjk", u, dz)

    def step(self, params, window, carry):
        network = self.network
        activity, found = network.forward(params, window, carry), network.zeros_like(params)
        V = {i: of.astype(self.dtype) for i, of in params.V.items()}
        top, o = activity.top.astype(self.dtype), activity.outputs
        dx = np.zeros(activity.x[network.depth].shape, self.dtype)
        if o.size:
            do = self.error(top @ V[network.depth + 1][:, None], window.y) / (o.shape[1] * o.shape[2])
            found.V[network.depth + 1][...] = self.summed(top, do)
            dx[:, window.counted] = do @ V[network.depth + 1][:, :-1].swapaxes(1, 2)[:, None]
        for i in range(network.depth, 0, -1):
            below = network.sizes[i - 1]
            u, x = activity.u[i][:, :-1].astype(self.dtype), activity.x[i].astype(self.dtype)
            slope = self.slope(x, u @ V[i][:, None])
            dz, later = np.empty_like(dx), np.zeros_like(dx[:, 0])
            for t in reversed(range(dx.shape[1])):
                dz[:, t] = (dx[:, t] + later) * slope[:, t]
                later = dz[:, t] @ V[i][:, below:-1].swapaxes(1, 2)
            found.V[i][...] = self.summed(u, dz)
            dx = dz @ V[i][:, :below].swapaxes(1, 2)[:, None]
        return Step(o, found.vector, activity.state())


class LogSumExp(ByHand):
    """The softmax is exp(o - log sum exp o), and the logistic of the others exp(-log(1 + exp(-o)))."""

    def error(self, o, y):
        network = self.network
        if network.loss == "softmax_crossentropy":
            return np.exp(o - logsumexp(o, axis=-1, keepdims=True)) - (y[..., None] == np.arange(network.outputs))
        if network.loss == "mse":
            return 2 * (o - y) / network.outputs
        p = np.exp(-np.logaddexp(0, -o))
        return (p - y) / network.outputs * (1 if network.loss == "binary_crossentropy" else 2 * p * (1 - p))


class MultipliedOut(ByHand):
    """Losses with their products written out: p (1 - y) - y (1 - p), and 2 o / n - 2 y / n."""

    def error(self, o, y):
        n = self.network.outputs
        if self.network.loss == "mse":
            return 2 * o / n - 2 * y / n
        if self.network.loss == "softmax_crossentropy":
            chosen = y[..., None] == np.arange(n)
            p = np.exp(o - o.max(-1, keepdims=True))
            return np.where(chosen, -(p.sum(-1, keepdims=True) - p), p) / p.sum(-1, keepdims=True)
        p, q = expit(o), expit(-o)
        difference = p * (1 - y) - y * q
        return difference / n * (1 if self.network.loss == "binary_crossentropy" else 2 * p * q)


class OfZ(ByHand):
    """f' as a function of z."""

    def slope(self, x, z):
        return {"tanh": lambda: np.cosh(z) ** -2.0, "logistic": lambda: expit(z) * expit(-z), "relu": lambda: 1.0 * (z > 0)}[
            self.network.activation
        ]()


class ByExponentials(ByHand):
    """f' by exponentials of z."""

    def slope(self, x, z):
        e = np.exp(-np.abs(z))
        if self.network.activation == "relu":
            return np.heaviside(z, 0)
        return 4 * e**2 / (1 + e**2) ** 2 if self.network.activation == "tanh" else e / (1 + e) ** 2


class Factored(ByHand):
    """1 - x^2 as (1 - x) (1 + x), x (1 - x) as x - x^2."""

    def slope(self, x, z):
        if self.network.activation == "relu":
            return np.sign(x)
        return (1 - x) * (1 + x) if self.network.activation == "tanh" else x - x**2


class BackwardSums(ByHand):
    """Terms are added from the last step to the first, a sequence at a time."""

    def summed(self, u, dz):
        total = 0
        for s in reversed(range(u.shape[2])):
            for t in reversed(range(u.shape[1])):
                total = total + u[:, t, s, :, None] * dz[:, t, s, None, :]
        return total


class PairwiseSums(ByHand):
    """All terms are made first, and added up by NumPy over steps and then over the batch."""

    def summed(self, u, dz):
        return (u[..., :, None] * dz[..., None, :]).sum(1).sum(1)


class LongDouble(ByHand):
    """Everything but the forward pass in extended precision."""

    dtype = np.longdouble

    def error(self, o, y):
        return super().error(o.astype(np.float64), y).astype(np.longdouble)


class ComplexSteps(GradientRule):
    """The gradient by differentiation of the loss, without any derivation; of whole sequences."""

    def step(self, params, window, carry):
        if carry is None:
            raise NotImplementedError("a sequence is taken as a whole")
        activity = self.network.forward(params, window, carry)
        counted = np.arange(window.x.shape[1])[window.counted].tolist()
        if not counted:
            return Step(activity.outputs, np.zeros_like(params.vector), None)
        return Step(activity.outputs, complex_step(self.network, params.vector, window.x, window.y, counted), None)


EXACT = {
    "BPTT of the package": RULES["bptt"],
    "RTRL of the package": RULES["rtrl"],
    "RTRL by hand": Forward,
    "BPTT by hand, each step's loss by itself": Backward,
    "BPTT by hand": ByHand,
    "log-sum-exp": LogSumExp,
    "losses multiplied out": MultipliedOut,
    "f' of z": OfZ,
    "f' by exponentials": ByExponentials,
    "f' factored": Factored,
    "sums from the end": BackwardSums,
    "sums of all terms": PairwiseSums,
    "long double": LongDouble,
    "complex steps": ComplexSteps,
}


def main():
    """Try all on the networks of many seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--only", default="", help="formulations whose name has this in it")
    options = parser.parse_args()
    accused = 0
    for name in (name for name in EXACT if options.only in name):
        networks = left_out = 0
        for seed in range(options.seeds):
            verdict = trial(name, EXACT[name], seed, lengths=LENGTHS)
            networks, left_out = networks + verdict.networks, left_out + verdict.left_out
            if not verdict.exact:
                accused += 1
                worst = max(verdict.findings, key=lambda finding: finding.error)
                print(f"accused: {name}, seed {seed}: {worst.parameter} {worst.error:.1e}, {verdict.breaches}", flush=True)
        print(f"{name}: {options.seeds} seeds, {networks} networks, {left_out} left out", flush=True)
    return 1 if accused else 0


if __name__ == "__main__":
    sys.exit(main())

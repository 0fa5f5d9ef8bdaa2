"""A bank of wrong gradients, each with one slip, in the two styles in which people write them: forward and backward.

Both are written one index at a time from the equations, as a learner would, and share no code with the package's rules.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnbench.gradients.base import GradientRule, Step, step_numbers, through_outputs


class Hand(GradientRule):
    """What both styles share: what the loss says of the outputs, and where a slip may sit."""

    def part(self, params, window, state):
        activity = self.network.forward(params, window, state)
        gradient = self.network.zeros_like(params)
        return activity, gradient, through_outputs(self.network, params, window, activity, gradient)

    def slope(self, x, before):
        return self.network.f.derivative(x)


class Forward(Hand):
    """RTRL: P[i, j] = dx_i/dV_j, (replicate, batch, n_i, rows of V_j, n_j)."""

    def init(self, params, batch):
        return super().init(params, batch), {}, 0

    def recurrence(self, R):
        return R

    def carried(self, P, t):
        return P

    def immediate(self, u, n):
        return np.einsum("rbj,nk->rbnjk", u, np.eye(n))

    def advance(self, slope, before, carried, immediate):
        return slope * (carried + immediate)

    def joint(self, activity, i, t):
        return activity.u[i][:, t]

    def above(self, carried_on, from_below):
        return carried_on + from_below

    def step(self, params, window, carry):
        state, P, age = carry
        activity, gradient, dx = self.part(params, window, state)
        L, sizes = self.network.depth, self.network.sizes
        counted = step_numbers(window.counted, window.x.shape[1])
        P = dict(P)
        for t in range(window.x.shape[1]):
            for i in range(1, L + 1):
                x, before = activity.x[i][:, t], activity.u[i][:, t, :, sizes[i - 1] : -1]
                slope = self.slope(x, before)[..., None, None]
                slope_before = self.slope(before, before)[..., None, None]
                for j in range(1, i + 1):
                    old = self.carried(P.get((i, j)), age + t)
                    carried = 0 if old is None else np.einsum("rln,rbljk->rbnjk", self.recurrence(params.R[i]), old)
                    immediate = 0
                    if i == j:
                        immediate = self.immediate(self.joint(activity, i, t), sizes[i])
                    else:
                        below = np.einsum("rln,rbljk->rbnjk", params.W[i - 1], P[i - 1, j])
                        carried = self.above(carried, below)
                    P[i, j] = self.advance(slope, slope_before, carried, immediate)
            if t in counted:
                for j in range(1, L + 1):
                    gradient.V[j][...] += np.einsum("rbn,rbnjk->rjk", dx[:, t], P[L, j])
        return Step(activity.outputs, gradient.vector, (activity.state(), P, age + window.x.shape[1]))


class Backward(Hand):
    """BPTT."""

    def recurrence(self, R):
        return R.swapaxes(1, 2)

    def back(self, dz, t, arrived, slope, after):
        """dz^t of what arrives from the next step."""
        return arrived * slope

    def joint(self, activity, i, t):
        return activity.u[i][:, t]

    def lags(self):
        return 10**6

    def step(self, params, window, carry):
        activity, gradient, dx = self.part(params, window, carry)
        T = window.x.shape[1]
        counted = sorted(step_numbers(window.counted, T))
        for last in counted:  # each step's loss by itself, as far back as `lags`
            credit = {(self.network.depth, last): dx[:, last]}
            for i in range(self.network.depth, 0, -1):
                arrived = 0
                for t in range(last, max(-1, last - self.lags() - 1), -1):
                    x, before = activity.x[i][:, t], activity.u[i][:, t, :, self.network.sizes[i - 1] : -1]
                    slope = self.slope(x, before)
                    after = self.slope(activity.x[i][:, min(t + 1, T - 1)], x)
                    dz = credit.get((i, t), 0) * slope + self.back(dx, t, arrived, slope, after)
                    gradient.V[i][...] += np.einsum("rbj,rbk->rjk", self.joint(activity, i, t), dz)
                    arrived = dz @ self.recurrence(params.R[i])
                    if i > 1:
                        credit[i - 1, t] = self.down(dz, params.W[i - 1].swapaxes(1, 2), t, last)
        return Step(activity.outputs, gradient.vector, activity.state())

    def down(self, dz, W_transposed, t, last):
        return dz @ W_transposed


def only_in(wrong, kinds, right):
    """The wrong rule's gradient for some kinds of parameter ("W", "b") of recurrent layers, the right rule's for the others."""

    class Mixed(GradientRule):
        def init(self, params, batch):
            return wrong(self.network).init(params, batch), right(self.network).init(params, batch)

        def step(self, params, window, carry):
            bad, good = wrong(self.network).step(params, window, carry[0]), right(self.network).step(params, window, carry[1])
            gradient = self.network.parameters(good.gradient)
            for name, block in self.network.parameters(bad.gradient).blocks().items():
                if name[0] in kinds:
                    gradient.blocks()[name][...] = block
            return Step(good.outputs, gradient.vector, (bad.carry, good.carry))

    return Mixed


def scaled(right, factor, blocks=None):
    """The right rule's gradient times factor(window), in some blocks only."""

    class Scaled(right):
        def step(self, params, window, carry):
            step = super().step(params, window, carry)
            for name, block in self.network.parameters(step.gradient).blocks().items():
                if blocks is None or blocks(self.network, name):
                    block *= factor(window)
            return step

    return Scaled


class NoRecurrence(Forward):
    def recurrence(self, R):
        return 0 * R


class Transposed(Forward):
    def recurrence(self, R):
        return R.swapaxes(1, 2)


class DeltaDropped(Forward):
    def immediate(self, u, n):
        return np.einsum("rbj,nk->rbnjk", u, np.ones((n, n)))


class DeltaOnTheWrongAxis(Forward):
    """delta_{n,j} x[k] for the recurrent rows."""

    def immediate(self, u, n):
        found = super().immediate(u, n)
        rows = slice(u.shape[-1] - 1 - n, u.shape[-1] - 1)
        found[..., rows, :] = np.einsum("rbk,nj->rbnjk", u[..., rows], np.eye(n))
        return found


class SlopeBefore(Forward):
    def advance(self, slope, before, carried, immediate):
        return before * (carried + immediate)


class SlopeBeforeInRecursion(Forward):
    def advance(self, slope, before, carried, immediate):
        return before * carried + slope * immediate


class SlopeBeforeInImmediate(Forward):
    def advance(self, slope, before, carried, immediate):
        return slope * carried + before * immediate


class NoSlopeInRecursion(Forward):
    def advance(self, slope, before, carried, immediate):
        return carried + slope * immediate


class PresentState(Forward):
    def joint(self, activity, i, t):
        u = activity.u[i][:, t].copy()
        n = self.network.sizes[i - 1]
        u[..., n:-1] = activity.x[i][:, t]
        return u


class Decayed(Forward):
    rate: ClassVar[float] = 0.9

    def carried(self, P, t):
        return None if P is None else self.rate * P


class DecayedALittle(Decayed):
    rate = 0.999


class Detached(Forward):
    """Sensitivities start anew at every fourth step."""

    def carried(self, P, t):
        return None if t % 4 == 0 else P


class ForgetsAfterTen(Forward):
    def carried(self, P, t):
        return None if t == 10 else P


class PastAboveMissing(Forward):
    def above(self, carried_on, from_below):
        return from_below


@dataclass(frozen=True)
class NotReset(Forward):
    """Keeps its sensitivities in itself, and never clears them."""

    def __post_init__(self):
        object.__setattr__(self, "kept", {})

    def step(self, params, window, carry):
        P = self.kept.get(params.vector.shape, {})
        step = super().step(params, window, (carry[0], P, 0))
        self.kept[params.vector.shape] = step.carry[1]
        return step


class OldSensitivities(Forward):
    """The loss meets P^{t-1}: contracted before it is advanced."""

    def step(self, params, window, carry):
        state, P, age = carry
        activity, gradient, dx = self.part(params, window, state)
        T, L = window.x.shape[1], self.network.depth
        nothing = window._replace(y=window.y[:, :0], counted=slice(0, 0))
        for t in range(T):
            for j in range(1, L + 1):
                if (L, j) in P:
                    gradient.V[j][...] += np.einsum("rbn,rbnjk->rjk", dx[:, t], P[L, j])
            one = nothing._replace(x=window.x[:, t : t + 1])
            state, P, age = super().step(params, one, (state, P, age)).carry
        return Step(activity.outputs, gradient.vector, (state, P, age))


class OfX(Forward):
    def slope(self, x, before):
        again = np.empty_like(x)
        self.network.f.value(np.ascontiguousarray(x), again)
        return self.network.f.derivative(again)


class AlwaysTanh(Backward):
    def slope(self, x, before):
        return 1 - x * x


class AlwaysLogistic(Forward):
    def slope(self, x, before):
        return x * (1 - x)


class BackTransposed(Backward):
    def recurrence(self, R):
        return R


class NoSlopeOnTheWayBack(Backward):
    def back(self, dz, t, arrived, slope, after):
        return arrived


class SlopeAfter(Backward):
    def back(self, dz, t, arrived, slope, after):
        return arrived * after


class NoSlope(Backward):
    def slope(self, x, before):
        return np.ones_like(x)


class Truncated(Backward):
    def lags(self):
        return 4


class BackPresentState(Backward):
    joint = PresentState.joint


class InputBefore(Backward):
    def joint(self, activity, i, t):
        u = activity.u[i][:, t].copy()
        n = self.network.sizes[i - 1]
        u[..., :n] = activity.u[i][:, t - 1, :, :n] if t else 0
        return u


class BackPastAboveMissing(Backward):
    def down(self, dz, W_transposed, t, last):
        return dz @ W_transposed if t == last else 0 * (dz @ W_transposed)


class TurnedR(Backward):
    """dR computed as (dz)^T x."""

    def step(self, params, window, carry):
        step = super().step(params, window, carry)
        for R in self.network.parameters(step.gradient).R.values():
            R[...] = R.swapaxes(1, 2).copy()
        return step


class NoLagZero(Backward):
    def step(self, params, window, carry):
        step = super().step(params, window, carry)
        now = NoRecurrence(self.network).step(params, window, NoRecurrence(self.network).init(params, window.x.shape[2]))
        for name, block in self.network.parameters(step.gradient).blocks().items():
            if name not in (f"W{self.network.depth}", f"b{self.network.depth}"):
                block -= self.network.parameters(now.gradient).blocks()[name]
        return step


def second_bias(network, name):
    return network.depth > 1 and name == "b1"


# name: rule, the parameters in which it is wrong with one and with two layers, words of the diagnosis, the slip (None: none fits)
BANK = {
    "W and b as in an MLP": (
        only_in(NoRecurrence, "Wb", Forward),
        {"W0", "b0"},
        {"W0", "b0", "W1", "b1"},
        "only lag 0 is right; all paths through x^{t-1} are missing",
        "recurrence missing",
    ),
    "b without recurrence": (only_in(NoRecurrence, "b", Forward), {"b0"}, {"b0", "b1"}, "only lag 0", "recurrence missing"),
    "no recurrence": (NoRecurrence, "all", "all", "only lag 0 is right", "recurrence missing"),
    "transposed R, forward": (Transposed, "all", "all", "transpose", "transposed R"),
    "transposed R, backward": (BackTransposed, "all", "all", "transpose", "transposed R"),
    "transposed R for W alone": (only_in(Transposed, "W", Forward), {"W0"}, {"W0", "W1"}, "transpose", "transposed R"),
    "delta dropped": (DeltaDropped, "all", "all", "without delta", "delta dropped"),
    "delta dropped for R": (only_in(DeltaDropped, "R", Forward), {"R1"}, {"R1", "R2"}, "without delta", "delta dropped"),
    "delta on the wrong axis": (DeltaOnTheWrongAxis, {"R1"}, {"R1", "R2"}, "n = j", "delta on the wrong axis"),
    "dR turned": (TurnedR, {"R1"}, {"R1", "R2"}, "transpose of the derivative", "delta on the wrong axis"),
    "f' of t - 1": (SlopeBefore, "all", "all", "f'(z^{t-1})", "f' of the step before"),
    "f' of t - 1, recursion": (SlopeBeforeInRecursion, "all", "all", "carried", "f' of the step before, in the recursion"),
    "f' of t - 1, immediate": (SlopeBeforeInImmediate, "all", "all", "immediate", "f' of the step before, in the immediate term"),
    "f' of t + 1": (SlopeAfter, "all", "all", "f'(z^{t+1})", "f' of the step after"),
    "f' missing in the recursion": (NoSlopeInRecursion, "all", "all", "not multiplied", "f' missing in the recursion"),
    "f' missing on the way back": (NoSlopeOnTheWayBack, "all", "all", "not multiplied", "f' missing on the way back"),
    "no f'": (NoSlope, "all", "all", "linear", "f' missing"),
    "f' of x": (OfX, "all", "all", "instead of z^t", "f' of x for f' of z"),
    "tanh always": (AlwaysTanh, "all", "all", "only with activation", "tanh's derivative"),
    "logistic always": (AlwaysLogistic, "all", "all", "only with activation", "logistic's derivative"),
    "x^t, forward": (PresentState, {"R1"}, {"R1", "R2"}, "x^t stands where x^{t-1}", "x^t for x^{t-1}"),
    "x^t, backward": (BackPresentState, {"R1"}, {"R1", "R2"}, "x^t stands where x^{t-1}", "x^t for x^{t-1}"),
    "input before": (InputBefore, {"W0"}, {"W0", "W1"}, "x_{i-1}^{t-1}", "input of the step before"),
    "decayed .9": (Decayed, "all", "all", "lag k is multiplied by 0.9^k", None),
    "decayed .999": (DecayedALittle, "all", "all", "lag k is multiplied by 0.999^k", None),
    "detached": (Detached, "all", "all", "the sequence is cut every 4 steps", "cut every 4 steps"),
    "truncated": (Truncated, "all", "all", "lags 0 to 4 are right; every path through x^{t-5}", "truncated at 5 steps"),
    "not reset": (NotReset, "all", "all", "not reset", "not reset between sequences"),
    "summed over steps": (
        scaled(Forward, lambda w: w.y.shape[1]),
        "every",
        "every",
        "steps that count",
        "multiplied by the number of steps that count, as of a sum in place of a mean",
    ),
    "summed over the batch": (
        scaled(Backward, lambda w: w.x.shape[2]),
        "every",
        "every",
        "multiplied by the batch size",
        "multiplied by the batch size, as of a sum in place of a mean",
    ),
    "batch size twice": (
        scaled(Backward, lambda w: 1 / w.x.shape[2]),
        "every",
        "every",
        "divided by the batch size once more",
        "divided by the batch size once more than the loss is",
    ),
    "half": (scaled(Forward, lambda w: 0.5), "every", "every", "multiplied by 0.5", "multiplied by 0.5"),
    "sign": (scaled(Backward, lambda w: -1), "every", "every", "sign", "the sign is wrong"),
    "sign of a bias": (
        scaled(Forward, lambda w: -1, lambda network, name: name == "b0"),
        {"b0"},
        {"b0"},
        "sign",
        "the sign is wrong",
    ),
    "the readout's bias": (
        scaled(Backward, lambda w: 2, lambda network, name: name == f"b{network.depth}"),
        {"b1"},
        {"b2"},
        "multiplied by 2",
        "multiplied by 2",
    ),
    "the second layer's bias": (
        scaled(Backward, lambda w: 1.001, second_bias),
        set(),
        {"b1"},
        "multiplied by 1.001",
        "multiplied by 1.001",
    ),
    "past of the layers above, forward": (
        PastAboveMissing,
        set(),
        {"W0", "R1", "b0"},
        "past of the layers above are missing",
        "upper layers' past missing",
    ),
    "past of the layers above, backward": (
        BackPastAboveMissing,
        set(),
        {"W0", "R1", "b0"},
        "past of the layers above are missing",
        "upper layers' past missing",
    ),
    "longer than ten steps": (ForgetsAfterTen, "all", "all", "exact for sequences of up to 10 steps", None),
    "needs float64": (
        scaled(Forward, lambda w: 1 + 1e-9, lambda network, name: name == "W0"),
        {"W0"},
        {"W0"},
        "multiplied by 1.000000001",
        "multiplied by 1.000000001",
    ),
    "old sensitivities": (OldSensitivities, "all", "all", "newest step is left out", "sensitivities of the step before"),
    "no lag 0": (NoLagZero, "all", "all", "lag 0 is missing", None),
    "sum and no recurrence": (
        scaled(NoRecurrence, lambda w: w.x.shape[2]),
        "every",
        "every",
        "multiplied by the batch size",
        "recurrence missing, and multiplied by the batch size, as of a sum in place of a mean",
    ),
}

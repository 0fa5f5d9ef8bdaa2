"""The network of the question, forward.

For layer i = 1..L and step t (row vectors, as posted):

    z_i^t = x_{i-1}^t W_{i-1} + x_i^{t-1} R_i + b_{i-1}          x_i^t = f(z_i^t)
    o^t   = x_L^t W_L + b_L

The three products are one. With the joint input u_i^t = [x_{i-1}^t, x_i^{t-1}, 1] and V_i = [W_{i-1}; R_i; b_{i-1}],

    z_i^t = u_i^t V_i          o^t = [x_L^t, 1] V_{L+1}

so a layer's parameters are one matrix, its derivative by them is du V, and the gradient of all of them is one product
sum_t (u_i^t)^T dL/dz_i^t. W, R and b are views of V, and V is a view of the vector of all parameters.

Leaky units keep a share of their old value, x_i^t = leak x_i^{t-1} + (1 - leak) f(z_i^t); in the question there is no leak.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rnnbench.activations import ACTIVATIONS, Activation
from rnnbench.arrays import Array, Integers, at, blocks
from rnnbench.losses import LOSSES, Loss

SHORT_ROW = 16
"""Units of a layer below which it takes less time to compute with them side by side, and to copy them, than in rows that lie
apart."""


@dataclass(frozen=True)
class Parameters:
    """One vector of parameters for each replicate, and views into it under the names of the equations.

    sizes: n_0, ..., n_L. vector: (replicate, parameter), every V_i in order.
    V: V[i] (replicate, n_{i-1} + n_i + 1, n_i) for i = 1..L, and V[L + 1] = [W_L; b_L].
    """

    sizes: tuple[int, ...]
    vector: Array
    V: dict[int, Array]

    @cached_property
    def W(self) -> dict[int, Array]:
        """W[i] (replicate, n_i, n_{i+1}) for i = 0..L."""
        return {i: self.V[i + 1][:, :n] for i, n in enumerate(self.sizes)}

    @cached_property
    def R(self) -> dict[int, Array]:
        """R[i] (replicate, n_i, n_i) for i = 1..L."""
        return {i: self.V[i][:, n:-1] for i, n in enumerate(self.sizes[:-1], start=1)}

    @cached_property
    def b(self) -> dict[int, Array]:
        """b[i] (replicate, 1, n_{i+1}) for i = 0..L."""
        return {i: self.V[i + 1][:, -1:] for i in range(len(self.sizes))}

    def blocks(self) -> dict[str, Array]:
        """The views by name, "W0", "R1", "b0", ..., in the order of the vector."""
        blocks = {}
        for i in self.W:
            blocks[f"W{i}"] = self.W[i]
            if i + 1 in self.R:
                blocks[f"R{i + 1}"] = self.R[i + 1]
            blocks[f"b{i}"] = self.b[i]
        return blocks


class Window(NamedTuple):
    """T consecutive steps of a batch of sequences.

    x: (replicate, T, batch, inputs); the replicate axis may have length 1 where all replicates see the same.
    y: (replicate, counted steps, batch, outputs), or without the last axis where it holds class indices.
    counted: the steps of the window whose loss counts, an index of the time axis.
    """

    x: Array
    y: Array
    counted: slice | Integers


State = dict[int, Array]
"""x_i at the last step seen, (replicate, batch, n_i), for i = 1..L."""


class Activity(NamedTuple):
    """What the forward pass of one window leaves behind.

    u: u[i] (replicate, T + 1, batch, n_{i-1} + n_i + 1), the joint inputs; step T holds only the last state.
    x: x[i] (replicate, T, batch, n_i), the units: views into u, or copies where rows of u are short.
    top: [x_L^t, 1] at the counted steps, (replicate, counted steps, batch, n_L + 1).
    outputs: o at the counted steps, (replicate, counted steps, batch, outputs).
    """

    u: dict[int, Array]
    x: dict[int, Array]
    top: Array
    outputs: Array

    def state(self) -> State:
        """The state at the end of the window: copies, as views would keep the whole window."""
        return {i: x[:, -1].copy() for i, x in self.x.items()}


@dataclass(frozen=True)
class Network:
    """Sizes and functions of a stack of recurrent layers with a dense output; the parameters live elsewhere.

    at_rest: every unit's state before the first step of a sequence (Elman started his context at 1/2). leak: the share of its
    old value that a unit keeps at every step (1 - 1/tau for a time constant of tau steps).

    Raises ValueError for sizes below 1, unknown names and a leak that is not in [0, 1).
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: str = "tanh"
    loss: str = "softmax_crossentropy"
    at_rest: float = 0.0
    leak: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.leak < 1:
            raise ValueError(f"a leak is a share in [0, 1), not {self.leak}")
        if not self.hidden or min(self.inputs, self.outputs, *self.hidden) < 1:
            raise ValueError(f"a network needs at least one recurrent layer and sizes of at least 1, not {self}")
        for name, known in ((self.activation, ACTIVATIONS), (self.loss, LOSSES)):
            if name not in known:
                raise ValueError(f"{name!r} is not one of {', '.join(known)}")

    @property
    def depth(self) -> int:
        """L, the number of recurrent layers."""
        return len(self.hidden)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """n_0 (inputs), n_1, ..., n_L."""
        return (self.inputs, *self.hidden)

    @cached_property
    def joint(self) -> tuple[int, ...]:
        """The widths of u_1, ..., u_L."""
        return tuple(below + own + 1 for below, own in pairwise(self.sizes))

    @cached_property
    def recurrent_parameters(self) -> tuple[int, ...]:
        """How many parameters lie in layers 1..i, for i = 0..L: where each V_i begins and ends in the vector."""
        return tuple(int(n) for n in np.cumsum([0, *(j * n for j, n in zip(self.joint, self.hidden, strict=True))]))

    @cached_property
    def parameter_count(self) -> int:
        """The length of the vector of parameters."""
        return self.recurrent_parameters[-1] + (self.sizes[-1] + 1) * self.outputs

    @cached_property
    def layout(self) -> list[tuple[int, slice, tuple[int, int]]]:
        """For i = 1..L + 1: i, where V_i lies in the vector, and its shape."""
        bounds = pairwise([*self.recurrent_parameters, self.parameter_count])
        shapes = [*zip(self.joint, self.hidden, strict=True), (self.sizes[-1] + 1, self.outputs)]
        return [(i, slice(*bound), shape) for i, (bound, shape) in enumerate(zip(bounds, shapes, strict=True), start=1)]

    @cached_property
    def units(self) -> list[slice]:
        """Where the units of layers 1..L lie in s = [x_1, ..., x_L]; [0] is empty, so that layer i is at [i]."""
        return [slice(*bounds) for bounds in pairwise(np.cumsum([0, 0, *self.hidden]).tolist())]

    @property
    def f(self) -> Activation:
        """The activation of the recurrent units."""
        return ACTIVATIONS[self.activation]

    @property
    def loss_function(self) -> Loss:
        """The loss of the outputs."""
        return LOSSES[self.loss]

    def parameters(self, vector: Array) -> Parameters:
        """The views W, R, b of a vector (replicate, parameter)."""
        replicates, count = vector.shape
        if count != self.parameter_count:
            raise ValueError(f"{self} has {self.parameter_count} parameters, the vector {count}")
        V = {i: vector[:, part].reshape(replicates, *shape) for i, part, shape in self.layout}
        return Parameters(self.sizes, vector, V)

    def zeros_like(self, params: Parameters) -> Parameters:
        """Parameters that are all zero: where a gradient is added up."""
        return self.parameters(np.zeros_like(params.vector))

    def empty_like(self, params: Parameters) -> Parameters:
        """Parameters of any value: where a gradient is written whose every block is."""
        return self.parameters(np.empty_like(params.vector))

    def rest(self, replicates: int, batch: int, dtype: np.dtype) -> State:
        """The state before the first step of a sequence: `at_rest` everywhere."""
        return {i: np.full((replicates, batch, n), self.at_rest, dtype) for i, n in enumerate(self.sizes) if i > 0}

    def forward(self, params: Parameters, window: Window, state: State) -> Activity:
        """Run the window from `state`, which is left as it was."""
        replicates, (_, steps, batch, _) = len(params.vector), window.x.shape
        f = self.f.value
        below, joint, x = window.x, {}, {}
        for i in range(1, self.depth + 1):
            n, V = self.sizes[i - 1], params.V[i]
            u = joint[i] = np.empty_like(params.vector, shape=(replicates, steps + 1, batch, self.joint[i - 1]))
            u[:, :-1, :, :n] = below
            u[:, 0, :, n:-1] = state[i]
            u[..., -1] = 1
            units = u[:, 1:, :, n:-1]
            side_by_side = self.sizes[i] < SHORT_ROW
            x[i] = np.empty_like(params.vector, shape=units.shape) if side_by_side else units
            z = np.empty_like(params.vector, shape=(replicates, batch, self.sizes[i]))
            cut = blocks(batch, V[0].size)
            u_cut, z_cut = u.reshape(replicates, steps + 1, cut, batch // cut, -1), z.reshape(replicates, cut, batch // cut, -1)
            for t in range(steps):
                now = x[i][:, t]
                np.matmul(u_cut[:, t], V[:, None], out=z_cut)
                f(z, now)
                if self.leak:
                    now *= 1 - self.leak
                    now += self.leak * u[:, t, :, n:-1]
                if side_by_side:
                    units[:, t] = now
            below = x[i]
        top = at(window.counted, u[:, 1:, :, n:])
        outputs = top.reshape(replicates, -1, top.shape[-1]) @ params.V[self.depth + 1]
        return Activity(joint, x, top, outputs.reshape(*top.shape[:3], self.outputs))

    def before(self, activity: Activity, i: int) -> Array:
        """x_i^{t-1}, (replicate, T, batch, n_i), a view."""
        return activity.u[i][:, :-1, :, self.sizes[i - 1] : -1]

    def slope(self, activity: Activity, i: int, steps: slice | Integers = slice(None)) -> Array:
        """dx_i^t/dz_i^t of each unit, (1 - leak) f'(z_i^t), (replicate, steps, batch, n_i), a new array."""
        x = at(steps, activity.x[i])
        if not self.leak:
            return self.f.derivative(x)
        fresh = (x - self.leak * at(steps, self.before(activity, i))) / (1 - self.leak)
        return (1 - self.leak) * self.f.derivative(fresh)

"""Backpropagation through time as JAX has it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from rnnbench.arrays import Array
from rnnbench.gradients.base import Claim, Cost, GradientRule, Step
from rnnbench.network import Parameters, State, Window


class JaxBptt(GradientRule):
    """The forward equations, differentiated by JAX: a scan over time, mapped over replicates, compiled by XLA.

    The inputs of all steps go through W in one product before the scan. A peer to measure against; needs the package jax.
    """

    claim = Claim.EXACT
    cost = Cost(time=2, memory=1)

    def __post_init__(self) -> None:
        if self.network.leak:
            raise NotImplementedError("the peers have no leaky units")

    def step(self, params: Parameters, window: Window, carry: State) -> Step:
        replicates, steps = params.vector.shape[0], window.x.shape[1]
        counted = np.arange(steps)[window.counted]
        x, y = (np.broadcast_to(a, (replicates, *a.shape[1:])) for a in (window.x, window.y))
        gradient, (outputs, state) = self.differentiated(params.vector, carry, x, y, counted)
        return Step(np.asarray(outputs), np.array(gradient), {i: np.asarray(h) for i, h in state.items()})

    @cached_property
    def differentiated(self) -> Callable[..., Any]:
        """(vector, state, x, y, counted) -> gradient, (outputs, state at the end); all but counted with a replicate axis."""
        import jax
        from jax import numpy as jnp

        jax.config.update("jax_enable_x64", True)
        f = {"tanh": jnp.tanh, "logistic": jax.nn.sigmoid, "relu": jax.nn.relu}[self.network.activation]

        def loss(vector: Any, state: Any, x: Any, y: Any, counted: Any) -> Any:
            V = {i: vector[part].reshape(shape) for i, part, shape in self.network.layout}
            end = {}
            for i, n in enumerate(self.network.sizes[:-1], start=1):
                W, R, b = V[i][:n], V[i][n:-1], V[i][-1]

                def cell(h: Array, z: Array, R: Array = R) -> tuple[Array, Array]:
                    h = f(z + h @ R)
                    return h, h

                end[i], x = jax.lax.scan(cell, state[i], x @ W + b)
            o = x[counted] @ V[self.network.depth + 1][:-1] + V[self.network.depth + 1][-1]
            return _losses(jax, jnp)[self.network.loss](o, y).sum() / max(1, o.shape[0] * o.shape[1]), (o, end)

        return jax.jit(jax.vmap(jax.grad(loss, has_aux=True), in_axes=(0, 0, 0, 0, None)))


def _losses(jax: Any, jnp: Any) -> dict[str, Callable[[Any, Any], Any]]:
    """`rnnbench.losses`, for JAX to differentiate: the loss of each step of each sequence."""
    return {
        "mse": lambda o, y: jnp.square(o - y).mean(-1),
        "logistic_mse": lambda o, y: jnp.square(jax.nn.sigmoid(o) - y).mean(-1),
        "binary_crossentropy": lambda o, y: (jnp.logaddexp(0, o) - o * y).mean(-1),
        "softmax_crossentropy": lambda o, y: -jnp.take_along_axis(jax.nn.log_softmax(o), y[..., None], -1)[..., 0],
    }

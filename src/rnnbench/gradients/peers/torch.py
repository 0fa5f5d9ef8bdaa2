"""Backpropagation through time as PyTorch has it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnbench.gradients.base import Claim, Cost, GradientRule, Step
from rnnbench.network import Parameters, State, Window


class TorchBptt(GradientRule):
    """The forward equations, differentiated by PyTorch's autograd: a loop over time, replicates in batched products.

    The inputs of all steps go through W in one product before the loop. A peer to measure against; needs the package torch.
    """

    claim = Claim.EXACT
    cost = Cost(time=2, memory=1)

    def __post_init__(self) -> None:
        if self.network.leak:
            raise NotImplementedError("the peers have no leaky units")

    def step(self, params: Parameters, window: Window, carry: State) -> Step:
        import torch

        torch.set_num_threads(1)
        network = self.network
        f = {"tanh": torch.tanh, "logistic": torch.sigmoid, "relu": torch.relu}[network.activation]
        replicates, steps = params.vector.shape[0], window.x.shape[1]
        counted = torch.from_numpy(np.arange(steps)[window.counted])
        vector = torch.tensor(params.vector, requires_grad=True)
        x, y = (torch.tensor(np.broadcast_to(a, (replicates, *a.shape[1:]))) for a in (window.x, window.y))
        end = {}
        for i, part, shape in network.layout[:-1]:
            V, n = vector[:, part].reshape(replicates, *shape), network.sizes[i - 1]
            W, R, b = V[:, :n], V[:, n:-1], V[:, -1:]
            h, z, states = torch.tensor(carry[i]), x @ W[:, None] + b[:, None], []
            for t in range(steps):
                h = f(torch.baddbmm(z[:, t], h, R))
                states.append(h)
            x, end[i] = torch.stack(states, 1), h.detach().numpy()
        _, part, shape = network.layout[-1]
        V = vector[:, part].reshape(replicates, *shape)
        o = x[:, counted] @ V[:, None, :-1] + V[:, None, -1:]
        loss = _losses(torch)[network.loss](o, y).sum() / max(1, o.shape[1] * o.shape[2])
        loss.backward()
        return Step(o.detach().numpy(), vector.grad.numpy(), end)


def _losses(torch: Any) -> dict[str, Callable[[Any, Any], Any]]:
    """`rnnbench.losses`, for PyTorch to differentiate: the loss of each step of each sequence."""
    return {
        "mse": lambda o, y: (o - y).square().mean(-1),
        "logistic_mse": lambda o, y: (torch.sigmoid(o) - y).square().mean(-1),
        "binary_crossentropy": lambda o, y: (torch.nn.functional.softplus(o) - o * y).mean(-1),
        "softmax_crossentropy": lambda o, y: -torch.log_softmax(o, -1).gather(-1, y[..., None])[..., 0],
    }

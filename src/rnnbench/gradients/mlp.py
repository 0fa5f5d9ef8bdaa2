"""The control without memory."""

from rnnbench.gradients.base import Claim, Step
from rnnbench.gradients.elman import Elman
from rnnbench.network import Parameters, State, Window


class Mlp(Elman):
    """A multilayer perceptron: R is zero at the start and stays so, and then one-step truncation is the exact gradient.

    What a recurrent network must beat to have shown that it remembers anything.
    """

    claim = Claim.EXACT
    source = ""

    def __post_init__(self) -> None:
        if self.network.leak:
            raise NotImplementedError("leaky units remember without any recurrence, so they are no multilayer perceptron")

    def prepare(self, params: Parameters) -> None:
        for R in params.R.values():
            R[...] = 0

    def step(self, params: Parameters, window: Window, carry: State) -> Step:
        step = super().step(params, window, carry)
        self.prepare(self.network.parameters(step.gradient))
        return step

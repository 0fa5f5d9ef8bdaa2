"""A gradient rule at work on one window after another, and an optimizer with it, if the weights are to move."""

from collections.abc import Hashable
from functools import partial
from typing import Any

from rnnbench.arrays import Array, Integers
from rnnbench.gradients import GradientRule
from rnnbench.network import Parameters, Window
from rnnbench.recording import Repeated
from rnnbench.study.training.optimizers import Optimizer


class Learner:
    """Sees one window after another and updates the weights of all replicates, in place, after each that has a counted step.

    The calls of NumPy that this takes are recorded and repeated where the rule allows it; the bits are those of `rule.step` and
    `method.update` all the same. Without a method, the weights stay.
    """

    def __init__(self, rule: GradientRule, params: Parameters, batch: int, method: Optimizer | None = None) -> None:
        self.rule, self.method, self.params, self.batch = rule, method, params, batch
        self.counted: dict[Hashable, slice | Integers] = {}
        self.carried: tuple[Any, Any] = rule.init(params, batch), method and method.init(params.vector)
        self.repeated = Repeated(self._update, params.vector) if rule.repeats else partial(self._update, held=params.vector)

    def begin(self) -> None:
        """Other sequences begin."""
        carry, state = self.carried
        self.carried = self.rule.reset(self.params, self.batch, carry), state

    def see(self, window: Window) -> tuple[Array, Array]:
        """The outputs at the counted steps and the gradient, before the update; the next window writes over them."""
        counted = window.counted
        kind = (counted.start, counted.stop, counted.step) if isinstance(counted, slice) else counted.tobytes()
        self.counted[kind] = counted
        found, self.carried = self.repeated(kind, given=(window.x, window.y), carried=self.carried)
        return found

    def _update(self, kind: Hashable, held: Array, given: tuple[Array, Array], carried: tuple[Any, Any]) -> tuple[Any, Any]:
        (x, y), (carry, state) = given, carried
        params = self.rule.network.parameters(held)
        outputs, gradient, carry = self.rule.step(params, Window(x, y, self.counted[kind]), carry)
        if self.method and y.shape[1]:
            change, state = self.method.update(gradient, state)
            held += change
        return (outputs, gradient), (carry, state)

"""Plain code on trial: a file with `loss` and `gradient`, of one network and one sequence, as people write them.

    def loss(W, R, b, x, y): ...        # or loss(params, x, y) -> a number
    def gradient(W, R, b, x, y): ...    # -> the derivatives, shaped like the parameters

Conventions are found (`conventions`); then the code is a gradient rule like any other, and its parameters keep their own names.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rnnbench import files
from rnnbench.arrays import Array
from rnnbench.errors import RuleError
from rnnbench.gradients.base import GradientRule, Step, step_numbers
from rnnbench.network import Parameters, Window
from rnnbench.trial import conventions
from rnnbench.trial.cases import DEPTHS, LENGTHS, LOSS_AT
from rnnbench.trial.contract import Takes
from rnnbench.trial.conventions import Conventions, Function
from rnnbench.trial.differences import CannotJudgeError, Comparison, compare
from rnnbench.trial.structures import as_array
from rnnbench.trial.verdict import Verdict, trial

ENDED = "a sequence has been shown"
"""The carry after a window: plain code takes whole sequences."""


class Functions(NamedTuple):
    """The functions of a file. example: gives parameters, a sequence and its targets; None where there is none."""

    loss: Function
    gradient: Function
    example: Callable[[], tuple[Any, Any, Any]] | None


def functions(file: Path) -> Functions | None:
    """The functions `loss`, `gradient` and `example` of a file, None where it lacks one of the first two.

    Raises files.ClassFileError.
    """
    module = files.module_in(file)
    loss, gradient, example = (getattr(module, name, None) for name in ("loss", "gradient", "example"))
    return Functions(loss, gradient, example) if callable(loss) and callable(gradient) else None


def rule_of(gradient: Function, found: Conventions) -> type[GradientRule]:
    """The gradient rule that a function is, by its conventions."""

    class Plain(GradientRule):
        """dL/dtheta by the author's function, a network and a sequence at a time."""

        takes: ClassVar[Takes] = Takes(found.one_hot, not found.layout.readout, found.scalar, not found.batch)

        def __post_init__(self) -> None:
            network = self.network
            if (network.activation, network.loss) != (found.activation, found.loss):
                raise NotImplementedError(f"the code is of {found.activation} units with {found.loss}")
            if network.depth > 1 and not found.deep:
                raise NotImplementedError("the code has one recurrent layer")
            if network.at_rest or network.leak:
                raise NotImplementedError("the code starts from a state of zero, and its units do not leak")
            if found.scalar and network.outputs > 1:
                raise NotImplementedError("the code has one output")

        def prepare(self, params: Parameters) -> None:
            found.layout.complete(params.blocks(), self.network.depth)

        def step(self, params: Parameters, window: Window, carry: Any) -> Step:
            if carry is ENDED:
                raise NotImplementedError("the code takes whole sequences alone")
            activity = self.network.forward(params, window, carry)
            total = self.network.zeros_like(params)
            replicates, batch = params.vector.shape[0], window.x.shape[2]
            counted = sorted(step_numbers(window.counted, window.x.shape[1]))
            for r in range(replicates):
                own = {name: block[r] for name, block in params.blocks().items()}
                x, y = window.x[r % len(window.x)], window.y[r % len(window.y)]
                if found.batch:
                    data, share = [(x, y)], 1.0 if found.batch == "mean" else 1 / batch
                else:
                    data, share = [(x[:, s], y[:, s]) for s in range(batch)], 1 / batch
                for one, targets in data if counted else ():
                    for name, block in self._of_sequence(own, one, targets, counted).items():
                        total.blocks()[name][r] += block * share
            return Step(activity.outputs, total.vector.astype(params.vector.dtype), ENDED)

        def _of_sequence(self, own: dict[str, Array], x: Array, y: Array, counted: list[int]) -> dict[str, Array]:
            """The gradient of the mean loss over the steps that count.

            Code that scores every step, asked for some, gives the difference of two sequences that end there; code that scores
            the last step gives the sum of sequences that end at each.
            """
            steps = len(x)
            if counted == ([steps - 1] if found.given.last else list(range(steps))):
                return self._scaled(own, x, y, 1 / found.scale(len(y), self.network.outputs))
            if found.given.last:
                scale = 1 / len(counted) / found.scale(1, self.network.outputs)
                return _sum(self._scaled(own, x[: t + 1], y[k : k + 1], scale) for k, t in enumerate(counted))
            everywhere = np.zeros((steps, *y.shape[1:]), y.dtype)
            everywhere[counted] = y
            if found.signature.mask:
                return self._scaled(own, x, everywhere, 1 / found.scale(len(y), self.network.outputs, steps), counted)

            def summed(until: int, sign: int) -> dict[str, Array]:
                scale = sign * until / len(counted) / found.scale(until, self.network.outputs)
                return self._scaled(own, x[:until], everywhere[:until], scale)

            ends = [(t + 1, 1) for t in counted] + [(t, -1) for t in counted if t > 0]
            return _sum(summed(*end) for end in ends if (end[0], -end[1]) not in ends)

        def _scaled(
            self, own: dict[str, Array], x: Array, y: Array, scale: float, counted: list[int] | None = None
        ) -> dict[str, Array]:
            if found.given.kind == "one-hot":
                y = np.eye(self.network.outputs)[y.astype(np.intp)]
            params = found.layout.params(own, self.network.depth)
            with np.errstate(all="ignore"):
                result = gradient(*found.arguments(params, x, y, self.network.hidden[0], counted))
            return {name: scale * block for name, block in blocks_of(result, found, own).items()}

    return Plain


def _sum(parts: Iterator[dict[str, Array]]) -> dict[str, Array]:
    total = dict(next(parts))
    for part in parts:
        for name, block in part.items():
            total[name] = total[name] + block
    return total


def slots_of(result: Any, found: Conventions) -> list[Any]:
    """What a gradient function returns, by slot: in a structure like that of the parameters, a plain sequence or a dict."""
    slots = found.layout.container.slots
    if isinstance(result, Sequence) and len(result) == 2 != len(slots) and np.ndim(result[0]) == 0 and result[0] is not None:
        result = result[1]  # (loss, gradient)
    if isinstance(result, Sequence) and len(result) == 1 and len(slots) > 1:
        (result,) = result
    if isinstance(result, Sequence):
        if len(result) == len(slots):
            return list(result)
        raise RuleError(f"gradient returns {len(result)} things, and there are {len(slots)} parameters: {_names(found)}")
    held = result if isinstance(result, Mapping) else getattr(result, "__dict__", {})
    if len(slots) == 1 and not held:
        return [result]
    values = []
    for slot in slots:
        key = next((key for key in (slot.key, f"d{slot.key}", f"d_{slot.key}", f"grad_{slot.key}") if key in held), None)
        if key is None:
            raise RuleError(f"gradient returns nothing for {slot.key}; it must return the derivatives by {_names(found)}")
        values.append(held[key])
    return values


def _names(found: Conventions) -> str:
    return ", ".join(slot.key for slot in found.layout.container.slots)


def blocks_of(result: Any, found: Conventions, own: Mapping[str, Array]) -> dict[str, Array]:
    """The derivatives by block (rows, columns), from what the author's function returns.

    Raises RuleError where one is missing or is not shaped like its parameter.
    """
    layout = found.layout
    blocks: dict[str, Array] = {}
    depth = sum(name[0] == "R" for name in own)
    for slot, role, value in zip(layout.container.slots, layout.roles, slots_of(result, found), strict=True):
        for name, one, part in _parts(layout, role, value, slot.name, depth):
            expected = np.shape(layout.block(name, dict(own), depth))
            derivative = as_array(part)
            if derivative.shape != expected:
                raise RuleError(f"gradient returns {derivative.shape} for {one}, which is {expected}")
            if name[0] == "b":
                blocks.setdefault(name.rstrip("'"), derivative.reshape(1, -1).astype(float))
            elif name[0] == "V":
                whole = derivative.T if "V" in layout.turned else derivative
                names = layout.joint(name[1:])
                ends = np.cumsum([len(own[block]) for block in names])[:-1]
                blocks |= dict(zip(names, np.split(whole.astype(float), ends), strict=True))
            else:
                blocks[name] = (derivative.T if name[0] in layout.turned else derivative).astype(float)
    return blocks


def _parts(layout: conventions.Layout, role: str, value: Any, name: str, depth: int) -> Iterator[tuple[str, str, Any]]:
    """The roles in a slot, each with the author's name of it and its value."""
    if role[1:] not in conventions.LISTS:
        yield role, name, value
        return
    blocks = layout.listed(role, depth)
    if len(value) != len(blocks):
        raise RuleError(f"gradient returns {len(value)} derivatives for {name}, which has {len(blocks)}")
    yield from ((block, f"{name}[{k}]", value[k]) for k, block in enumerate(blocks) if block)


def names(found: Conventions, depth: int) -> dict[str, str]:
    """The author's name of every block."""
    told: dict[str, str] = {}
    layout = found.layout
    for slot, role in zip(layout.container.slots, layout.roles, strict=True):
        if role[1:] in conventions.LISTS:
            told |= {block: f"{slot.name}[{k}]" for k, block in enumerate(layout.listed(role, depth)) if block}
        elif role[0] == "V":
            parts = {"W0": "of x", "R1": "of h", "b0": "of 1", "W1": "of h", "b1": "of 1"}
            told |= {block: f"{slot.name} ({parts[block]})" for block in layout.joint(role[1:])}
        else:
            block = role.rstrip("'")
            told[block] = f"{told[block]} and {slot.name}" if block in told else slot.name
    return told


def try_functions(
    name: str,
    loss: Function,
    gradient: Function,
    seed: int = 0,
    depths: Sequence[int] = DEPTHS,
    lengths: Sequence[int] = LENGTHS,
    progress: Callable[[int, int], object] = lambda done, total: None,
    patience: float = conventions.PATIENCE,
) -> Verdict:
    """Try plain code: as `trial` does, on networks of its own conventions and in its own names.

    patience: seconds that the search for conventions may take.

    Raises conventions.ConventionsError where none is found, RuleError where the code fails or returns what is no gradient.
    """

    def takes(found: Conventions, of: conventions.Example) -> bool:
        try:
            given = found.arguments(found.layout.params(of.blocks, of.depth), of.x, of.answer(found.given), of.hidden)
            blocks_of(gradient(*given), found, of.blocks)
        except Exception:
            return False
        return True

    found = conventions.find(loss, seed, patience, takes)
    verdict = trial(
        name,
        rule_of(gradient, found),
        seed,
        depths=[depth for depth in depths if depth == 1 or found.deep],
        lengths=lengths,
        activations=[found.activation],
        losses=[found.loss],
        loss_at=["last step"] if found.given.last else LOSS_AT if found.signature.mask else ["every step"],
        whole=True,
        progress=progress,
    )
    named = {depth: names(found, depth) for depth in depths}
    # Of code with a mask, the loss at the last step is one under a mask.
    masked = partial(re.sub, "only with loss at last step", f"only where {found.signature.mask} leaves steps out")
    findings = [
        replace(
            finding,
            parameter=named[finding.depth][finding.parameter],
            diagnosis=masked(finding.diagnosis) if found.signature.mask else finding.diagnosis,
        )
        for finding in verdict.findings
        if finding.parameter in named[finding.depth]
    ]
    back = ""
    if not any(role[0] == "V" for role in found.layout.roles):  # R is an array of its own
        R = named[min(depths)]["R1"]
        back = f"dx[t] += {R}.T @ dz[t + 1]" if "R" in found.layout.turned else f"dx[t] += dz[t + 1] @ {R}.T"
    return replace(verdict, findings=tuple(findings), at_zero=(), conventions=found.words(), back=back)


WITH_AN_EXAMPLE = 5.0
"""Seconds that the search for conventions may take where there is another way."""


def try_file(
    name: str, of: Functions, seed: int, depths: Sequence[int], progress: Callable[[int, int], object]
) -> Verdict | Comparison:
    """Try the functions of a file; where no convention is found, hold the gradient against its own loss, on the file's example.

    Raises RuleError where the code can be tried in neither way.
    """
    patience = WITH_AN_EXAMPLE if of.example else conventions.PATIENCE
    try:
        return try_functions(name, of.loss, of.gradient, seed, depths, progress=progress, patience=patience)
    except conventions.ConventionsError:
        if not of.example:
            raise
    try:
        return compare(of.loss, of.gradient, *of.example(), seed)
    except (RuleError, CannotJudgeError) as error:
        raise RuleError(str(error)) from error
    except Exception as error:
        raise RuleError(f"no convention of loss was found, and on example() it raised {type(error).__name__}: {error}") from error

"""What a loss function of somebody's own computes: its conventions, found by calling it on random networks.

    def loss(W, R, b, x, y): ...        or loss(params, x, y): one network, one sequence -> a number

Every way to lay out the same network is tried until the number is that of the network of `rnnbench.network`: which argument is
which matrix, rows or columns, how the sequence and the targets are given, the activation, the loss, and what is summed and what
averaged. What is found on one network must hold on others of other sizes, or it is not found.
"""

import ast
import inspect
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations, product
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from rnnbench.activations import ACTIVATIONS
from rnnbench.arrays import Array
from rnnbench.errors import RuleError
from rnnbench.losses import LOSSES
from rnnbench.network import Network, Window
from rnnbench.seeds import stream
from rnnbench.trial.structures import as_array

Function = Callable[..., Any]
INPUTS, TARGETS = ("x", "xs", "inputs", "input", "seq", "sequence"), ("y", "ys", "targets", "target", "labels", "t", "d")
MASKS = ("mask", "masks")
STATES = ("h0", "hprev", "h_prev", "h", "state", "state0", "h_0", "initial_state", "prev_h")
PATIENCE = 30.0
"""Seconds after which the search ends."""


class ConventionsError(RuleError):
    """No convention was found; the message says what was tried and what to do."""


class Signature(NamedTuple):
    """The arguments of a loss, by what they are. state, mask: "" where none is handed in."""

    order: tuple[str, ...]
    params: tuple[str, ...]
    x: str
    y: str
    state: str
    mask: str = ""


def signature(loss: Function) -> Signature:
    """Tell the parameters of a loss from its data: by their names, else the last two are x and y. Raises ConventionsError."""
    found = inspect.signature(loss).parameters.values()
    order = tuple(p.name for p in found if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    if len(order) < 3:
        raise ConventionsError(
            f"loss takes {', '.join(order) or 'nothing'}; it must take parameters, a sequence and its targets: loss(params, x, y)"
        )
    low = [name.lower() for name in order]
    x = next((order[low.index(name)] for name in INPUTS if name in low), "")
    y = next((order[low.index(name)] for name in TARGETS if name in low), "")
    if not x or not y:
        x, y = order[-2:]
    left = [name for name in order if name not in (x, y)]
    state = next((name for name in left if name.lower() in STATES), "") if len(left) > 1 else ""
    mask = next((name for name in left if name.lower() in MASKS), "") if len(left) > 1 else ""
    return Signature(order, tuple(name for name in left if name not in (state, mask)), x, y, state, mask)


class Slot(NamedTuple):
    """One array of the author's: the key under which it lies in its container, and its name."""

    key: str
    name: str


class Container(NamedTuple):
    """How the parameters are handed over. kind: "arguments", "dict", "tuple", "list", "object"."""

    kind: str
    slots: tuple[Slot, ...]

    def pack(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments that hold the values of the slots."""
        keys = [slot.key for slot in self.slots]
        match self.kind:
            case "arguments":
                return tuple(values)
            case "dict":
                return (dict(zip(keys, values, strict=True)),)
            case "object":
                return (SimpleNamespace(**dict(zip(keys, values, strict=True))),)
            case "list":
                return (list(values),)
            case _:
                return (tuple(values),)


def containers(loss: Function, of: Signature) -> list[Container]:
    """The containers that the parameters may be in: the arguments themselves, or what the source does with the only one."""
    if len(of.params) > 1:
        return [Container("arguments", tuple(Slot(name, name) for name in of.params))]
    (name,) = of.params
    tree = _source(loss)
    keys: dict[str, None] = {}
    attributes: dict[str, None] = {}
    unpacked: list[tuple[str, ...]] = []
    # Helpers may take the same parameters under the same name.
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Subscript) and _is(node.value, name) and isinstance(node.slice, ast.Constant):
            if isinstance(node.slice.value, str):
                keys[node.slice.value] = None
        elif isinstance(node, ast.Attribute) and _is(node.value, name):
            attributes[node.attr] = None
        elif isinstance(node, ast.Assign) and _is(node.value, name) and isinstance(node.targets[0], ast.Tuple | ast.List):
            own = tuple(target.id for target in node.targets[0].elts if isinstance(target, ast.Name))
            if len(own) == len(node.targets[0].elts):
                unpacked.append(own)
    found = [Container("arguments", (Slot(name, name),))]
    if keys:
        found.append(Container("dict", tuple(Slot(key, f'{name}["{key}"]') for key in keys)))
    found += [Container("tuple", tuple(Slot(one, one) for one in names)) for names in unpacked]
    methods = ("items", "keys", "values", "copy", "get", "append")
    if fields := [key for key in attributes if key not in methods]:
        found.append(Container("object", tuple(Slot(key, f"{name}.{key}") for key in fields)))
    return found


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _source(function: Function) -> ast.AST | None:
    try:
        return ast.parse(inspect.getsource(inspect.getmodule(function) or function))
    except (OSError, TypeError, SyntaxError):
        return None


ROLES: dict[int, tuple[tuple[str, ...], ...]] = {
    1: (("V1",),),
    2: (("V1", "V2"), ("V1", "W1"), ("W0", "R1"), ("V1", "b0")),
    3: (("W0", "R1", "W1"), ("V1", "W1", "b1"), ("W*", "R*", "b*"), ("W0", "R1", "b0"), ("W-", "R*", "b-")),
    4: (
        ("W0", "R1", "b0", "W1"),
        ("W0", "R1", "W1", "b1"),
        ("V1", "b0", "W1", "b1"),
        ("W-", "R*", "b-", "W1"),
        ("W0", "R1", "b0", "b0'"),
    ),
    5: (("W0", "R1", "b0", "W1", "b1"), ("W-", "R*", "b-", "W1", "b1")),
    6: (("W0", "R1", "b0", "b0'", "W1", "b1"),),
}
"""What k arrays may be. V1 = [x, h, 1] (or without the 1), V2 = [h, 1]; b0' is a second bias of the recurrent layer. Lists: W* of
all layers and the output, W- of the recurrent layers alone, R* of the recurrent layers; b* and b- likewise."""
LISTS = ("*", "-")
"""The ends of the roles that are lists."""
HINTS = {
    "W0": r"w?_?(xh|ih|in|hx|x|i|ux|1)|u|w|wx|w_?in|wi",
    "R1": r"w?_?(hh|rec|h|r|hidden)|r|w_?rec|wr|w|v|u",
    "W1": r"w?_?(hy|ho|out|yh|oh|o|y|2)|v|w_?out|wo|c",
    "b0": r"b?_?(h|x|ih|in|hidden|1|xh)|b",
    "b0'": r"b?_?(hh|rec|2)",
    "b1": r"b?_?(y|o|out|2|hy)|c",
    "V1": r"w?_?(h|xh|1)|w|v",
    "V2": r"w?_?(y|o|out|2)|v",
    "W*": r"ws?|weights",
    "R*": r"rs?|us?|recurrent",
    "b*": r"bs?|biases",
    "W-": r"ws?|us?",
    "b-": r"bs?",
}


def assignments(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The roles that arrays of these names may have, in their order; the likeliest by name first."""
    found = [order for roles in ROLES.get(len(names), ()) for order in permutations(roles)]

    def unlike(order: tuple[str, ...]) -> int:
        return -sum(bool(re.fullmatch(HINTS[role], name.lower())) for role, name in zip(order, names, strict=True))

    return sorted(dict.fromkeys(found), key=unlike)


def column(v: Array) -> Array:
    """(n, 1) from (n,)."""
    return v[:, None]


def row(v: Array) -> Array:
    """(1, n) from (n,)."""
    return v[None]


VECTORS: dict[str, Callable[[Array], Array]] = {"flat": lambda v: v, "column": column, "row": row}
SEQUENCES: dict[str, Callable[[Array], Any]] = {
    "an array (step, feature)": lambda s: s,
    "a list of vectors (feature,)": list,
    "a list of columns (feature, 1)": lambda s: [column(v) for v in s],
    "a list of rows (1, feature)": lambda s: [row(v) for v in s],
    "an array (step, feature, 1)": lambda s: s[:, :, None],
    "an array (step, batch, feature), a batch of one": lambda s: s[:, None],
    "an array (batch, step, feature), a batch of one": lambda s: s[None],
    "an array (feature, step)": lambda s: np.ascontiguousarray(s.T),
}
"""How a sequence (step, feature) is handed over."""
INDICES: dict[str, Callable[[Array], Any]] = {
    "a list of indices": lambda k: [int(i) for i in k],
    "an array of indices": lambda k: k.astype(np.intp),
    "an array of indices (batch, step), a batch of one": lambda k: k.astype(np.intp)[None],
    "an array of indices (step, batch), a batch of one": lambda k: k.astype(np.intp)[:, None],
}
ONES: dict[str, Callable[[Array], Any]] = {
    "one vector": lambda s: s[0],
    "one column": lambda s: column(s[0]),
    "one row": lambda s: row(s[0]),
    "one number": lambda s: float(s[0, 0]) if s.shape[1] == 1 else _never(),
}
"""How the targets of the last step alone are handed over, from (1, feature)."""


def _never() -> Any:
    raise ValueError("not of this kind")


@dataclass(frozen=True)
class Layout:
    """How the arguments of a loss are made of a network's parameters and data.

    roles: of the slots. turned: by kind of matrix ("W", "R", "V"), whether the author's is the transpose. vector: the shape of
    biases and states. joined: the order of the blocks in V1. first: whether a list of R begins with a None.
    x, y: the names of the way in which sequences and targets are given.
    """

    container: Container
    roles: tuple[str, ...]
    turned: frozenset[str]
    vector: str
    joined: str
    first: bool
    x: str
    y: str

    def block(self, role: str, blocks: dict[str, Array], depth: int) -> Any:
        """What a slot holds, from the blocks (rows, columns) of one network."""
        kind, which = role[0], role[1:]
        if which in LISTS:
            return [None if name is None else self.block(name, blocks, depth) for name in self.listed(role, depth)]
        if kind == "b":
            share = 0.5 if self.two_biases and which[0] == "0" else 1.0
            return VECTORS[self.vector](blocks[f"b{which[0]}"][0] * share)
        if kind == "V":
            parts = [blocks[name] for name in self.joint(which)]
            whole = np.concatenate(parts)
            return np.ascontiguousarray(whole.T) if "V" in self.turned else whole
        block = blocks[role]
        return np.ascontiguousarray(block.T) if kind in self.turned else block.copy()

    def listed(self, role: str, depth: int) -> list[str | None]:
        """The blocks in a list, in its order."""
        kind, which = role[0], role[1:]
        if kind == "R":
            return [*([None] if self.first else []), *(f"R{i}" for i in range(1, depth + 1))]
        return [f"{kind}{i}" for i in range(depth + (which == "*"))]

    def joint(self, which: str) -> list[str]:
        """The blocks that a joint matrix holds, from the top."""
        names = {"x": "W0", "h": "R1", "1": "b0"} if which == "1" else {"h": "W1", "1": "b1"}
        order = self.joined if which == "1" else "".join(sorted(set(self.joined) - {"x"}, key=self.joined.index))
        return [names[letter] for letter in order]

    @cached_property
    def two_biases(self) -> bool:
        """Whether the recurrent layer has two."""
        return "b0'" in self.roles

    def lacks(self, depth: int) -> set[str]:
        """The blocks that the author's network does not have."""
        have: set[str] = set()
        for role in self.roles:
            if role[1:] in LISTS:
                have |= {name for name in self.listed(role, depth) if name}
            elif role[0] == "V":
                have |= set(self.joint(role[1:]))
            else:
                have.add(role.rstrip("'"))
        return {f"b{i}" for i in range(depth + 1)} - have

    @cached_property
    def readout(self) -> bool:
        """Whether there is a dense output; else the states of the top layer are the outputs."""
        return any(role in ("W1", "V2", "W*") for role in self.roles)

    def complete(self, blocks: Mapping[str, Array], depth: int) -> None:
        """Write what stands for the blocks that the author's network lacks: zeros, and 1 for the matrix of a readout."""
        for name in self.lacks(depth):
            blocks[name][...] = 0
        if not self.readout:
            blocks[f"W{depth}"][...] = np.eye(blocks[f"W{depth}"].shape[-1])

    def params(self, blocks: dict[str, Array], depth: int) -> tuple[Any, ...]:
        """The arguments that hold the parameters."""
        return self.container.pack([self.block(role, blocks, depth) for role in self.roles])


class Given(NamedTuple):
    """Which targets there are. last: of the last step alone. kind: "real" numbers, the "index" of a class, or it "one-hot"."""

    last: bool
    kind: str


@dataclass(frozen=True)
class Conventions:
    """A loss in the words of `rnnbench.network`.

    The author's loss is factor * steps^of_steps * outputs^of_outputs times ours, which is a mean over the steps that count and,
    but for the softmax, over outputs. one_hot: inputs are indices. scalar: the code has one output alone. deep: it takes several
    recurrent layers. batch: its loss of several sequences at once is their "sum" or "mean", "" if it takes one alone. state:
    the shape of the state that is handed in, "" for that of biases. over_all: a mean under a mask is over all
    steps, not over those that count.
    """

    signature: Signature
    layout: Layout
    given: Given
    activation: str
    loss: str
    factor: float
    of_steps: int
    of_outputs: int
    one_hot: bool
    scalar: bool
    deep: bool = False
    batch: str = ""
    state: str = ""
    over_all: bool = False

    def scale(self, steps: int, outputs: int, of: int = 0) -> float:
        """The author's loss over ours, for so many steps that count, of all that there are (0: all count)."""
        share = steps / of if of and self.over_all else 1.0
        return self.factor * share * float(steps) ** self.of_steps * float(outputs) ** self.of_outputs

    def expected(self, of: "Example") -> float:
        """The author's loss of an example, as the network has it."""
        return reference(of, self) * self.scale(1 if self.given.last else of.steps, of.outputs)

    def arguments(
        self, params: tuple[Any, ...], x: Array, y: Array, hidden: int, counted: Sequence[int] | None = None
    ) -> tuple[Any, ...]:
        """The arguments of loss and gradient.

        x: (step, inputs). y: (counted step, outputs), or (counted step,) of classes. Several sequences: x (step, batch, inputs)
        and y (counted step, batch, ...), where the code takes them. counted: the steps that a mask lets count; None: all.
        """
        values = dict(zip(self.signature.params, params, strict=True))
        state = VECTORS[self.state or self.layout.vector](np.zeros(hidden, x.dtype))
        if self.signature.mask:
            mask = np.zeros(len(x))
            mask[slice(None) if counted is None else list(counted)] = 1
            values[self.signature.mask] = mask
        if x.ndim == 2:
            values |= self._data(x, y, state)
        else:
            apart = [self._data(x[:, s], y[:, s], state) for s in range(x.shape[1])]
            ways = {self.signature.x: self.layout.x, self.signature.y: self.layout.y, self.signature.state: self.state}
            values |= {name: np.concatenate([one[name] for one in apart], BATCH_AXIS[ways[name]]) for name in apart[0]}
        return tuple(values[name] for name in self.signature.order)

    def _data(self, x: Array, y: Array, state: Array) -> dict[str, Any]:
        """One sequence with its targets, and the state that it begins with, by the names of the arguments."""
        given = INDICES[self.layout.x](x.argmax(1)) if self.one_hot else SEQUENCES[self.layout.x](x.copy())
        found = {self.signature.x: given, self.signature.y: targets(self.layout.y, y)}
        return found | ({self.signature.state: state} if self.signature.state else {})

    def words(self) -> str:
        """The conventions in a sentence without an end."""
        names = {
            "mse": "squared error",
            "logistic_mse": "squared error of logistic outputs",
            "binary_crossentropy": "logistic cross-entropy",
            "softmax_crossentropy": "softmax cross-entropy",
        }
        matrices = {role[0] for role in self.layout.roles} - {"b"}
        turned = self.layout.turned & matrices
        rows = "column vectors" if turned == matrices else "row vectors" if not turned else "rows and columns mixed"
        half = {0.5: "half the ", 2.0: "twice the "}.get(self.factor, "")
        over = [
            "at the last step" if self.given.last else {0: "averaged over steps", 1: "summed over steps"}.get(self.of_steps, "")
        ]
        if self.loss != "softmax_crossentropy" and not self.scalar:
            over.append("summed over outputs" if self.of_outputs == 1 else "averaged over outputs")
        biases = {role for role in self.layout.roles if role[0] == "b"}
        bias = "two biases in the recurrent layer" if self.layout.two_biases else "" if biases else "no biases"
        if any(role[0] == "V" for role in self.layout.roles):
            bias = f"weights in one matrix [{', '.join(self.layout.joined)}]"
        state = f"{self.signature.state} = 0" if self.signature.state else "h0 = 0"
        given = f"{self.signature.x} is {self.layout.x if not self.batch else self.layout.x.partition(', a batch')[0]}"
        given += f", {self.batch} over sequences" if self.batch else ""
        given += f", {self.signature.mask} is 1 where a step counts" if self.signature.mask else ""
        bias += "" if self.layout.readout else f"{', ' if bias else ''}the states are the outputs"
        words = [rows, ACTIVATION_WORDS[self.activation], f"{half}{names[self.loss]}, {' and '.join(filter(None, over))}"]
        return ", ".join(filter(None, [*words, bias, state, given]))


ACTIVATION_WORDS = {"tanh": "tanh", "logistic": "logistic units", "relu": "relu"}


BATCH_AXIS = {
    "an array (step, batch, feature), a batch of one": 1,
    "an array (batch, step, feature), a batch of one": 0,
    "an array of indices (batch, step), a batch of one": 0,
    "an array of indices (step, batch), a batch of one": 1,
    "an array of indices": 0,
    "one row": 0,
    "one column": 1,
    "row": 0,
    "column": 1,
}
"""Where several sequences go, by the way in which one is given."""


def targets(way: str, y: Array) -> Any:
    """Targets of the counted steps, (step, outputs) or (step,) of classes, the way the author has them."""
    if way == "one index":
        return int(y[0])
    if way == "an array of numbers":
        return y[:, 0].copy()
    return next(ways for ways in (INDICES, ONES, SEQUENCES) if way in ways)[way](y.copy())


class Example(NamedTuple):
    """A random network of one layer and its data: what conventions are tried on."""

    blocks: dict[str, Array]
    x: Array
    real: Array
    classes: Array

    @property
    def steps(self) -> int:
        return len(self.x)

    @property
    def outputs(self) -> int:
        return self.real.shape[1]

    @property
    def depth(self) -> int:
        return sum(name[0] == "R" for name in self.blocks)

    @property
    def hidden(self) -> int:
        return len(self.blocks["R1"])

    def answer(self, given: Given) -> Array:
        """The targets of the steps that count."""
        counted = slice(self.steps - 1 if given.last else 0, self.steps)
        return {"real": self.real, "index": self.classes, "one-hot": np.eye(self.outputs)[self.classes]}[given.kind][counted]


def example(seed: int, steps: int, inputs: int, hidden: tuple[int, ...], outputs: int, one_hot: bool) -> Example:
    """Positive on the whole, so that relu is not zero, and small, so that nothing saturates."""
    rng = stream(seed, "conventions", steps, inputs, outputs, int(one_hot))
    network = Network(inputs, hidden, outputs)
    blocks = network.parameters(rng.normal(0.05, 0.45, (1, network.parameter_count))).blocks()
    x = np.eye(inputs)[rng.integers(0, inputs, steps)] if one_hot else rng.normal(0.2, 1.0, (steps, inputs))
    return Example({k: v[0] for k, v in blocks.items()}, x, rng.random((steps, outputs)), rng.integers(0, outputs, steps))


def reference(of: Example, conventions: Conventions) -> float:
    """The loss of an example by `rnnbench.network`: a mean over steps that count, and over outputs."""
    blocks = {name: block.copy() for name, block in of.blocks.items()}
    conventions.layout.complete(blocks, of.depth)
    hidden = tuple(len(blocks[f"R{i}"]) for i in range(1, of.depth + 1))
    network = Network(of.x.shape[1], hidden, of.outputs, conventions.activation, conventions.loss)
    params = network.parameters(np.zeros((1, network.parameter_count)))
    for name, block in params.blocks().items():
        block[0] = blocks[name]
    counted = slice(of.steps - 1 if conventions.given.last else 0, of.steps)
    y = (of.classes if conventions.loss == "softmax_crossentropy" else of.real)[counted]
    window = Window(of.x[None, :, None], y[None, :, None], counted)
    outputs = network.forward(params, window, network.rest(1, 1, params.vector.dtype)).outputs
    return float(network.loss_function.value(outputs, window.y).mean())


def called(loss: Function, arguments: tuple[Any, ...]) -> float | None:
    """The value of a loss as a number; None where it raises or gives none."""
    try:
        with np.errstate(all="ignore"):
            found = loss(*arguments)
        value = as_array(found[0] if isinstance(found, tuple) else found).astype(float)
    except Exception:
        return None
    return float(value.reshape(-1)[0]) if value.size == 1 and np.isfinite(value).all() else None


FACTORS = [(c, a, m) for a, m, c in product((1, 0), (0, 1), (1.0, 0.5, 2.0))]
"""What a loss may be of the mean: a number, times the number of steps, times that of outputs."""
SIZES = ((5, 3, (4,), 2), (7, 2, (5,), 4), (4, 4, (3,), 5))
"""Steps, inputs, units and outputs of the networks that conventions are found on, no two alike."""
NO_FIT = (
    "code of another kind than x^t = f(x^{t-1} R + input W + b) with a dense output can be held against its own loss: let the"
    " file have a function example() that returns params, x and y, or call rnnbench.check_grads(loss, gradient, params, x, y)"
)


ENOUGH = 10
"""Different values of a loss that tell in what precision it computes."""
COARSE = (
    "loss computes in float32, which is too coarse to find its conventions; let it compute in float64, as it is given, or let the"
    " file have a function example() that returns params, x and y: then it is held against its own loss, to float32's rounding"
)
MORE = 2.0
"""Seconds that the search goes on for a way of handing over data that the gradient takes too."""


def find(
    loss: Function,
    seed: int = 0,
    patience: float = PATIENCE,
    takes: Callable[[Conventions, Example], bool] = lambda found, of: True,
) -> Conventions:
    """The conventions of a loss. Raises ConventionsError where none fits.

    takes: whether the gradient's code takes an example by these conventions too. Where several fit, one that it takes is found.
    """
    fitting = []
    for found, of in _found(loss, seed, patience):
        if takes(found, of):
            return found
        fitting.append(found)
    return fitting[0]


def _found(loss: Function, seed: int, patience: float) -> Iterator[tuple[Conventions, Example]]:
    """All conventions that fit, at least one, each with an example; after the first, the search soon ends."""
    of = signature(loss)
    tried = containers(loss, of)
    end = time.monotonic() + patience
    kinds = [
        (one_hot, outputs, _examples(seed, one_hot, outputs))
        for one_hot, outputs in product((False, True), ("several", "one", "states"))
    ]
    values: set[float] = set()
    known: dict[tuple[object, ...], float] = {}
    any_found = False
    for handed in _parameters(tried, bool(of.state)):
        for one_hot, outputs, examples in kinds:
            if (outputs == "states") == handed.readout:
                continue
            scalar = outputs == "one"
            if time.monotonic() > end:
                if any_found:
                    return
                raise ConventionsError(f"no convention was found in {patience:.0f} s; {NO_FIT}")
            for layout, given in _data(handed, one_hot, scalar):
                draft = Conventions(of, layout, given, "tanh", "mse", 1.0, 0, 0, one_hot, scalar)
                value = valued(loss, draft, examples[0])
                if value is not None:
                    values.add(value)
                    if len(values) == ENOUGH and all(float(np.float32(one)) == one for one in values):
                        raise ConventionsError(COARSE)
                for fits in _matching(value, draft, examples[0], known):
                    if all(_equal(valued(loss, fits, one), fits.expected(one)) for one in examples[1:]):
                        end = min(end, time.monotonic() + MORE)
                        any_found = True
                        if fits.signature.mask:
                            yield _masked(loss, fits, examples[1]), examples[0]
                        else:
                            yield _batched(loss, _deeper(loss, fits, seed), examples[:2]), examples[0]
    if any_found:
        return
    why = "its values are those of no such network" if values else "it raised on every way of handing over a network"
    if [container.kind for container in tried] == ["arguments"] and len(of.params) == 1:
        why = f"{of.params[0]} is not all weights in one matrix, and in the file it is neither unpacked nor read by names"
    raise ConventionsError(f"no convention of loss was found: {why}; {NO_FIT}")


def _examples(seed: int, one_hot: bool, kind: str) -> list[Example]:
    """Networks with several outputs, with one, or with the states as outputs."""
    found = []
    for steps, n, hidden, several in SIZES:
        outputs = {"several": several, "one": 1, "states": hidden[-1]}[kind]
        found.append(example(seed, steps, n, hidden, outputs, one_hot))
    return found


JOINS = ("xh1", "hx1", "1xh", "1hx", "xh", "hx")
"""Orders in which the matrices of x and h and the bias are joined."""


def _parameters(tried: Sequence[Container], with_state: bool) -> Iterator[Layout]:
    """Ways to hand over the parameters; likely ones first."""
    for container in tried:
        for roles in assignments([slot.key for slot in container.slots]):
            kinds = sorted({role[0] for role in roles} - {"b"})
            turns = sorted(product((False, True), repeat=len(kinds)), key=lambda turn: len(set(turn)))
            joins = [join for join in JOINS if "b0" not in roles or "1" not in join] if "V1" in roles else JOINS[:1]
            vectors = VECTORS if with_state or any(role[0] == "b" for role in roles) else list(VECTORS)[:1]
            for turn, vector, joined, first in product(turns, vectors, joins, (False, True) if "R*" in roles else (False,)):
                turned = frozenset(kind for kind, is_turned in zip(kinds, turn, strict=True) if is_turned)
                yield Layout(container, roles, turned, vector, joined, first, "", "")


def _data(layout: Layout, one_hot: bool, scalar: bool) -> Iterator[tuple[Layout, Given]]:
    """Ways to hand over a sequence and its targets."""
    answers = [(way, Given(last, "real")) for ways, last in ((SEQUENCES, False), (ONES, True)) for way in ways]
    if scalar:
        answers.insert(0, ("an array of numbers", Given(False, "real")))
    else:
        answers += [(way, Given(False, "index")) for way in INDICES] + [("one index", Given(True, "index"))]
        answers += [(way, Given(last, "one-hot")) for ways, last in ((SEQUENCES, False), (ONES, True)) for way in ways]
    for x, (y, given) in product(INDICES if one_hot else SEQUENCES, answers):
        yield replace(layout, x=x, y=y), given


def valued(loss: Function, conventions: Conventions, of: Example) -> float | None:
    """The author's loss of an example, None where it raises or is no number."""
    try:
        params = conventions.layout.params(of.blocks, of.depth)
        arguments = conventions.arguments(params, of.x, of.answer(conventions.given), of.hidden)
    except (ValueError, KeyError):
        return None
    return called(loss, arguments)


def _matching(
    value: float | None, draft: Conventions, of: Example, known: dict[tuple[object, ...], float]
) -> Iterator[Conventions]:
    """The conventions by which the value of an example is that of the network. known: values of the network, kept."""
    if not value:
        return
    losses = [name for name in LOSSES if (name == "softmax_crossentropy") == (draft.given.kind != "real")]
    steps, outputs = float(1 if draft.given.last else of.steps), float(of.outputs)
    like = (draft.given.last, draft.one_hot, draft.scalar, *sorted(draft.layout.lacks(1)))
    for activation, loss in product(ACTIVATIONS, losses):
        if (activation, loss, *like) not in known:
            known[activation, loss, *like] = reference(of, replace(draft, activation=activation, loss=loss))
        ours = known[activation, loss, *like]
        for factor, of_steps, of_outputs in FACTORS:
            if _equal(value, ours * factor * steps**of_steps * outputs**of_outputs):
                named = replace(draft, activation=activation, loss=loss)
                yield replace(named, factor=factor, of_steps=of_steps, of_outputs=of_outputs)


def _equal(value: float | None, expected: float) -> bool:
    return value is not None and abs(value - expected) <= 1e-9 * abs(expected)


def _masked(loss: Function, found: Conventions, of: Example) -> Conventions:
    """The same, with what a mean is over where a mask leaves steps out.

    Raises ConventionsError where the mask does not leave them out.
    """
    counted = [1, 2, of.steps - 2]
    summed = replace(found, of_steps=1)
    wanted = sum(
        sign * summed.expected(of._replace(x=of.x[:until], real=of.real[:until], classes=of.classes[:until]))
        for t in counted
        for until, sign in ((t + 1, 1), (t, -1))
    )
    arguments = found.arguments(found.layout.params(of.blocks, of.depth), of.x, of.answer(found.given), of.hidden, counted)
    value = called(loss, arguments)
    for over_all, steps in ((False, len(counted)), (True, of.steps)):
        if _equal(value, wanted if found.of_steps == 1 else wanted / steps):
            return replace(found, over_all=over_all)
    raise ConventionsError(
        f"{found.signature.mask} was handed over as ones and zeros, a number for each step, and the loss is not that of the steps"
        f" that are 1; {NO_FIT}"
    )


SEVERAL = 6
"""Sequences at once; none of the sizes of the networks above."""


def _batched(loss: Function, found: Conventions, examples: Sequence[Example]) -> Conventions:
    """The same, with what the loss is of several sequences at once.

    One sequence alone may be given in ways that do not hold several; then another way is looked for.
    """
    if found.layout.x not in BATCH_AXIS:
        return found
    # Of one step alone, the targets have no axis of steps.
    ways = [way for way in BATCH_AXIS if way not in VECTORS and (way in ONES or way == "an array of indices") == found.given.last]
    for way, state in product(ways, ("row", "column")):
        if way == found.layout.y or found.layout.y not in BATCH_AXIS:
            held = replace(found, layout=replace(found.layout, y=way), state=state)
            try:
                kinds = {_of_several(loss, held, of) for of in examples}
            except (ValueError, IndexError, KeyError):
                continue
            if kinds in ({"sum"}, {"mean"}):
                return replace(held, batch=kinds.pop())
    return found


def _of_several(loss: Function, held: Conventions, of: Example) -> str:
    """What the loss of several sequences is of their losses, "sum" or "mean", "" for neither; they differ in where they begin."""
    params, y = held.layout.params(of.blocks, of.depth), of.answer(held.given)
    everywhere = of.answer(held.given._replace(last=False))
    xs, ys = ([np.roll(part, s, axis=0) for s in range(SEVERAL)] for part in (of.x, everywhere))
    ys = [one[-len(y) :] for one in ys]
    values = [called(loss, held.arguments(params, *one, of.hidden)) for one in zip(xs, ys, strict=True)]
    together = called(loss, held.arguments(params, np.stack(xs, 1), np.stack(ys, 1), of.hidden))
    total = sum(np.nan if value is None else value for value in values)
    return "sum" if _equal(together, total) else "mean" if _equal(together, total / SEVERAL) else ""


def _deeper(loss: Function, found: Conventions, seed: int) -> Conventions:
    """The same, with whether the code takes two layers."""
    if not any(role[1:] in LISTS for role in found.layout.roles):
        return found
    two = example(seed, 5, 3, (4, 2), 1 if found.scalar else 3 if found.layout.readout else 2, found.one_hot)
    return replace(found, deep=_equal(valued(loss, found, two), found.expected(two)))

"""The contract of a task, one file and one class: splits of time-major sequences, the steps that count, a score.

A task of your own derives from `Task`, as those of this folder do; the config names it as `data: my_task.py:MyTask`.
"""

import hashlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rnnbench.arrays import Array, Integers
from rnnbench.losses import LOSSES
from rnnbench.network import Window

SPLITS = ("train", "validation", "test")


def contiguous(steps: Integers) -> slice | Integers:
    """Steps as a slice where they follow each other, which is read faster; else as they are."""
    if len(steps) and len(steps) == steps[-1] - steps[0] + 1:
        return slice(int(steps[0]), int(steps[-1]) + 1)
    return steps


class Split(NamedTuple):
    """Sequences of one split. The replicate axis has length 1 where all replicates share them.

    x: (replicate or 1, time, sequence, inputs).
    y: the targets at the counted steps, (replicate or 1, counted steps, sequence, outputs), or class indices without the
       last axis.
    counted: the steps whose loss counts, an index of the time axis; by default every step.
    """

    x: Array
    y: Array
    counted: slice | Integers = slice(None)

    @property
    def sequences(self) -> int:
        """How many sequences there are."""
        return self.x.shape[2]

    def replicate(self, number: int) -> "Split":
        """What one replicate sees, with a replicate axis of length 1."""
        return self.of(slice(number, number + 1))

    def of(self, replicates: slice | Integers) -> "Split":
        """What some replicates see, an index of the replicate axis."""
        return self._replace(x=_of(self.x, replicates), y=_of(self.y, replicates))

    def window(self) -> Window:
        """Whole sequences as one window."""
        return Window(self.x, self.y, self.counted)

    def take(self, chosen: Integers) -> "Split":
        """The sequences chosen, a row of indices for each replicate: (replicate, batch)."""
        return self._replace(x=_take(self.x, chosen), y=_take(self.y, chosen))

    def part(self, sequences: slice | Integers, dtype: type | None = None) -> "Split":
        """Some sequences, an index of the sequence axis, the same for every replicate; real numbers as `dtype`, if given."""
        x, y = (a[:, :, sequences] for a in (self.x, self.y))
        x, y = (a if dtype is None else a.astype(dtype if a.dtype.kind == "f" else a.dtype) for a in (x, y))
        return self._replace(x=x, y=y)

    def cut(self, length: int) -> "Split":
        """Cut each sequence into pieces of `length` steps. Asks that every step counts and that pieces fill a sequence."""
        return Split(_cut(self.x, length), _cut(self.y, length), slice(0, length))


def _of(a: Array, replicates: slice | Integers) -> Array:
    return a if a.shape[0] == 1 else a[replicates]


def _take(a: Array, chosen: Integers) -> Array:
    # In memory a sequence lies in one piece; the axes are time-major all the same.
    sequences = np.moveaxis(a, 2, 1)
    taken = sequences[0, chosen] if a.shape[0] == 1 else sequences[np.arange(len(chosen))[:, None], chosen]
    return np.moveaxis(taken, 2, 1)


def _cut(a: Array, length: int) -> Array:
    replicates, time, sequences, *rest = a.shape
    pieces = np.moveaxis(a.reshape(replicates, time // length, length, sequences, *rest), 2, 3)
    return np.moveaxis(pieces.reshape(replicates, -1, length, *rest), 1, 2)


@dataclass(frozen=True)
class Metric:
    """A number that a prediction is judged by.

    name: its column. label: how figures name it. higher_is_better; worst: the worst value it can take, which a diverged
    replicate is given where replicates are summarised; best: the best one.
    """

    name: str
    label: str
    higher_is_better: bool
    worst: float
    best: float

    def meets(self, values: Array, target: float) -> Array:
        """Which values are as good as the target; a missing one is not."""
        return values >= target if self.higher_is_better else values <= target


@dataclass(frozen=True)
class ByPosition:
    """What the figure `by_position` draws: the test error at some positions of a sequence, a shape for each.

    marks: the name of a metric -> what is said of its position in the legend; it holds the task's first metric, which the
    variants are sorted by. xlabel: what all of them measure. line: the value that is drawn dotted, and what it is. title, note:
    the sentences of the caption. where: of the first metric, in a sentence ("on the last symbol").
    """

    marks: Mapping[str, str]
    xlabel: str
    line: tuple[float, str]
    title: str
    where: str
    note: str


@dataclass(frozen=True)
class Cycle:
    """What the figure `cycle` draws: an error by place in a cycle that the task goes through, after training.

    errors: predictions and targets of validation data, as `Task.score` has them -> (replicate, place).
    references: the error of ideal predictors at each place, by name. xlabel, ylabel: words of the axes. title, note: the
    sentences of the caption. place, where: the place that the alternative text reports (from 1), and what it says of it.
    """

    errors: Callable[[Array, Array], Array]
    references: Mapping[str, Sequence[float]]
    xlabel: str
    ylabel: str
    title: str
    note: str
    place: int
    where: str


@dataclass(frozen=True)
class Example:
    """What the report draws to explain a task: symbols in groups of `group`, of which the last follows from the others.

    title, words: what stands above. told: what stands below each group.
    """

    title: str
    words: str
    symbols: Sequence[str]
    group: int
    told: Sequence[str]


class Task(ABC):
    """What is learnt. A class is the kind of task; an instance is that task at the sizes of a config.

    Of the class:

    unit: what an example is, in the plural ("bits", "images"); a prediction that is scored is one.
    sizes_schema: JSON schema of the sizes: "properties", and "required", the names of those that have no default.
    losses: names in `rnnbench.losses.LOSSES` that the task allows; the first is used where the config names none.
    files: the names of the files that `prepare` reads, and their SHA-256.
    streamed: whether sequences are pieces of streams, and so presented one after the other, pass by pass; else in random order.

    Of an instance (of the class too, where no size changes them):

    sizes: the sizes, which the schema has accepted. time, inputs: steps of a sequence, and numbers of a step. outputs: numbers
    of a prediction, or classes. sequences: how many sequences a replicate trains on.
    counted: the steps of a sequence whose loss counts, increasing indices, (counted steps,): all of them, the last, any.
    metrics: what `score` returns; the first one decides. references: what ideal predictors score, by name and metric, drawn as
    dotted lines; the first is chance, and scores the first metric. by_position, cycle: more figures, if any. example: a
    picture that explains the task, if any.

    `__init__` may refuse sizes that do not go together with a ValueError.
    """

    unit: ClassVar[str]
    sizes_schema: ClassVar[Mapping[str, Any]]
    losses: ClassVar[tuple[str, ...]]
    files: ClassVar[Mapping[str, str]] = {}
    streamed: ClassVar[bool] = False
    time: int
    inputs: int
    outputs: int
    sequences: int = 1
    metrics: tuple[Metric, ...]
    references: Mapping[str, Mapping[str, float]]
    by_position: ByPosition | None = None
    cycle: Cycle | None = None
    example: Example | None = None

    def __init__(self, sizes: Mapping[str, Any]) -> None:
        self.sizes = sizes

    @cached_property
    def counted(self) -> Integers:
        """Every step, unless the task sets it otherwise."""
        return np.arange(self.time)

    @property
    def every_step(self) -> bool:
        """Whether every step counts, so that sequences may be cut into shorter ones."""
        return len(self.counted) == self.time

    @property
    def chance(self) -> float:
        """What the first of the references scores in the metric that decides."""
        return next(iter(self.references.values()))[self.metrics[0].name]

    def normalised(self, values: Any) -> Any:
        """Values of the metric that decides, an array or a series, on a scale where 0 is chance and 1 the best there is."""
        return (values - self.chance) / (self.metrics[0].best - self.chance)

    def lines(self, metric: Metric) -> dict[str, float]:
        """What ideal predictors score in a metric, by name; those that are known."""
        return {name: scores[metric.name] for name, scores in self.references.items() if metric.name in scores}

    def counted_of(self, time: int) -> Integers:
        """The steps that count in a sequence of so many steps: a whole one, or a piece of one of which every step counts."""
        return self.counted if time == self.time else np.arange(time)

    def telling(self, time: int) -> int:
        """How many of the first steps of a sequence of `time` steps end with a counted step whose prediction asks for memory."""
        return int(self.counted_of(time)[-1]) + 1

    @abstractmethod
    def prepare(self, seed: int, replicates: int, files: Mapping[str, Path]) -> dict[str, Array]:
        """The arrays of the three splits, drawn from `rnnbench.seeds.stream(seed, PURPOSE, ...)` or read from `files`, by name.

        Keys, for each of "train", "validation" and "test": "train_x" (replicates or 1, time, sequences, inputs), and "train_y"
        (the same or 1, counted steps, sequences, outputs), or for class indices (..., sequences). "largest", which may be left
        out: what x is divided by when it is read, so that bytes can be stored as they are.
        """

    @abstractmethod
    def score(self, prediction: Array, y: Array) -> dict[str, Array]:
        """The value of each metric, by name, for each replicate, (replicate,).

        prediction: (replicate, counted steps, sequences, outputs), probabilities where the loss is a cross-entropy.
        y: the targets as `prepare` gives them.
        """

    @classmethod
    def fetch(cls, out: Mapping[str, Path], local: str | None) -> None:
        """Write each of `files` to its path in `out`; their SHA-256 are checked afterwards, whatever the source.

        Here they are copied from the folder of the task's own file. local: the path that the config names for the task, if any.
        """
        folder = Path(inspect.getfile(cls)).parent
        for name, path in out.items():
            path.write_bytes((folder / name).read_bytes())


OF_THE_CLASS = ("unit", "sizes_schema", "losses")
OF_AN_INSTANCE = ("time", "inputs", "outputs", "metrics", "references")


def lacking(task: Task | type[Task]) -> list[str]:
    """What a task, or its class, does not say though the contract asks for it."""
    asked = OF_THE_CLASS if isinstance(task, type) else OF_AN_INSTANCE
    return [name for name in asked if not hasattr(task, name)]


def check(task: Task) -> None:
    """Raise ValueError, with the reason, unless an instance keeps the contract."""
    if gone := lacking(task):
        raise ValueError(f"{type(task).__name__} does not say {', '.join(gone)}")
    for name in ("time", "inputs", "outputs", "sequences"):
        if getattr(task, name) < 1:
            raise ValueError(f"{name} is {getattr(task, name)}, not at least 1")
    counted = np.asarray(task.counted)
    if counted.ndim != 1 or counted.dtype.kind not in "iu" or not len(counted) or (np.diff(counted) <= 0).any():
        raise ValueError(f"counted must be increasing indices of steps, not {task.counted!r}")
    if counted[0] < 0 or counted[-1] >= task.time:
        raise ValueError(f"counted has steps {counted[0]} to {counted[-1]}, and a sequence steps 0 to {task.time - 1}")
    if (last := task.telling(task.time) - 1) not in counted:
        raise ValueError(f"telling({task.time}) ends with step {last}, whose loss does not count")
    for loss in task.losses:
        if loss not in LOSSES:
            raise ValueError(f"the loss {loss!r} is not one of {', '.join(LOSSES)}")
    first = task.metrics[0].name if task.metrics else None
    if first is None or first not in next(iter(task.references.values()), {}):
        raise ValueError(f"the first of the references must score the first of the metrics ({first})")


def check_arrays(task: Task, arrays: Mapping[str, Array], replicates: int, loss: str) -> None:
    """Raise ValueError, naming the array, unless what `prepare` gave has the shapes that the task says."""
    for split in SPLITS:
        x, y = (np.asarray(arrays[name]) if name in arrays else None for name in (f"{split}_x", f"{split}_y"))
        if x is None or y is None:
            raise ValueError(f"prepare gives no {split}_x and {split}_y")
        sequences = task.sequences if split == "train" else (x.shape[2] if x.ndim == 4 else 1)
        outputs = () if loss == "softmax_crossentropy" else (task.outputs,)
        for name, found, rest in (
            ("x", x.shape, (task.time, sequences, task.inputs)),
            ("y", y.shape, (len(task.counted), sequences, *outputs)),
        ):
            if found[1:] != rest or found[0] not in (1, replicates):
                wanted = ", ".join(map(str, (f"{replicates} or 1", *rest)))
                raise ValueError(f"prepare gives a {split}_{name} of shape {found}, not ({wanted})")


def check_content(task: type[Task] | Task, paths: Mapping[str, Path]) -> None:
    """Raise ValueError where a file that a task reads is not the one that it says it is. paths: by the file's name."""
    for name, expected in task.files.items():
        content = paths[name].read_bytes()
        if (sha256 := hashlib.sha256(content).hexdigest()) != expected:
            raise ValueError(f"{name} ({len(content)} bytes) has SHA-256 {sha256}, not {expected}")


def load_splits(
    path: Path, task: Task, dtype: str, names: Iterable[str] = SPLITS, replicates: slice | Integers = slice(None)
) -> dict[str, Split]:
    """Read what `prepare` gave of some replicates, as `dtype`: x, divided by "largest" if it is there, and y.

    Class indices stay whole numbers.
    """
    with np.load(path, allow_pickle=False) as stored:
        scale = np.dtype(dtype).type(1 / int(stored["largest"]) if "largest" in stored else 1)
        splits = {}
        for split in names:
            x, y = (_of(stored[f"{split}_{part}"], replicates) for part in "xy")
            # A sequence in one piece, which is how a batch is gathered.
            x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 2, 1)), 1, 2)
            y = y.astype(dtype) if y.ndim == x.ndim else y.astype(np.intp)
            splits[split] = Split(x.astype(dtype) * scale, y, contiguous(task.counted))
    return splits

"""A function of arrays, recorded once and repeated: the calls of NumPy that it makes, each writing where it wrote before.

Small arrays cost less to compute with than to make, to cut views from and to pass through Python. So a function that is called
over and over with arguments of the same shapes runs once on stand-ins for its arrays (`Recorded`), which take down every call
of NumPy with the views it reads and the array it writes. To repeat it is to make these calls again: the same arithmetic on the
same layout, and so the same bits, without the function in between. CUDA graphs do the same for kernels on a GPU.

What is recorded must not depend on the numbers: a stand-in refuses to say what is in it, to become an ordinary array, and to be
written into one. A function that asks for that runs as it is, every time. It must be pure, as what it does besides is not
repeated.
"""

from collections.abc import Callable, Hashable, Iterator
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from rnnbench.arrays import Array

P = ParamSpec("P")
T = TypeVar("T")
Call = partial[Any]

MOST_CALLS = 20_000
"""A function that makes more of them is not bound by what lies between them."""


class NotRecordedError(TypeError):
    """The function does something that is no call of NumPy on the same arrays every time; the message says what."""


class Repeated:
    """A function (kind, held, given, carried) -> (result, carried), the latter to be handed back in the next call.

    kind: a constant; another one may make other calls. held: an array that the function may write to, at its end. given: a tuple
    of arrays. carried, result: arrays, or tuples, named tuples and dicts of them. The next call writes over what a call returns.
    """

    def __init__(self, function: Callable[[Any, Any, Any, Any], tuple[Any, Any]], held: Any) -> None:
        self.function, self.held = function, held
        self.programs: dict[Hashable, Program] = {}
        self.last: Program | None = None
        self.refused: Exception | None = None
        """Why the function is not recorded, and runs as it is."""

    def __call__(self, kind: Hashable, given: Any, carried: Any) -> tuple[Any, Any]:
        """The function's own result, recorded where it has not been before."""
        if self.refused is not None:
            return self.function(kind, self.held, given, carried)
        last = self.last
        asked = kind, *[(array.shape, array.dtype) for array in given]
        if last is not None and carried is last.carried and asked == last.asked and last.onward is not None:
            program = last.onward
            for call in program.copies:
                call()
        else:
            key = asked, structure(carried)
            known = self.programs.get(key)
            if known is None:
                return self._recorded(kind, key, given, carried)
            program = known
            if program is last:  # what it hands on may lie where it is handed to
                carried = mapped(np.array, carried)
            for array, new in zip(program.carries, leaves(carried), strict=True):
                array[...] = new
        self.last = program
        for array, new in zip(program.given, given, strict=True):
            array[...] = new
        for call in program.calls:
            call()
        return program.result, program.carried

    def _recorded(self, kind: Hashable, key: tuple[Hashable, Hashable], given: Any, carried: Any) -> tuple[Any, Any]:
        """The result of the first call of its kind, whose calls are taken down."""
        tape = Tape()
        arrays = self.held, mapped(np.array, given), mapped(like, carried)
        try:
            result, after = self.function(kind, *mapped(partial(Recorded, tape=tape), arrays))
            program = Program(key[0], tape.calls, leaves(arrays[1]), leaves(arrays[2]), plain(result), plain(after))
        except Exception as error:  # whatever it is: the function as it is says so too, where it is no matter of recording
            self.refused = error
            return self.function(kind, self.held, given, carried)
        self.programs[key] = self.last = program
        if structure(program.carried) == key[1]:
            program.repeat_after_itself()
        return program.result, program.carried


class Program:
    """What was taken down of one call. asked: its kind, and the shapes and dtypes of what was given. given, carries: the arrays
    that the arguments are copied to. onward: the program that goes on from what this one has carried, without a copy.
    """

    def __init__(
        self, asked: Hashable, calls: list[Call], given: list[Array], carries: list[Array], result: Any, carried: Any
    ) -> None:
        self.asked, self.calls, self.given, self.carries = asked, calls, given, carries
        self.result, self.carried = result, carried
        self.onward: Program | None = None
        self.copies: list[Call] = []
        """Of what cannot change places, from the program that this one goes on from."""

    def repeat_after_itself(self) -> None:
        """Make a second program that reads where this one writes, and the other way round, so that what is large is not copied.

        What cannot change places (a view of some larger array) is copied at the begin.
        """
        places: dict[int, Array] = {}
        copied = []
        begins, ends = self.carries, leaves(self.carried)
        ours = {id(owner(array)) for array in begins}
        for k, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            a, b = owner(begin), owner(end)
            if begin is end:
                continue
            if id(b) in ours:
                return  # handed on under another name: `Repeated` copies it
            alike = (
                layout(a) == layout(b)
                and layout(begin) == layout(end)
                and address(begin) - address(a) == address(end) - address(b)
            )
            if alike and a.flags.c_contiguous and not {id(a), id(b)} & set(places):
                places |= {id(a): b, id(b): a}
            else:
                copied.append(k)
        exchanged = partial(mapped, partial(elsewhere, places))
        twin = Program(
            self.asked,
            [partial(call.func, *exchanged(call.args), **exchanged(call.keywords)) for call in self.calls],
            self.given,
            exchanged(self.carries),
            exchanged(self.result),
            exchanged(self.carried),
        )
        for one, two in ((self, twin), (twin, self)):
            one.onward = two
            ends = leaves(one.carried)
            two.copies = [partial(np.copyto, two.carries[k], ends[k]) for k in copied]


def elsewhere(places: dict[int, Array], array: Any) -> Any:
    """The same view of the array that the one around it changes places with; itself where that stays."""
    whole = owner(array)
    if id(whole) not in places:
        return array
    return np.ndarray(array.shape, array.dtype, places[id(whole)], address(array) - address(whole), array.strides)


def owner(array: Any) -> Any:
    """The array whose memory a view is of; of a number, itself."""
    return array.base if isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray) else array


def address(array: Array) -> int:
    """Where an array begins in memory."""
    return int(array.__array_interface__["data"][0])


def layout(array: Array) -> Hashable:
    """What two arrays have in common that are written to in the same way."""
    return array.shape, array.strides, array.dtype


def like(array: Any) -> Array:
    """A copy in the same layout, that of the array around it included, where it is most of that."""
    array = np.asarray(array)
    whole = owner(array)
    if array.size < whole.size // 2 or not whole.flags.c_contiguous:
        return np.array(array)
    new = np.ndarray(array.shape, array.dtype, np.empty_like(whole), address(array) - address(whole), array.strides)
    new[...] = array
    return new


def leaves(tree: Any) -> list[Any]:
    """The arrays and numbers of nested tuples, lists and dicts, in order."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (tuple, list)):
        return [leaf for part in tree for leaf in leaves(part)]
    number = isinstance(tree, (np.ndarray, np.generic, int, float, Recorded)) and not isinstance(tree, bool)
    return [tree] if number else []


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with what a function makes of its leaves."""
    if isinstance(tree, dict):
        return {key: mapped(function, part) for key, part in tree.items()}
    if isinstance(tree, (tuple, list)):
        parts = [mapped(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return function(tree) if leaves(tree) else tree


def structure(tree: Any) -> Hashable:
    """What two trees have in common whose arrays can be copied from one to the other."""
    if isinstance(tree, dict):
        return tuple((key, structure(part)) for key, part in tree.items())
    if isinstance(tree, (tuple, list)):
        return type(tree), *(structure(part) for part in tree)
    return (np.shape(tree), np.asarray(tree).dtype) if leaves(tree) else tree


def one_call(function: Callable[P, T]) -> Callable[P, T]:
    """A pure function that is recorded as one call, whatever it does with the numbers in its arrays."""

    @wraps(function)
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        first = next((leaf for leaf in leaves([arguments, named]) if isinstance(leaf, Recorded)), None)
        if first is None:
            return function(*arguments, **named)
        result: T = first.tape.results(function, arguments, named)
        return result

    return called


class Memory:
    """An array that a recording has made; when nothing refers to it any more, the recording may write something else there."""

    def __init__(self, array: Array, free: list[Array]) -> None:
        self.array = array
        self.free = free

    def __del__(self) -> None:
        self.free.append(self.array)


class Tape:
    """The calls of one recording, in order, and the arrays that are free to be written to again."""

    def __init__(self) -> None:
        self.calls: list[partial[Any]] = []
        self.free: list[Array] = []

    def made(self, array: Array) -> "Recorded":
        """A stand-in for an array of this layout: one that is free, or this one."""
        fits = (k for k in range(len(self.free) - 1, -1, -1) if layout(self.free[k]) == layout(array))
        where = next(fits, None)
        if where is not None:
            free = self.free.pop(where)
            free[...] = array
            array = free
        return Recorded(array, self, Memory(array, self.free))

    def check_length(self) -> None:
        """Raise NotRecordedError before a call too many is made."""
        if len(self.calls) >= MOST_CALLS:
            raise NotRecordedError(f"it makes more than {MOST_CALLS:,} calls")

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Take down a call that writes its result itself."""
        self.calls.append(partial(function, *arguments, **named))

    def results(self, function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Take down a call that returns new arrays, which are copied to where they were the first time; or views, as they are."""
        owners = [leaf for leaf in leaves([arguments, named]) if isinstance(leaf, Recorded)]
        raw, raw_named = plain(arguments), plain(named)
        result = function(*raw, **raw_named)
        several = isinstance(result, tuple)
        parts = [np.asarray(part) for part in (result if several else [result])]
        if not several:
            owner = next((a for a in owners if np.may_share_memory(a.array, parts[0])), None)
            if owner is not None:
                return Recorded(parts[0], self, owner.memory)
        ends = [self.made(part) for part in parts]
        self.call(copied, function, raw, raw_named, [end.array for end in ends], several)
        return type(result)(*ends) if hasattr(result, "_fields") else tuple(ends) if several else ends[0]


def copied(function: Callable[..., Any], arguments: Any, named: Any, ends: list[Array], several: bool) -> None:
    """Call a function that has no `out`, and copy what it returns."""
    result = function(*arguments, **named)
    for end, part in zip(ends, result if several else [result], strict=True):
        end[...] = part


class Recorded(NDArrayOperatorsMixin):
    """Stands for an array while a function is recorded. It has an array's names; what it does not have cannot be repeated."""

    def __init__(self, array: Array, tape: Tape, memory: object = None) -> None:
        self.array, self.tape, self.memory = array, tape, memory
        self.shape, self.dtype, self.ndim, self.size, self.nbytes = array.shape, array.dtype, array.ndim, array.size, array.nbytes

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **named: Any) -> Any:
        self.tape.check_length()
        raw, raw_named = plain(inputs), plain(named)
        call = ufunc if method == "__call__" else getattr(ufunc, method)
        if method == "at":
            raise NotRecordedError(f"it calls {ufunc.__name__}.at")
        if out is None:
            result = call(*raw, **raw_named)
            ends = tuple(self.tape.made(np.asarray(part)) for part in (result if ufunc.nout > 1 else (result,)))
        else:
            if not all(isinstance(end, Recorded) for end in out):
                raise NotRecordedError(
                    f"it writes the result of {ufunc.__name__} into an array made by itself: see np.empty_like"
                )
            ends = out
            call(*raw, out=tuple(end.array for end in ends) if ufunc.nout > 1 else ends[0].array, **raw_named)
        arrays = tuple(end.array for end in ends)
        raw = tuple(as_array(part, arrays[0].dtype) for part in raw)
        if method == "__call__" and ufunc not in (np.maximum, np.minimum):
            self.tape.call(call, *raw, *arrays, **raw_named)
        else:
            self.tape.call(call, *raw, out=arrays if len(arrays) > 1 else arrays[0], **raw_named)
        return ends if len(ends) > 1 else ends[0]

    def __array_function__(self, function: Callable[..., Any], _: Any, arguments: Any, named: Any) -> Any:
        if function in (np.empty_like, np.zeros_like, np.ones_like):
            made = self.tape.made(function(*plain(arguments), **plain(named)))
            if function is not np.empty_like:
                self.tape.call(np.ndarray.fill, made.array, made.array.dtype.type(function is np.ones_like))
            return made
        if function is np.concatenate and "out" not in named:
            made = self.tape.made(function(*plain(arguments), **plain(named)))
            self.tape.call(function, *plain(arguments), **plain(named), out=made.array)
            return made
        if function is np.copyto or "out" in named:
            raise NotRecordedError(f"it calls np.{function.__name__} with an array to write to")
        return self.tape.results(function, arguments, named)

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise NotRecordedError("it makes an ordinary array of its numbers: see np.empty_like, and the method copy")

    def __getitem__(self, key: Any) -> "Recorded":
        self._constant(key)
        found = self.array[key]
        if isinstance(found, np.ndarray) and np.may_share_memory(found, self.array):
            return Recorded(found, self.tape, self.memory)
        result: Recorded = self.tape.results(np.ndarray.__getitem__, (self, key), {})
        return result

    def __setitem__(self, key: Any, value: Any) -> None:
        self._constant(key)
        where, value = self.array[key], plain(value)
        if not np.may_share_memory(where, self.array):
            self.array[key] = value
            self.tape.call(np.ndarray.__setitem__, self.array, key, value)
        elif not (isinstance(value, np.ndarray) and (address(value), layout(value)) == (address(where), layout(where))):
            where[...] = value
            self.tape.call(np.copyto, where, as_array(value, where.dtype), casting="unsafe")
        # What is left is how `a[key] += b` ends.

    def _constant(self, key: Any) -> None:
        if any(isinstance(k, Recorded) for k in (key if isinstance(key, tuple) else (key,))):
            raise NotRecordedError("it takes items by indices that it has computed")

    def __iter__(self) -> Iterator["Recorded"]:
        return (self[k] for k in range(len(self)))

    def __len__(self) -> int:
        return len(self.array)

    def __bool__(self) -> bool:
        raise NotRecordedError("it decides by the numbers that it computes")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotRecordedError(f"it asks an array for its {name}")

    def _method(self, name: str, *arguments: Any, **named: Any) -> Any:
        return self.tape.results(getattr(np.ndarray, name), (self, *arguments), named)

    def sum(self, axis: Any = None, **named: Any) -> Any:
        """As of an array."""
        return np.add.reduce(self, axis=axis, **named)

    def max(self, axis: Any = None, **named: Any) -> Any:
        """As of an array."""
        return np.maximum.reduce(self, axis=axis, **named)

    def all(self, axis: Any = None, **named: Any) -> Any:
        """As of an array."""
        return np.logical_and.reduce(self, axis=axis, **named)

    def copy(self) -> "Recorded":
        """As of an array, in C order."""
        end = self.tape.made(self.array.copy())
        self.tape.call(np.copyto, end.array, self.array)
        return end


for name in ("reshape", "swapaxes", "transpose", "squeeze", "take", "astype", "repeat", "mean"):
    setattr(Recorded, name, lambda self, *a, _name=name, **k: self._method(_name, *a, **k))


def as_array(part: Any, dtype: np.dtype) -> Any:
    """A number as an array, one of Python's of the dtype that it is computed in, so that it is not converted at every call."""
    if isinstance(part, np.generic):
        return np.asarray(part)
    number = type(part) in (int, float) and dtype.kind == "f"
    return np.array(part, dtype) if number else part


def plain(tree: Any) -> Any:
    """The same with arrays in place of their stand-ins."""
    return mapped(lambda leaf: leaf.array if isinstance(leaf, Recorded) else leaf, tree)

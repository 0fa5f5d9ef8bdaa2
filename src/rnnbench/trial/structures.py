"""Parameters as people keep them: arrays in lists, tuples, dicts and objects, nested."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from rnnbench.arrays import Array


def is_array(value: Any) -> bool:
    """Whether a value is an array (of any library that says so) or a number."""
    return hasattr(value, "__array__") or isinstance(value, float | complex)


def as_array(value: Any) -> Array:
    """A value as an array of NumPy's, by the array protocol; PyTorch's gives one only without the graph that made it."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Array]]:
    """Every array of a structure with its name as Python spells it: W[0], params["W"], net.W. None is no array.

    Raises TypeError for what is neither an array nor holds any.
    """
    if tree is None:
        return
    if is_array(tree):
        yield name, as_array(tree)
        return
    for key, inner in _items(tree, name):
        yield from leaves(inner, f"{name}{key}")


def rebuilt(tree: Any, arrays: Iterator[Array]) -> Any:
    """The same structure with other arrays, taken in the order of `leaves`."""
    if tree is None:
        return None
    if is_array(tree):
        return next(arrays)
    if isinstance(tree, Mapping):
        return {key: rebuilt(inner, arrays) for key, inner in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(rebuilt(inner, arrays) for inner in tree))
    if isinstance(tree, list | tuple):
        return type(tree)(rebuilt(inner, arrays) for inner in tree)
    twin = copy.copy(tree)
    vars(twin).update({key: rebuilt(inner, arrays) if _holds(inner) else inner for key, inner in vars(tree).items()})
    return twin


def mapped(change: Callable[[Array], Array], tree: Any) -> Any:
    """The same structure with every array changed."""
    return rebuilt(tree, iter([change(array) for _, array in leaves(tree)]))


def _items(tree: Any, name: str) -> list[tuple[str, Any]]:
    """What a structure holds, each with how it is reached from there."""
    if isinstance(tree, Mapping):
        return [(f'["{key}"]' if isinstance(key, str) else f"[{key!r}]", inner) for key, inner in tree.items()]
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return [(f".{key}", getattr(tree, key)) for key in tree._fields]
    if isinstance(tree, list | tuple):
        return [(f"[{key}]", inner) for key, inner in enumerate(tree)]
    held = {key: inner for key, inner in getattr(tree, "__dict__", {}).items() if _holds(inner)}
    if not held:
        raise TypeError(f"{name or 'the structure'} is a {type(tree).__name__}, which holds no arrays")
    return [(f".{key}", inner) for key, inner in held.items()]


def _holds(value: Any) -> bool:
    """Whether a value is an array or holds one; sizes and names of an object are neither."""
    if isinstance(value, int | float | str | bool | type(None)) or (callable(value) and not is_array(value)):
        return False
    if is_array(value):
        return True
    try:
        return next(leaves(value), None) is not None
    except TypeError:
        return False

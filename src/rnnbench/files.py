"""A class from a Python file: a gradient rule or a task of the user's own, or one of the package."""

import ast
import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from rnnbench.errors import nearest

T = TypeVar("T")


class ClassFileError(ValueError):
    """A file cannot be imported, or does not hold the class that is asked of it; the message says why."""


def is_file(what: str) -> bool:
    """Whether FILE.py or FILE.py:CLASS is asked for, and not a name."""
    return split(what)[0].suffix == ".py"


def split(what: str) -> tuple[Path, str]:
    """The file and the class of FILE.py:CLASS; the class is "" where it is not named."""
    file, colon, name = what.rpartition(":")
    return (Path(file), name) if colon and file.endswith(".py") else (Path(what), "")


def identifier(what: str) -> str:
    """FILE.py:CLASS (or a name) as a word that a file name, an anchor or an index may hold."""
    return re.sub(r"[^\w.-]+", "_", what).strip("_")


def content(what: str) -> Mapping[str, str]:
    """SHA-256 of the file in FILE.py:CLASS and of the files beside it that it imports, by path. Raises ClassFileError."""
    found: dict[str, str] = {}
    left = [split(what)[0]]
    while left:
        file = left.pop()
        if str(file) in found:
            continue
        text = _read(file)
        found[str(file)] = hashlib.sha256(text).hexdigest()
        left += [beside for name in _imported(text, file) if (beside := file.parent / f"{name}.py").is_file()]
    return found


def load(what: str, base: type[T], noun: str, asked: str) -> tuple[str, type[T]]:
    """The name and the class in FILE.py:CLASS, or in FILE.py if it has one.

    base: what the class derives from. noun: what such a class is called. asked: what it must be, for who has none.
    Raises ClassFileError where there is none, or where the file cannot be imported.
    """
    file, chosen = split(what)
    own = _own(module_in(file), base)
    if chosen:
        if chosen not in own:
            raise ClassFileError(f"{file} has no {noun} {chosen!r}{nearest(chosen, own) if own else ''}")
        return chosen, own[chosen]
    found = whole(own)
    if not found:
        abstract = [f"{name} lacks {', '.join(sorted(_abstract(value)))}" for name, value in own.items() if _abstract(value)]
        without = f" ({'; '.join(abstract)})" if abstract else ""
        raise ClassFileError(f"{file} has no {noun}{without}: {asked}")
    if len(found) > 1:
        raise ClassFileError(f"{file} has several classes of a {noun} ({', '.join(found)}); name one: {file}:{next(iter(found))}")
    return next(iter(found.items()))


def of_module(module: ModuleType, base: type[T]) -> type[T]:
    """The one class of a module of the package that derives from `base` and that nothing else there builds on."""
    (found,) = whole(_own(module, base)).values()
    return found


def whole(own: Mapping[str, type[T]]) -> dict[str, type[T]]:
    """Those of the classes that are not abstract and that no other one builds on."""
    bases = {base for value in own.values() for base in value.__mro__[1:]}
    return {name: value for name, value in own.items() if value not in bases and not inspect.isabstract(value)}


def _own(module: ModuleType, base: type[T]) -> dict[str, type[T]]:
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, base) and value.__module__ == module.__name__
    }


def _abstract(value: type) -> frozenset[str]:
    return getattr(value, "__abstractmethods__", frozenset())


def module_in(file: Path) -> ModuleType:
    """The module in a file, under a name that takes no other module's place; imported once."""
    text = _read(file)
    name = f"{file.stem}_{hashlib.sha256(str(file.resolve()).encode() + text).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    if (folder := str(file.resolve().parent)) not in sys.path:
        sys.path.append(folder)  # last: a file called numpy.py there is not NumPy
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ClassFileError(f"{file} could not be imported: {type(error).__name__}: {error}") from error
    return module


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise ClassFileError(f"there is no file {file}") from None
    except OSError as error:
        raise ClassFileError(f"{file} cannot be read: {error.strerror}") from error


def _imported(text: bytes, file: Path) -> set[str]:
    """The first names of all that a file imports."""
    try:
        tree = ast.parse(text, str(file))
    except (SyntaxError, ValueError) as error:
        raise ClassFileError(f"{file} could not be imported: {type(error).__name__}: {error}") from error
    nodes = list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}

"""What a job runs, as a digest: among the params of a job, it makes the job run again when that code has changed.

What a job runs is found, not listed: the modules of this package that its script imports, what these import, and so on. What a
job loads by name (its gradient rule, its task, its trainer) is added by the workflow that plans it. Of each module the compiled
code counts, so that an edit of a comment, a docstring or the layout changes nothing. At its end a job holds what it has loaded
against its digest: a module that is not covered is an error.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType

from rnnbench import PUBLIC, files

PACKAGE = "rnnbench"
SOURCE = Path(__file__).parents[3]
"""The folder that holds the package."""
EXEMPT = (__name__, "rnnbench.study.jobs.log", "rnnbench.study.jobs.record")
"""How jobs are planned and logged, which no result depends on."""
SEPARATOR = "; "


class UncoveredError(Exception):
    """A job has loaded a module of the package that its digest does not cover; the message names it."""


def digest(script: str | Path, *entries: str) -> str:
    """A digest of all that a script runs, and the entries, from which a job finds again what is covered.

    script: of the workflow. entries: what it loads by name, modules ("rnnbench.gradients.rtrl") or files of the user's own,
    FILE.py or FILE.py:CLASS. Of the latter the content counts, and that of the files beside them that they import.
    Raises files.ClassFileError where a file of the user's own cannot be read.
    """
    parts = [f"script {fingerprint(Path(script))}"]
    for name in covered(script, entries):
        parts.append(f"{name} {fingerprint(path_of(name))}")
        parts += data(name)
    for entry in filter(files.is_file, entries):
        parts += [f"{Path(path).name} {sha256}" for path, sha256 in files.content(entry).items()]
    found = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    return SEPARATOR.join([found, *entries])


def check_covered(script: str | Path, digested: str) -> None:
    """Raise UncoveredError if this process has loaded a module of the package that a digest of the script does not cover."""
    known = {*covered(script, digested.split(SEPARATOR)[1:]), *closure(EXEMPT), *EXEMPT}
    loaded = {name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")}
    if unknown := sorted(loaded - known):
        raise UncoveredError(
            f"{Path(script).name} has loaded {', '.join(unknown)}, which its digest does not cover: after an edit there it would"
            " not run again. Import it by an import statement, or name it among the entries of the digest"
        )


def covered(script: str | Path, entries: Iterable[str]) -> list[str]:
    """The modules of the package that a script and the entries run, by their names, sorted."""
    begin = list(imports(Path(script)))
    for entry in entries:
        begin += [name for path in files.content(entry) for name in imports(Path(path))] if files.is_file(entry) else [entry]
    return sorted(closure(begin) - set(EXEMPT))


def closure(names: Iterable[str]) -> set[str]:
    """The modules of these names that are of the package, and all that they import, but for what is exempt."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name in found or (path := path_of(name)) is None:
            continue
        found.add(name)
        if name not in EXEMPT or name in names:
            left += imports(path)
        # To import a module is to run the packages that it lies in.
        left.append(name.rpartition(".")[0])
    return found


@cache
def path_of(name: str) -> Path | None:
    """The file of a module of the package, None for what is no module of it."""
    if name.partition(".")[0] != PACKAGE:
        return None
    path = SOURCE / name.replace(".", "/")
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


@cache
def data(name: str) -> tuple[str, ...]:
    """The files that lie in a package beside its modules (templates, styles, scripts), each with its SHA-256."""
    path = path_of(name)
    if path is None or path.name != "__init__.py":
        return ()
    beside = sorted(file for file in path.parent.iterdir() if file.is_file() and file.suffix not in (".py", ".pyc", ".typed"))
    return tuple(f"{name}/{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in beside)


@cache
def fingerprint(path: Path) -> str:
    """SHA-256 of the compiled code of a file, without docstrings, comments, line numbers and assertions."""
    code = compile(path.read_bytes(), path.name, "exec", dont_inherit=True, optimize=2)
    return hashlib.sha256("\n".join(_instructions(code)).encode()).hexdigest()


def _instructions(code: CodeType) -> Iterator[str]:
    yield f"{code.co_qualname} {code.co_argcount} {code.co_posonlyargcount} {code.co_kwonlyargcount} {code.co_flags}"
    yield f"{code.co_names} {code.co_varnames} {code.co_freevars} {code.co_cellvars}"
    yield code.co_code.hex()
    yield code.co_exceptiontable.hex()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)
        elif isinstance(constant, frozenset):  # whose order changes from process to process
            yield f"frozenset {sorted(map(repr, constant))}"
        else:
            yield repr(constant)


BLOCKS = (ast.stmt, ast.ExceptHandler, ast.match_case)
"""What an import may stand in, or be: not within an expression."""


@cache
def imports(path: Path) -> tuple[str, ...]:
    """What a file imports from the package, wherever in it, but for what only a type checker reads."""
    found: list[str] = []
    left: list[ast.AST] = [ast.parse(path.read_bytes(), path.name)]
    while left:
        node = left.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            left += node.orelse
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # A name may be a module of the package that is named before it.
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if node.module == PACKAGE:
                found += [f"{PACKAGE}.{PUBLIC[alias.name]}" for alias in node.names if alias.name in PUBLIC]
        else:
            left += [child for child in ast.iter_child_nodes(node) if isinstance(child, BLOCKS)]
    return tuple(dict.fromkeys(name for name in found if name.partition(".")[0] == PACKAGE))

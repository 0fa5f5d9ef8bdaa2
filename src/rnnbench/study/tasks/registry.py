"""Where tasks are found: those of this folder by the name of their file, and those in files of the user's own.

The config says `data: mnist` for the class in mnist.py of this folder, and `data: my_task.py:MyTask` (or `my_task.py`, where it
has one) for one's own. A file NAME_files.py here belongs to NAME.py and gets the files that it needs. A task is imported when it
is asked for, so that whoever needs one does not depend on all.
"""

import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from rnnbench import files
from rnnbench.errors import nearest
from rnnbench.study.tasks.base import Task, check_content, lacking

PACKAGE = "rnnbench.study.tasks"
NO_TASKS = {"base", "registry"}
"""Files of this folder that hold no task and belong to none."""
ASKED = "a class that derives from rnnbench.study.tasks.Task and has prepare(seed, replicates, files) and score(prediction, y)"


class TaskError(ValueError):
    """A task cannot be had, or its files cannot; the message says which, where and why."""


@cache
def names() -> tuple[str, ...]:
    """The tasks of the package, by the alphabet."""
    found = [module.name for module in pkgutil.iter_modules(import_module(PACKAGE).__path__)]
    return tuple(sorted(name for name in found if name not in NO_TASKS and not name.endswith("_files")))


def module_of(what: str) -> str | None:
    """The module of the package that a task by this name is in; None for a file of the user's own."""
    return f"{PACKAGE}.{what}" if what in names() else None


def task(what: str) -> type[Task]:
    """The class of a task: "mnist", "my_task.py", or "my_task.py:MyTask". Raises TaskError where it cannot be had."""
    if files.is_file(what):
        try:
            _, found = files.load(what, Task, "task", ASKED)  # type: ignore[type-abstract]
        except files.ClassFileError as error:
            raise TaskError(str(error)) from error
    elif module := module_of(what):
        found = files.of_module(import_module(module), Task)  # type: ignore[type-abstract]
    else:
        raise TaskError(f"there is no task {what!r}{nearest(what, names())}; a task of your own is a file: my_task.py")
    if gone := lacking(found):
        raise TaskError(f"{what}: {found.__name__} does not say {', '.join(gone)}")
    return found


def content(what: str) -> Mapping[str, str]:
    """SHA-256 of the file of a task of the user's own and of those beside it that it imports, by path; of others, nothing."""
    if not files.is_file(what):
        return {}
    try:
        return files.content(what)
    except files.ClassFileError as error:
        raise TaskError(str(error)) from error


def paths(what: str) -> dict[str, Path]:
    """Where a study keeps the files that a task reads, by their names."""
    return {name: Path("results", "data", files.identifier(what), name) for name in task(what).files}


def fetch_job(what: str) -> str:
    """The rule of the workflow that fetches the files of a task, which is also the name of its log."""
    return f"fetch_{re.sub(r'[^0-9a-zA-Z]+', '_', files.identifier(what))}"


def local(config: Mapping[str, Any], what: str) -> str | None:
    """The path that the config names for the files of a task of the package, under NAME_path, if any."""
    path: str | None = config.get(f"{what}_path")
    return path


def fetch(what: str, out: Mapping[str, Path], local: str | None = None) -> None:
    """Write the files of a task to `out`, by their names, and hold them to their SHA-256.

    Raises TaskError where one cannot be had or is another; what is wrong is not left behind.
    """
    found = task(what)
    for path in out.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        found.fetch(out, local)
    except OSError as error:
        raise TaskError(f"{what}: {error.filename or 'a file'} cannot be had: {error.strerror}") from error
    try:
        check_content(found, out)
    except ValueError as error:
        for path in out.values():
            path.unlink()
        raise TaskError(f"{what}: {error}") from error

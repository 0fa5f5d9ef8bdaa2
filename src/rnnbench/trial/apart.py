"""Work in a process of its own: whatever the code on trial does to its process, the verdict and the exit status are ours.

It may exit, never return, print, take all memory, or leave NumPy in another state.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from rnnbench.errors import RuleError

T = TypeVar("T")
Progress = Callable[[int, int], object]
"""Is called with how much is done, of how much."""
MEMORY = 0.8
"""Of the machine's memory, how much the process may take."""


def apart(work: Callable[[Progress], T], timeout: float, progress: Progress, errors: tuple[type[Exception], ...]) -> T:
    """What `work` returns. Where processes cannot be forked, it runs in this one.

    timeout: seconds within which `work` must report progress, or end. errors: what `work` may raise and is raised here too.

    Raises RuleError where the process ends in any other way than by a result, or takes too long.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        return work(progress)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, theirs, errors), daemon=True)
    process.start()
    theirs.close()
    try:
        while ours.poll(timeout):
            kind, content = ours.recv()
            if kind == "progress":
                progress(*content)
            elif kind == "error":
                raise content
            else:
                return content
    except EOFError:
        process.join()
        raise RuleError(_ended(process.exitcode or 0)) from None
    finally:
        process.kill()
        process.join()
    raise RuleError(f"the code took longer than {timeout:g} s for a network; --timeout SECONDS gives it more")


def _run(work: Callable[[Progress], Any], pipe: Connection, errors: tuple[type[Exception], ...]) -> None:
    """In the process: send progress, and at the end the result or the error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle
    os.dup2(2, 1)  # what the code prints must not get between the lines of a verdict that a machine reads
    _limit_memory()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            sent = "done", work(lambda done, total: pipe.send(("progress", (done, total))))
    except errors as error:
        sent = "error", error
    except SystemExit as error:
        sent = "error", RuleError(f"the code called sys.exit({'' if error.code is None else error.code})")
    except Exception as error:  # not raised by the code, whose errors come as one of `errors`
        told = f"{type(error).__name__}: {error}"
        sent = "error", RuleError(f"the trial itself failed ({told}); the code may have changed NumPy, or used up the memory")
    except BaseException as error:
        sent = "error", RuleError(f"the code raised {type(error).__name__}: {error}")
    pipe.send(sent)
    os._exit(0)  # nothing that the code registered is run


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limit = int(MEMORY * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _ended(status: int) -> str:
    if status >= 0:
        return f"the code ended its process (exit status {status}) before there was a verdict"
    memory = ", as the system does where memory runs out" if -status == signal.SIGKILL else ""
    return f"the process of the code was ended by {signal.Signals(-status).name} before there was a verdict{memory}"

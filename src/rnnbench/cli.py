"""The command line: `rnnbench trial my_rule.py`, `rnnbench rules`."""

import argparse
import contextlib
import json
import math
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rnnbench import environment

EPILOG = """\
Plain code is a file with two functions, of one network and one sequence; its conventions are found by calling loss:

    def loss(W, R, b, x, y): ...       # or loss(params, x, y) -> a number
    def gradient(W, R, b, x, y): ...   # -> the derivatives, shaped like the parameters
    def example(): ...                 # -> params, x, y; for networks of another kind, which are held against their own loss

A rule is a class with the contract of src/rnnbench/gradients/base.py:

    from rnnbench.gradients import GradientRule, Step

    class MyRule(GradientRule):
        def step(self, params, window, carry):
            activity = self.network.forward(params, window, carry)
            gradient = self.network.zeros_like(params)
            ...                       # write gradient.W[i], gradient.R[i], gradient.b[i]
            return Step(activity.outputs, gradient.vector, activity.state())

Exit status: 0 the rule is exact; 1 it is not; 2 it could not be tried.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments, do what they say, and return the exit status."""
    parser = argparse.ArgumentParser(prog="rnnbench", description="Is my derivation of an RNN's gradient wrong?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    trial = commands.add_parser(
        "trial",
        help="put a gradient rule on trial: which parameter's derivative is wrong, and how",
        description="Hold a gradient rule against the exact gradient, parameter by parameter, and say what is wrong with it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trial.add_argument(
        "rule", help="a file with loss and gradient, or with a rule (FILE.py, FILE.py:CLASS), or the name of a built-in rule"
    )
    trial.add_argument("--json", action="store_true", help="print the verdict as JSON; null is a number that is not defined")
    trial.add_argument(
        "--numbers", action="store_true", help="also print errors and cosines, parameter by parameter and depth by depth"
    )
    trial.add_argument("--html", type=Path, metavar="FILE", help="also write the verdict as an HTML page that needs nothing else")
    trial.add_argument("--seed", type=_seed, default=0, help="of the random networks (default: 0)")
    trial.add_argument(
        "--layers", type=int, nargs="+", choices=range(1, 6), metavar="N", help="recurrent layers (default: 1 2 3)"
    )
    trial.add_argument("--activation", nargs="+", metavar="NAME", help="of the units: tanh, logistic, relu (default: all)")
    trial.add_argument("--loss", nargs="+", metavar="NAME", help="a name of rnnbench/losses.py (default: all)")
    trial.add_argument(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long the code may take for a network before it is stopped (default: 60)",
    )
    trial.set_defaults(run=_trial)
    rules = commands.add_parser(
        "rules",
        help="list the built-in gradient rules: what they claim, what they cost, where they are from",
        description="List the built-in gradient rules. Class: what the trial finds of the gradient of a window from rest."
        " Time and memory: of one step of one sequence, for a layer of n units that see as many inputs.",
    )
    rules.add_argument(
        "--markdown", action="store_true", help="print docs/rules.md: every rule's equations, cost, bias and paper"
    )
    rules.set_defaults(run=_rules)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def _trial(options: argparse.Namespace) -> int:
    environment.pin()  # before NumPy loads
    from rnnbench.activations import ACTIVATIONS
    from rnnbench.errors import RuleError, nearest
    from rnnbench.files import ClassFileError, is_file, split
    from rnnbench.gradients.registry import named
    from rnnbench.losses import LOSSES
    from rnnbench.trial import html
    from rnnbench.trial.apart import Progress, apart
    from rnnbench.trial.cases import DEPTHS
    from rnnbench.trial.differences import Comparison
    from rnnbench.trial.functions import functions, try_file
    from rnnbench.trial.verdict import Verdict, trial
    from rnnbench.trial.words import NO_CONVENTION, page

    def chosen(names: list[str] | None, known: Mapping[str, object]) -> tuple[str, ...]:
        for name in names or ():
            if name not in known:
                raise RuleError(f"there is no {name!r}{nearest(name, known)}")
        return tuple(names or known)

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {total} problems" if done < total else "\r\033[K", end="", file=sys.stderr, flush=True)

    def work(progress: Progress) -> Verdict | Comparison:
        file, chosen_class = split(options.rule)
        plain = functions(file) if is_file(options.rule) and not chosen_class else None
        depths = options.layers or DEPTHS
        if plain and (options.activation or options.loss):
            raise RuleError("--activation and --loss are for rules; those of plain code are found by calling its loss")
        if plain:
            return try_file(file.stem, plain, options.seed, depths, progress)
        name, rule = named(options.rule)
        return trial(name, rule, options.seed, depths=depths, activations=activations, losses=losses, progress=progress)

    try:
        if options.html and (refused := _unwritable(options.html, split(options.rule)[0])):
            raise RuleError(f"--html: {refused}")
        activations, losses = chosen(options.activation, ACTIVATIONS), chosen(options.loss, LOSSES)
        verdict = apart(work, options.timeout, progress, (RuleError, ClassFileError))
    except (RuleError, ClassFileError) as error:
        print(f"rnnbench trial: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("rnnbench trial: stopped", file=sys.stderr)
        return 130
    if options.json:
        told = json.dumps(_plain(asdict(verdict)), indent=1, allow_nan=False)
    elif isinstance(verdict, Comparison):
        told = f"{verdict}\n{NO_CONVENTION}"
    else:
        told = page(verdict, min(120, shutil.get_terminal_size((100, 24)).columns), options.numbers)
    if refused := _unprinted(told):
        print(f"rnnbench trial: the verdict could not be printed: {refused}", file=sys.stderr)
        return 2
    if options.html:
        try:
            options.html.write_text(html.page(verdict), encoding="utf-8")
        except OSError as error:
            print(f"rnnbench trial: {options.html} was not written: {error.strerror}", file=sys.stderr)
            return 2
        print(f"Written: {options.html}", file=sys.stderr)
    return 0 if verdict.exact else 1


def _unprinted(text: str) -> str:
    """Print a text, all of it; why it could not be, "" if it was."""
    if sys.stdout is None:
        return "standard output is closed"
    try:
        print(text, flush=True)
    except (OSError, UnicodeEncodeError) as error:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it is not tried again at the end
        return getattr(error, "strerror", None) or str(error)
    return ""


def _unwritable(file: Path, code: Path) -> str:
    """Why a page is not written to this file, "" where it may be. code: what is on trial."""
    try:
        if not file.parent.is_dir():
            return f"there is no directory {file.parent}"
        if file.is_dir():
            return f"{file} is a directory"
        if file.exists() and code.exists() and file.samefile(code):
            return f"{file} is the code on trial"
        return "" if os.access(file if file.exists() else file.parent, os.W_OK) else f"{file} may not be written"
    except OSError as error:
        return f"{file}: {error.strerror}"


def _rules(options: argparse.Namespace) -> int:
    environment.pin()
    from rnnbench.gradients import rulebook

    print(rulebook.page() if options.markdown else rulebook.listing())
    return 0


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise argparse.ArgumentTypeError("a seed is not negative")
    return seed


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError("a number of seconds is above zero")
    return seconds


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    sys.exit(main())

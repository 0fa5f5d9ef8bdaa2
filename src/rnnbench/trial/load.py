"""A gradient rule by the name of a built-in one, or from a file."""

import importlib.util
import inspect
import sys
from pathlib import Path

from rnnbench.gradients import RULES, GradientRule
from rnnbench.settings import nearest
from rnnbench.trial.contract import RuleError


def load(what: str) -> tuple[str, type[GradientRule]]:
    """The name and class of a rule: "rtrl", "my_rule.py", or "my_rule.py:MyRule" where the file has several.

    Raises RuleError where there is none, or the file cannot be imported.
    """
    if what in RULES:
        return what, RULES[what]
    path, _, chosen = what.partition(":")
    file = Path(path)
    if file.suffix != ".py":
        raise RuleError(f"there is no built-in rule {what!r}{nearest(what, RULES)}; a rule of your own is a file: my_rule.py")
    if not file.is_file():
        raise RuleError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module  # dataclasses look their module up
    sys.path.insert(0, str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise RuleError(f"{path} could not be imported: {type(error).__name__}: {error}") from error
    own = {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, GradientRule) and value.__module__ == module.__name__
    }
    # A class that another one of the file builds on is a means to it.
    bases = {base for value in own.values() for base in value.__mro__[1:]}
    found = {name: value for name, value in own.items() if value not in bases and not inspect.isabstract(value)}
    if chosen:
        if chosen not in own:
            raise RuleError(f"{path} has no gradient rule {chosen!r}{nearest(chosen, own) if own else ''}")
        return chosen, own[chosen]
    if not found:
        abstract = [name for name, value in own.items() if inspect.isabstract(value)]
        without = f" ({', '.join(abstract)} has no method step)" if abstract else ""
        raise RuleError(
            f"{path} has no gradient rule{without}: a class that derives from rnnbench.gradients.GradientRule and has"
            " step(params, window, carry)"
        )
    if len(found) > 1:
        raise RuleError(f"{path} has several gradient rules ({', '.join(found)}); name one: {path}:{next(iter(found))}")
    return next(iter(found.items()))

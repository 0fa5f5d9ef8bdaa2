"""Gradient rules by name. A rule is a file: "kf-rtrl" is the one in kf_rtrl.py of this folder, "my_rule.py" the user's own.

Nothing is listed here, and a rule is imported when it is asked for: a new one is a new file, and no other rule knows of it. What
a rule of the package may be given stands in brackets: "sk-rtrl(rank=4)".
"""

import ast
import dataclasses
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec

from rnnbench import files
from rnnbench.errors import RuleError, nearest
from rnnbench.gradients.base import GradientRule

NO_RULES = {"base", "registry", "rulebook"}
"""Files of this folder that hold no rule."""


class Folder(Mapping[str, type[GradientRule]]):
    """The rules in the files of a package, by name; each is imported when it is asked for."""

    def __init__(self, package: str) -> None:
        self.package = package

    def module(self, name: str) -> str:
        """The module that a rule is in."""
        return f"{self.package}.{name.replace('-', '_')}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the rules, by the alphabet."""
        spec = find_spec(self.package)
        assert spec is not None
        found = pkgutil.iter_modules(spec.submodule_search_locations)
        return tuple(sorted(m.name.replace("_", "-") for m in found if not m.ispkg and m.name not in NO_RULES))

    def __getitem__(self, name: str) -> type[GradientRule]:
        if name not in self.names:
            raise KeyError(name)
        return files.of_module(import_module(self.module(name)), GradientRule)  # type: ignore[type-abstract]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


RULES = Folder("rnnbench.gradients")
PEERS = Folder("rnnbench.gradients.peers")
"""By the package that each needs."""


def installed() -> list[str]:
    """The peers whose package is there."""
    return [name for name in PEERS if find_spec(name)]


def module_of(what: str) -> str | None:
    """The module of the package that a rule by this name is in; None for a file of the user's own."""
    name, _ = bracketed(what)
    return next((folder.module(name) for folder in (RULES, PEERS) if name in folder), None)


def rule(what: str) -> type[GradientRule]:
    """The class of a rule: "rtrl", "sk-rtrl(rank=4)", "jax", "my_rule.py", or "my_rule.py:MyRule" where the file has several.

    Raises RuleError where there is none, where it does not take what it is given, where the file cannot be imported, or where the
    package of a peer is not installed.
    """
    return named(what)[1]


def named(what: str) -> tuple[str, type[GradientRule]]:
    """A short name of a rule (in a file, that of the class) and its class. Raises RuleError, as `rule` does."""
    if files.is_file(what):
        asked = "a class that derives from rnnbench.GradientRule and has step(params, window, carry)"
        try:
            return files.load(what, GradientRule, "gradient rule", asked)  # type: ignore[type-abstract]
        except files.ClassFileError as error:
            raise RuleError(str(error)) from error
    if what in PEERS:
        if what not in installed():
            raise RuleError(f"the gradient {what!r} needs the package {what}, see `make peers`")
        return what, PEERS[what]
    name, options = bracketed(what)
    if name not in RULES:
        known = [*RULES, *installed()]
        raise RuleError(f"there is no gradient rule {name!r}{nearest(name, known)}; a rule of your own is a file: my_rule.py")
    return what, given(RULES[name], what, options) if options else RULES[name]


def bracketed(what: str) -> tuple[str, str]:
    """The name of a rule of the package, and what it is given: "sk-rtrl" and "rank=4" of "sk-rtrl(rank=4)"."""
    name, bracket, rest = what.partition("(")
    return (name, rest[:-1]) if bracket and rest.endswith(")") else (what, "")


def given(kind: type[GradientRule], what: str, options: str) -> type[GradientRule]:
    """A rule with other defaults than its own. options: as in a call, "rank=4". Raises RuleError where it does not take them."""
    own = {field.name: field for field in dataclasses.fields(kind) if field.name not in ("network", "seed", "first")}
    if not own:
        raise RuleError(f"gradient {what}: {bracketed(what)[0]} takes nothing in brackets")
    form = f"{bracketed(what)[0]}({', '.join(f'{name}={field.default!r}' for name, field in own.items())})"
    try:
        call = ast.parse(f"rule({options})", mode="eval").body
        if not isinstance(call, ast.Call) or call.args or any(keyword.arg is None for keyword in call.keywords):
            raise ValueError
        values = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError):
        raise RuleError(f"gradient {what}: {options!r} does not read as in {form}") from None
    for name, value in values.items():
        if name not in own:
            raise RuleError(f"gradient {what}: there is no {name!r}{nearest(name, own)}, as in {form}")
        whole = isinstance(own[name].default, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise RuleError(f"gradient {what}: {name} is a {'whole ' if whole else ''}number, as in {form}, not {value!r}")
    made = dataclasses.make_dataclass(
        kind.__name__,
        [(name, own[name].type, dataclasses.field(default=value)) for name, value in values.items()],
        bases=(kind,),
        namespace={"__doc__": kind.__doc__, "__module__": kind.__module__},
        frozen=True,
    )
    assert issubclass(made, GradientRule)
    return made

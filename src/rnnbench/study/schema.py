"""What a JSON schema finds wrong, in words: each mistake with its place, and the nearest key for a typo."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import jsonschema
import yaml

from rnnbench.errors import nearest

MOST = 100_000
"""Values that a config may have."""


def problems(value: Any, schema: Mapping[str, Any], *place: str) -> list[str]:
    """Every violation of the schema, a line each. place: where in the config the value stands."""
    validator = jsonschema.Draft202012Validator(schema)
    return [line for error in sorted(validator.iter_errors(value), key=str) for line in _explain(error, place)]


def infinite(value: Any, *place: str) -> Iterator[str]:
    """Every number that is not finite, a line each. YAML writes them .nan and .inf, and no quantity of a study is one."""
    if isinstance(value, Mapping):
        for key, of in value.items():
            yield from infinite(of, *place, str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for at, of in enumerate(value):
            yield from infinite(of, *place, str(at))
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{'.'.join(place)}: {value} is not a finite number"


def written(text: str, name: str) -> list[str]:
    """What is wrong with how a YAML text is written, a line each: every key that stands twice in one mapping, of which a parser
    keeps the last and says nothing; aliases without an end, or that stand for more than a config can hold.
    """
    found: list[str] = []
    seen: set[int] = set()

    def walk(node: yaml.Node | None) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for of in node.value:
                walk(of)
        if isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, of in node.value:
                line = key.start_mark.line + 1
                if key.value in lines:
                    found.append(
                        f"{name}, line {line}: {key.value!r} stands in line {lines[key.value]} already; keep one of them"
                    )
                lines.setdefault(str(key.value), line)
                walk(of)

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None and (values := _values(root, {})) > MOST:
        return [f"{name}: with its aliases written out it has {values:.3g} values; at most {MOST:,} are read"]
    walk(root)
    return found


def _values(node: yaml.Node, known: dict[int, float]) -> float:
    """How many values a node stands for, with its aliases written out; infinite where it holds itself."""
    if id(node) not in known:
        known[id(node)] = math.inf  # what it is if the node is met again within itself
        parts = chain.from_iterable(node.value) if isinstance(node, yaml.MappingNode) else node.value
        known[id(node)] = 1 + (0 if isinstance(node, yaml.ScalarNode) else sum(_values(part, known) for part in parts))
    return known[id(node)]


def _explain(error: jsonschema.ValidationError, place: tuple[str, ...]) -> Iterator[str]:
    where = ".".join(str(part) for part in (*place, *error.absolute_path)) or "top level"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        for key in error.instance:
            if key not in known:
                yield f"{where}: unknown key {key!r}{nearest(str(key), known)}"
    elif error.context:
        for cause in error.context:
            yield from _explain(cause, place)
    elif error.validator in ("type", "anyOf") and _is_power(error.instance):
        yield f"{where}: {error.message}; YAML takes an exponent for a number only after a point: 1.0e-3"
    else:
        yield f"{where}: {error.message}"


def _is_power(value: Any) -> bool:
    try:
        return isinstance(value, str) and "e" in value.lower() and bool(float(value))
    except ValueError:
        return False

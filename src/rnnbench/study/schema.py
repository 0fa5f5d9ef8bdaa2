"""What a JSON schema finds wrong, in words: each mistake with its place, and the nearest key for a typo."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema
import yaml

from rnnbench.errors import nearest


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


def repeated(text: str, name: str) -> list[str]:
    """Every key that stands twice in one mapping of a YAML text, a line each: a parser keeps the last and says nothing."""
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

    walk(yaml.compose(text, Loader=yaml.SafeLoader))
    return found


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

"""What a JSON schema finds wrong, in words: each mistake with its place, and the nearest key for a typo."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from rnnbench.errors import nearest


def problems(value: Any, schema: Mapping[str, Any], *place: str) -> list[str]:
    """Every violation of the schema, a line each. place: where in the config the value stands."""
    validator = jsonschema.Draft202012Validator(schema)
    return [line for error in sorted(validator.iter_errors(value), key=str) for line in _explain(error, place)]


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
    elif error.validator in ("type", "anyOf") and _is_number(error.instance):
        yield f"{where}: {error.message}; YAML takes an exponent for a number only after a point: 1.0e-3"
    else:
        yield f"{where}: {error.message}"


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(float(value))
    except ValueError:
        return False

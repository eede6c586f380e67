"""Plain data -> JSON and YAML text, exact: a decimal is written as it is, never as a float."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from modelbook.scan.yaml_text import PLAIN, WORDS

Json: TypeAlias = Any
"""Text, whole number, decimal, boolean, list, mapping with text for keys; no float."""


def text(value: Json) -> str:
    """Return a value as JSON of one space a level, mappings over several lines, with a last line
    feed. Raises `TypeError` for a float: it is not what somebody wrote.
    """
    return "".join(_parts(value, "\n")) + "\n"


def _parts(value: Json, line: str) -> Iterator[str]:
    """Yield the text of a value piece by piece; `line` starts a line at its depth."""
    if isinstance(value, Mapping) and value:
        mark = "{"
        for name, inner in value.items():
            yield f"{mark}{line} {json.dumps(name)}: "
            yield from _parts(inner, line + " ")
            mark = ","
        yield line + "}"
    elif isinstance(value, list | tuple):
        parts = ("".join(_parts(one, line)) for one in value)
        yield f"[{', '.join(parts)}]"
    elif isinstance(value, Decimal):
        yield number(value)
    elif isinstance(value, float):
        raise TypeError(f"{value!r} is a float")
    else:
        yield json.dumps(value)


def yaml(value: Json) -> str:
    """Return a value as YAML that 1.1 and 1.2 read alike, with a last line feed.

    Texts that a reader could take for something else are quoted. Raises `TypeError` for a float.
    """
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Json) -> Iterator[str]:
    """Yield the lines of a value."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            first, *rest = _lines(inner)
            if _is_nested(inner):
                yield f"{_scalar(name)}:"
                yield from (f"  {line}" for line in (first, *rest))
            else:
                yield f"{_scalar(name)}: {first}"
    elif _is_nested(value):
        for inner in value:
            first, *rest = _lines(inner)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _is_nested(value: Json) -> bool:
    """Tell whether a value needs lines of its own."""
    return isinstance(value, Mapping | list | tuple) and bool(value)


def _scalar(value: Json) -> str:
    """Return a text, number, truth value, null or an empty collection as YAML."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float")
    if not isinstance(value, str):
        return json.dumps(value)
    if PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return "".join(
        char if char.isprintable() else f"\\U{ord(char):08x}"
        for char in json.dumps(value, ensure_ascii=False)
    )


def number(value: Decimal) -> str:
    """Return a decimal as a JSON number without an exponent: `0.0000025`, `10`."""
    whole = format(value, "f")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole

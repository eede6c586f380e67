"""Plain data -> JSON text, exact: a decimal is written as it is, never as the nearest float."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

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


def number(value: Decimal) -> str:
    """Return a decimal as a JSON number without an exponent: `0.0000025`, `10`."""
    whole = format(value, "f")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole

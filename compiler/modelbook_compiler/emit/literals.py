"""Values -> Python literals. All catalog text enters generated code here, and only as `ascii()`."""

from __future__ import annotations

from collections.abc import Mapping

from ..values import Json


def literal(value: Json) -> str:
    """Return a value as one line of Python source."""
    if isinstance(value, str):
        return ascii(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!a}: {literal(value[key])}" for key in value) + "}"
    if isinstance(value, tuple):
        return "(" + "".join(f"{literal(item)}, " for item in value).rstrip(" ") + ")"
    return ascii(value)


def lines(row: Mapping[str, Json], indent: int) -> str:
    """Return a mapping as Python source, one key a line; a tuple of mappings one item a line."""
    pad = " " * indent
    out = ["{"]
    for key, value in row.items():
        if isinstance(value, tuple) and value and isinstance(value[0], Mapping):
            out.append(f"{pad}    {key!a}: (")
            out.extend(f"{pad}        {literal(item)}," for item in value)
            out.append(f"{pad}    ),")
        else:
            out.append(f"{pad}    {key!a}: {literal(value)},")
    return "\n".join([*out, f"{pad}}}"])

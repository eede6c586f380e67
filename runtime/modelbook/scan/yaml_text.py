"""Plain data -> the text of a catalog file: one line for each field, nested values on the line.

Text is plain where no reader could take it for something else, and quoted otherwise.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9 ._()/+'-]*[A-Za-z0-9._()/+'-])?")
"""Texts that every YAML reader takes for texts without quotes, but for `WORDS`."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def document(path: str, schema: str, fields: Mapping[str, object]) -> str:
    """Return the text of a file at a path in a catalog folder, without fields that are None.

    Texts may come from anywhere: what cannot be seen in them is left out.
    """
    up = "../" * (path.count("/") + 1)
    head = f"# yaml-language-server: $schema={up}schemas/{schema}.schema.json"
    known = (f"{name}: {flow(seen(value))}" for name, value in fields.items() if value is not None)
    return "\n".join([head, *known]) + "\n"


def flow(value: object) -> str:
    """Return a value on one line."""
    if isinstance(value, dict):
        pairs = (f"{scalar(key)}: {flow(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: object) -> str:
    """Return a text, number or truth value; text in quotes where readers could differ."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
    return value if plain or DATE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def seen(value: object) -> object:
    """Return a value whose texts, at whatever depth, are each `one_line`."""
    if isinstance(value, dict):
        return {seen(key): seen(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [*map(seen, value)]
    return one_line(value) if isinstance(value, str) else value


def one_line(text: str) -> str:
    """Return a text without what cannot be seen: control characters, marks of direction."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

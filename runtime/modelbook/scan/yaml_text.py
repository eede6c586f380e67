"""Plain data -> the text of a catalog file: one line for each field, nested values on the line."""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*|\d{4}-\d\d-\d\d")
"""Texts that every YAML reader takes for texts (or dates) without quotes, but for `WORDS`."""
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def document(path: str, schema: str, fields: Mapping[str, object]) -> str:
    """Return the text of a file at a path in a catalog folder, without fields that are None."""
    up = "../" * (path.count("/") + 1)
    head = f"# yaml-language-server: $schema={up}schemas/{schema}.schema.json"
    known = (f"{name}: {flow(value)}" for name, value in fields.items() if value is not None)
    return "\n".join([head, *known]) + "\n"


def flow(value: object) -> str:
    """Return a value on one line."""
    if isinstance(value, dict):
        pairs = (f"{scalar(str(key))}: {flow(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else scalar(str(value))


def scalar(text: str) -> str:
    """Return a text, in quotes where a reader might take it for something else."""
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return text
    return json.dumps(one_line(text), ensure_ascii=False)


def one_line(text: str) -> str:
    """Return a text without what cannot be seen: control characters, marks of direction."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

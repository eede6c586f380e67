"""The first line of a catalog file, which names its schema for the editor."""

from __future__ import annotations

from .schemas import schema_of
from .values import Origin


def modeline(source: Origin) -> str:
    """Return the line that a file must start with."""
    up = "../" * source.path.count("/")
    return f"# yaml-language-server: $schema={up}schemas/{schema_of(source.kind)}"

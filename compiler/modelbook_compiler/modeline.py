"""The first line of a catalog file, which names its schema for the editor."""

from __future__ import annotations

from .schemas import schema_of
from .values import Origin, SourceFile


def modeline(source: Origin, *, overlay: bool = False) -> str:
    """Return the line that a file must start with, also one that holds operations."""
    above = source.above if isinstance(source, SourceFile) else 0
    up = "../" * (source.path.count("/") - above)
    folder = "overlay/" if overlay else ""
    return f"# yaml-language-server: $schema={up}schemas/{folder}{schema_of(source.kind)}"

"""Plain data -> the text of a catalog file, in the catalog's own style.

The modeline comes first; the fields at the top stand in blocks, one entry a line; what is inside an
entry is on its line, as `modelbook.scan.yaml_text` writes it. What is written is read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelbook.scan.yaml_text import flow, scalar
from modelbook_compiler.diagnostics import Diagnostic
from modelbook_compiler.modeline import modeline
from modelbook_compiler.parse import parse
from modelbook_compiler.values import Document, Origin, SourceFile

from .wheels import CannotImportError

BLOCKS = frozenset({"claims", "classes", "prices", "sources"})
"""Fields at the top whose entries stand one a line."""
OPEN = frozenset({"claims", "prices"})
"""Those of which a single entry has a line too: lists that grow."""


def file_text(path: str, kind: str, data: Mapping[str, Any]) -> str:
    """Return the text of a catalog file; `path` is as messages show it: `catalog/…`.

    Raises `CannotImportError` if the text does not say the same as the data.
    """
    lines = [modeline(Origin(path, kind, path, ""))]
    for name, value in data.items():
        lines += _field(name, value)
    text = "\n".join([*lines, ""])
    read = parse(SourceFile(path, kind, path, "", text.encode()))
    if not isinstance(read, Document) or read.data != data:
        fault = read.message if isinstance(read, Diagnostic) else "it reads otherwise"
        raise CannotImportError(f"{path} cannot be written: {fault}")
    return text


def _field(name: str, value: Any) -> list[str]:
    """Return the lines of a field at the top."""
    if name in BLOCKS and value and isinstance(value, Mapping):
        return [f"{name}:", *(f"  {scalar(key)}: {flow(inner)}" for key, inner in value.items())]
    if name in BLOCKS and isinstance(value, list) and (len(value) > 1 or name in OPEN):
        return [f"{name}:", *(f"  - {flow(inner)}" for inner in value)]
    return [f"{scalar(name)}: {flow(value)}"]

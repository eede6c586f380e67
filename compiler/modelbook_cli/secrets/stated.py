"""A folder with a compiled catalog -> what it states of secrets, read as data.

The package is not imported: whoever sends a pull request can write what stands in `generated/`, and
these commands run where identities are.
"""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ..shared import own_package
from .telling import refuse

WANTED = {"_registry": "SECRETS", "_more": "PROVIDERS"}
"""Module of a generated package to the table that is asked for."""
LARGEST = 32 * 1024 * 1024
"""Most bytes of a module; the public book's has a few million."""


class Stated:
    """Stands in for an open catalog where only its tables of secrets and providers are asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def table(self, module: str) -> SimpleNamespace:
        """Return a module's one table that is wanted, as an attribute."""
        path, name = self._folder / f"{module}.py", WANTED[module]
        try:
            raw = path.read_bytes() if path.stat().st_size <= LARGEST else b""
            rows = _literal(ast.parse(raw), name)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            rows = None
        if not isinstance(rows, dict):
            message = f"`{path}` is not as the compiler writes it"
            refuse("format", message, "run `modelbook compile`")
        return SimpleNamespace(**{name: rows})


def stated(folder: Path) -> Stated | None:
    """Return what the catalog in a folder was compiled to; None where there is no such package."""
    name = own_package(folder)
    return Stated(folder / "generated" / name) if name else None


def _literal(tree: ast.Module, name: str) -> Any:
    """Return the value of a name that a module sets to a literal; None where it does not."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", None) == name:
            return None if node.value is None else ast.literal_eval(node.value)
    return None

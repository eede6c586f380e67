"""Paths of diagnostics as seen from the folder where the command runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..diagnostics import Diagnostic


def base_of(catalog: Path) -> str:
    """Return what stands before `catalog/…` in paths seen from here, empty or ending in `/`.

    A catalog named by its absolute path, outside of here, is shown by that.
    """
    above = Path(os.path.relpath(catalog.resolve().parent))
    if catalog.is_absolute() and above.parts[:1] == ("..",):
        above = catalog.parent
    return "" if above == Path() else f"{above.as_posix()}/"


def relocated(found: Iterable[Diagnostic], base: str) -> tuple[Diagnostic, ...]:
    """Return diagnostics with a base before the paths of them and of their notes."""
    return tuple(
        replace(
            one,
            path=base + one.path,
            notes=tuple(replace(note, path=base + note.path) for note in one.notes),
        )
        for one in found
    )

"""Paths of diagnostics as seen from the folder where the command runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from posixpath import normpath

from ..diagnostics import Diagnostic

PACKAGED = re.compile("[A-Za-z_][A-Za-z0-9_]*:")
"""What the path of a file starts with that a package brings: its name."""


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
            path=seen(one.path, base),
            notes=tuple(replace(note, path=seen(note.path, base)) for note in one.notes),
        )
        for one in found
    )


def seen(path: str, base: str) -> str:
    """Return a path with a base before it; that of a package's file is the same from everywhere."""
    if not base or PACKAGED.match(path):
        return path
    return normpath(base + path) if path.startswith("../") else base + path


def unseen(path: str, base: str, known: Iterable[str]) -> str:
    """Return the one of some known paths that is seen as a path; that path itself if none is."""
    return next((one for one in known if seen(one, base) == path), path)

"""Changes of an import -> files in the catalog's folder, each whole, and none outside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path, PurePosixPath

from modelbook_compiler.files import SUFFIX, alone, walk, write_file

from ..wheels import CannotImportError
from .changes import Changes

STEP = 200
"""Files between two signs of progress."""


def turn(root: Path, *, dry_run: bool) -> AbstractContextManager[None]:
    """Return what keeps other imports out of a catalog; who only looks does not wait."""
    return nullcontext() if dry_run or not root.is_dir() else alone(root)


def write(root: Path, changes: Changes, progress: Callable[[str], None]) -> None:
    """Write the files of an import, and delete disputes that are over.

    Raises `CannotImportError` for a folder that leads elsewhere, before anything is written, and
    for what the system refuses; what is written by then is whole, and the next import goes on.
    """
    _stays_inside(root, [*changes.files, *changes.over])
    path = ""
    try:
        _sweep(root)
        for done, (path, text) in enumerate(changes.files.items()):
            if done % STEP == 0:
                progress(f"writing {done:,} of {len(changes.files):,} files")
            write_file(root / path, text.encode())
        for path in changes.over:
            (root / path).unlink(missing_ok=True)
    except OSError as error:
        hint = "what is written is whole; run the import again to write the rest"
        raise CannotImportError(f"cannot write `{root / path}`: {error.strerror}", hint) from None


def _stays_inside(root: Path, paths: Iterable[str]) -> None:
    """Refuse folders of a catalog that are links: what stands behind them is not the catalog's."""
    folders = {one for path in paths for one in PurePosixPath(path).parents}
    for folder in sorted(folders - {PurePosixPath(".")}):
        place = root / folder
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            what = "a symbolic link" if place.is_symlink() else "no folder"
            hint = "put the folder itself there; nothing has been written"
            raise CannotImportError(f"`{place}` is {what}", hint)


def _sweep(root: Path) -> None:
    """Take away what an import that was killed had prepared; nobody else names files so."""
    for path in walk(root):
        if path.endswith(SUFFIX):
            (root / path).unlink(missing_ok=True)

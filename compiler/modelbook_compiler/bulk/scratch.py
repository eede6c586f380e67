"""A folder to work in that is gone afterwards, also what a killed compile left of its own.

Whoever works in one holds a lock on it, so that the next compile can tell which are left over.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files import lock

PREFIX = ".modelbook-bulk-"


@contextmanager
def scratch(above: Path) -> Iterator[Path]:
    """Make a folder below another one; yield it, and remove it with all that is in it.

    Raises `OSError` if none can be made.
    """
    sweep(above)
    folder, held = _made(above)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _made(above: Path) -> tuple[Path, int]:
    """Return a new folder and a descriptor that holds its lock.

    Another compile may sweep the folder away before it is locked: then there is another one.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=above))
        held = lock(folder)
        if held is not None:
            return folder, held


def sweep(above: Path) -> None:
    """Remove the folders that nobody works in any more."""
    for left in above.glob(f"{PREFIX}*"):
        try:
            held = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            continue  # another compile is at work
        finally:
            os.close(held)

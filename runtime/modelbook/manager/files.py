"""Files of registered models: one whole snapshot each, published by rename, merged under a lock.

Readers never wait, since a published file is never written again: a writer makes a new one beside
it. Writers wait for each other at a lock of the system, which ends with the process that holds it.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress

from ..durable import sync_folder
from ..errors import StorageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FORMAT = 1
"""Layout of the files that this version writes and reads."""

NEW = ".modelbook.new"
"""Ending of a file that is prepared but not yet in its place."""

Stamp = tuple[int, int, int]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other writers of a file out; wait for them first."""
    import fcntl

    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise StorageError(f"cannot lock `{path}`: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def stamp(path: Path) -> Stamp | None:
    """Return what changes when a file is published anew; None where there is none.

    Raises `StorageError` for what is no regular file.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read `{path}`: {error.strerror}") from None
    if not stat.S_ISREG(found.st_mode):
        raise StorageError(f"`{path}` is no regular file")
    return found.st_ino, found.st_mtime_ns, found.st_size


def publish(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file, whole or not at all; the caller keeps others out (`alone`).

    What writers left that were killed is cleared away.
    """
    made = path.with_name(f".{path.name}{NEW}")
    try:
        _clear(made)
        write(made)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            made.chmod(stat.S_IMODE(path.stat().st_mode))
        made.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        told = error.strerror or str(error)
        raise StorageError(f"cannot write `{path}`: {told}") from None
    finally:
        with suppress(OSError):
            _clear(made)


def _clear(made: Path) -> None:
    """Remove a prepared file, and what a database keeps beside one while it writes."""
    for one in (made, made.with_name(f"{made.name}.wal")):
        one.unlink(missing_ok=True)


def foreign(path: Path, why: str) -> StorageError:
    """Return the error for a file that is none of ours; such a file is never written."""
    return StorageError(f"`{path}` is not read, and not overwritten: {why}")


def newer(path: Path, stated: object) -> StorageError:
    """Return the error for a file of another layout."""
    return foreign(path, f"it has format {stated!r}, and this modelbook reads {FORMAT}")

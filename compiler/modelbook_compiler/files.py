"""Files written whole or not at all: temporary file, fsync, rename."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from modelbook.durable import sync_folder

Stamp: TypeAlias = bytes
"""What tells whether a file has changed, without reading it."""

UNSETTLED: Stamp = b""
"""In place of a stamp that says nothing."""

STAMP = struct.Struct(">qqqQI")
TICK = 20_000_000
"""Nanoseconds; more than the clock of a file system takes for one step."""

IGNORED = ("README.md", ".gitkeep", ".DS_Store", ".swp", "~")
"""Endings of names that are no part of the catalog: pages for people, and editors' leftovers."""

MAX_FOLDERS = 30
"""Deepest nesting of folders; what stands deeper has no place."""

SUFFIX = ".modelbook.new"
"""Ending of a file (or folder) that is prepared but not yet in its place; no one else's ends so."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other compiles out of a folder while this one plans and writes; wait for them first.

    A folder that was made for this and is still empty at the end is taken away again.
    """
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    descriptor = _lock(folder)
    try:
        yield
    finally:
        with suppress(OSError):  # it is not empty
            for one in made:
                one.rmdir()
        os.close(descriptor)


def _lock(folder: Path) -> int:
    """Return a descriptor of a folder that holds its lock; the folder is made where it is not."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = lock(folder)
        if descriptor is not None:
            return descriptor


def lock(folder: Path) -> int | None:
    """Return a descriptor of a folder that holds its lock; None if the folder went away meanwhile.

    Whoever held the lock before may have taken the folder away, or put another one in its place.
    """
    with suppress(FileNotFoundError), ExitStack() as stack:
        descriptor = os.open(folder, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.samestat(os.fstat(descriptor), folder.stat()):
            stack.pop_all()
            return descriptor
    return None


def replace_file(built: Path, target: Path) -> None:
    """Put a finished file in its place, durably."""
    with built.open("rb") as file:
        os.fsync(file.fileno())
    built.replace(target)
    sync_folder(target.parent)


def write_file(target: Path, content: bytes) -> None:
    """Write one file, whole or not at all."""
    if os.path.lexists(target) and (target.is_symlink() or not target.is_file()):
        raise FileExistsError(errno.EEXIST, "it is not a regular file", str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    prepared = target.with_name(f"{target.name}.{os.getpid()}{SUFFIX}")  # several may write at once
    try:
        write_whole(prepared, content)
        if target.exists():
            prepared.chmod(stat.S_IMODE(target.stat().st_mode))
        prepared.replace(target)
    finally:
        prepared.unlink(missing_ok=True)
    sync_folder(target.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write bytes to a file and wait until they are on disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def stamp(found: os.stat_result, settled: int | None = None) -> Stamp:
    """Return what changes when a file does: its times of change in ns, size, inode and mode.

    With a time in ns, `UNSETTLED` for a file that was written then or later.
    """
    modified, changed = found.st_mtime_ns, found.st_ctime_ns
    if settled is not None and (modified >= settled or changed >= settled):
        return UNSETTLED
    return STAMP.pack(modified, changed, found.st_size, found.st_ino, found.st_mode)


def walk(root: Path, now: int | None = None) -> dict[str, Stamp]:
    """Return path and stamp (see `stamp`) of all that are not folders, without following links.

    With the time in ns, files that were written just now are `UNSETTLED`: the clock of a file
    system is coarse, so that a file written twice within one tick looks the same.

    What goes away meanwhile is not there. The loop is as plain as it can be: most of a check that
    finds nothing changed is spent in it.
    """
    found: dict[str, Stamp] = {}
    settled = None if now is None else now - TICK
    left = [""]
    while left:
        below = left.pop()
        deep = below.count("/") >= MAX_FOLDERS
        for name, entry in _entries(f"{root}/{below}"):
            if stat.S_ISDIR(entry.st_mode) and not deep and not name.endswith(".yaml"):
                left.append(f"{below}{name}/")
            elif not name.endswith(IGNORED):
                found[below + name] = stamp(entry, settled)
    return found


def _entries(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what is in a folder; of one that went away, or is a file now, nothing.

    Through a descriptor: a name is looked up faster in an open folder than by its whole path.
    """
    with suppress(FileNotFoundError, NotADirectoryError), ExitStack() as stack:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, descriptor)
        for name in os.listdir(descriptor):  # noqa: PTH208  # a descriptor, not a path
            try:
                yield name, os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            except FileNotFoundError:
                continue


def read_regular(path: Path) -> bytes:
    """Return the bytes of a regular file; raise `OSError` for anything else, without waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileExistsError(errno.EEXIST, "it is not a regular file", str(path))
        return file.read()

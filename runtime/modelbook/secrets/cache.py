"""Decrypted files in memory: a folder and vendors -> their records, each file opened once.

What is kept is looked at again on disk after `FRESH` seconds, and at once after `clear()` or a
write of this process: asking the disk each time would cost more than the answer. It is kept only
while file and `.sops.yaml` are the same; errors are not kept. Nothing survives a fork.
"""

from __future__ import annotations

import os
import threading
import time

from .answers import ANSWERS
from .folder import Folder
from .ids import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from .record import Kept
    from .sops.commands import Tool

    Key: TypeAlias = tuple[str, str, str, Tool]
    Stamp: TypeAlias = tuple[int, ...]

FRESH = 1.0
"""Seconds for which the disk is not asked whether a file has changed."""

THREADS = 4
"""Files that are opened at a time."""


class _Entry:
    """What is known of one file."""

    __slots__ = ("checked", "lock", "records", "stamp")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.checked = float("-inf")
        self.stamp: Stamp = ()
        self.records: dict[str, Kept] = {}


_entries: dict[Key, _Entry] = {}


def read(folder: Folder, vendor: str) -> dict[str, Kept]:
    """Return the decrypted records of a vendor by name; raises what `Folder.read` does.

    Threads that ask for the same file wait for the one that opens it. Do not change the mapping.
    """
    key = (str(folder.root), folder.environment, vendor, folder.tool)
    entry = _entries.get(key)
    if entry is not None and time.monotonic() - entry.checked < FRESH:
        return entry.records
    entry = _entries.setdefault(key, _Entry())
    with entry.lock:
        if time.monotonic() - entry.checked >= FRESH:
            _refresh(entry, folder, vendor)
        return entry.records


def read_many(folder: Folder, vendors: Iterable[str]) -> dict[str, dict[str, Kept]]:
    """Return the decrypted records of several vendors, opened a few at a time."""
    from concurrent.futures import ThreadPoolExecutor

    asked = list(dict.fromkeys(vendors))
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(asked, pool.map(lambda one: read(folder, one), asked), strict=True))


def clear() -> None:
    """Forget every decrypted record, and what was answered from it."""
    _entries.clear()
    ANSWERS.clear()


def _refresh(entry: _Entry, folder: Folder, vendor: str) -> None:
    """Open a file again, unless it is as it was. What was kept is gone if that fails."""
    entry.checked = float("-inf")
    stamp = _stamp(folder, vendor)
    if not stamp or stamp != entry.stamp:
        entry.stamp, entry.records = (), {}
        entry.records = folder.read(vendor)
        entry.stamp = stamp  # of before: a file that changed meanwhile is read again
    entry.checked = time.monotonic()


def _stamp(folder: Folder, vendor: str) -> Stamp:
    """Return what changes when a file or the rules do; nothing where one is missing."""
    found: list[int] = []
    for where in (folder.place(vendor), RULES):
        try:
            one = os.stat(folder.root / where, follow_symlinks=False)  # noqa: PTH116
        except OSError:
            return ()
        found += (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns)
    return tuple(found)


os.register_at_fork(after_in_child=clear)

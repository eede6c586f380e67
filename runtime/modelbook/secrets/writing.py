"""Change the records of one vendor: a pure function of them -> a new file, whole or not at all.

One writer at a time; what was there is checked before sops touches it, what sops made is opened
and compared before it takes the place of the old file. Temporary files hold encrypted text only.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from ..durable import sync_folder
from . import cache
from .bare import bare
from .errors import SecretStateError, SopsError, SopsFileMissingError, SopsTimeoutError
from .folder import Folder, locked
from .record import kept, plain, sealed
from .secret import valid
from .sops import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from .record import Kept, Plain

    Records: TypeAlias = dict[str, Kept]

PATIENCE = 60.0
"""Seconds to wait for other writers of the same environment."""

ROOM = "is there room on the disk, and may you write there? The file is as it was"
"""What to do about a file that cannot be written."""

LEFT = re.compile(r"\.[a-z0-9][a-z0-9-]{0,62}\.[0-9]+\.[a-z]+\.tmp\.yaml\Z", re.ASCII)
"""Names of temporary files, which a run that was killed leaves behind."""


@bare
def write(folder: Folder, vendor: str, change: Callable[[Records], Records]) -> Records:
    """Change the records of a vendor, and return them as they are now.

    `change` gets the records by name (none where there is no file) and returns the ones to keep;
    it has no other effect. Their seals are made here. Without any record left the file is removed.
    """
    with alone(folder):
        try:
            raw: bytes | None = folder.raw(vendor)
        except SopsFileMissingError:
            raw = None
        before = {} if raw is None else folder.opened(vendor, raw)
        after = _settled(folder, vendor, change(dict(before)))
        if after == before:
            return before
        if not after:
            _remove(folder, vendor)
        else:
            replace(folder, vendor, after)
        return after


def replace(folder: Folder, vendor: str, records: Records) -> None:
    """Put records in the place of a vendor's file, with a data key that nobody has seen before.

    `sops set` would keep the old one, and whoever made that knows it: somebody who has left, or
    who knew the public keys alone and gave us a file of his own to go on with. What sops made must
    open to the same records. The caller holds `alone`.
    """
    where = folder.place(vendor)
    data: dict[str, Plain] = {name: plain(one) for name, one in records.items()}
    whole: dict[str, Plain] = {folder.environment: {vendor: data}}
    raw = commands.encrypt(folder.tool, whole, folder.rule(vendor), where)
    if folder.opened(vendor, raw) != records:
        raise SopsError(f"{where}: sops made a file that says something else", path=where)
    try:
        publish(folder.root / where, raw, temporary(folder, vendor))
    finally:
        cache.clear()


def publish(target: Path, content: bytes, scratch: Path) -> None:
    """Write a file whole or not at all: a new one beside it, on disk, then renamed over it."""
    told = ""
    try:
        try:
            _create(scratch, content)
            with suppress(FileNotFoundError):
                scratch.chmod(stat.S_IMODE(target.stat().st_mode))
            scratch.replace(target)
            sync_folder(target.parent)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        told = error.strerror or "it cannot be written"
    if told:
        raise SopsError(f"{target.name} was not written: {told}", path=str(target), hint=ROOM)


def _create(path: Path, content: bytes) -> None:
    """Write a new file that only we can read, and wait until it is on disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o600), "wb") as file:  # noqa: PTH123  # a descriptor
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def temporary(folder: Folder, vendor: str) -> Path:
    """Return the name of a temporary file beside a vendor's file."""
    return folder.path / f".{vendor}.{os.getpid()}.new.tmp.yaml"


@contextmanager
def alone(folder: Folder, patience: float = PATIENCE) -> Iterator[None]:
    """Keep other writers out of an environment; wait for them first, at most so many seconds.

    The lock is one of the folder itself: nothing is left of it. What killed runs left is removed.
    """
    folder.rules()  # before a folder is made
    descriptor = _locked(folder, time.monotonic() + patience)
    try:
        for name in os.listdir(descriptor):  # noqa: PTH208  # a descriptor, not a path
            if LEFT.match(name):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=descriptor)
        yield
    finally:
        os.close(descriptor)


def _locked(folder: Folder, until: float) -> int:
    """Return a descriptor of the folder of an environment that holds its lock."""
    told, descriptor, pause = "", None, 0.002
    while descriptor is None and not told:
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            descriptor = locked(folder.path, fcntl.LOCK_EX)
        except OSError as error:
            told = error.strerror or "it cannot be locked"
        if descriptor is None and not told:
            if time.monotonic() > until:
                hint = "is another `modelbook secrets` waiting for something?"
                message = f"{folder.path} is being written by somebody else"
                raise SopsTimeoutError(message, path=str(folder.path), hint=hint)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
    if descriptor is None:
        message = f"{folder.path} cannot be written: {told}"
        raise SopsError(message, path=str(folder.path), hint=ROOM)
    return descriptor


def _settled(folder: Folder, vendor: str, records: Records) -> Records:
    """Return records that may be written: in their own place, of the right form, sealed."""
    found: Records = {}
    for name, one in records.items():
        if one.id != f"{vendor}/{name}" or one.environment != folder.environment:
            raise SecretStateError(f"{one.id} is not kept there", id=one.id)
        for slot in one.slots().values():
            valid(slot.value)
        new = sealed(one)
        found[name] = kept(folder.environment, one.id, plain(new))
    return found


def _remove(folder: Folder, vendor: str) -> None:
    """Remove the file of a vendor that has no records any more."""
    told = ""
    try:
        (folder.root / folder.place(vendor)).unlink(missing_ok=True)
        sync_folder(folder.path)
    except OSError as error:
        told = error.strerror or "it cannot be removed"
    finally:
        cache.clear()
    if told:
        where = folder.place(vendor)
        raise SopsError(f"{where} was not removed: {told}", path=where, hint=ROOM)

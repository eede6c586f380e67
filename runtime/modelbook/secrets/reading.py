"""Path -> the bytes of a file that may be believed, or why it may not. Never hangs, never raises.

What is read holds keys, so nothing here keeps it in a variable while an error is on its way.
"""

from __future__ import annotations

import errno
import os
import stat

from ..record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

LARGEST = 262_144
"""Bytes of the largest file that is read."""

ABSENT = (errno.ENOENT, errno.ENOTDIR)


class Fault(Record):
    """Why a source or a file cannot be used, in words that hold nothing of what it holds."""

    words: str
    hint: str = ""
    path: str = ""
    line: int | None = None


class Content:
    """The bytes of a file, which show themselves in no traceback."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def text(self) -> str | None:
        """Return the text, without the mark that editors put first; None if it is not UTF-8."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None


class TwiceError(ValueError):
    """A name that stands twice in one mapping."""


def once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object as a dictionary; raise `TwiceError` for a name not new."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise TwiceError
        found[name] = value
    return found


def content(path: str, *, own: bool) -> Content | Fault | None:
    """Return what is in a regular file; None where there is none.

    Others must not be able to write it. With `own` it must be the user's and only his to read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        return None if number in ABSENT else unreadable(path, number)
    try:
        return distrust(os.fstat(descriptor), path, own=own) or _read(descriptor, path)
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: str) -> Content | Fault:
    """Return the bytes of an open file."""
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            held = Content(file.read(LARGEST + 1))
    except OSError as error:
        return unreadable(path, error.errno)
    if len(held.data) > LARGEST:
        return Fault(words=f"is larger than {LARGEST // 1024} KiB", path=path)
    return held


def distrust(found: os.stat_result, path: str, *, own: bool) -> Fault | None:
    """Return why a file must not be believed, from what the system says of it; None if it may."""
    if not stat.S_ISREG(found.st_mode):
        return Fault(words="is no regular file", hint="name a file", path=path)
    if own and found.st_uid != os.geteuid():
        return Fault(words="belongs to another user", hint="use a file of your own", path=path)
    if own and found.st_mode & 0o077:
        words = f"can be read or written by others (mode {stat.S_IMODE(found.st_mode):04o})"
        return Fault(words=words, hint=f"chmod 600 {path}", path=path)
    if found.st_mode & stat.S_IWOTH:
        return Fault(words="can be written by everybody", hint=f"chmod o-w {path}", path=path)
    return None


def unreadable(path: str, number: int | None) -> Fault:
    """Return the fault of a file that the system does not let us read."""
    why = os.strerror(number) if number is not None else "this is no path"
    return Fault(words=f"cannot be read: {why}", path=path)

"""Folders and small files, read with bounds: what cannot be read is a problem, never an error."""

from __future__ import annotations

import json
import os
import stat
from typing import Any, NamedTuple, NoReturn

from .found import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_JSON = 20_000_000
"""Bytes; larger configuration files are refused."""
MAX_DEPTH = 12
"""Deepest nesting of folders that is followed."""
MAX_FILES = 100_000
"""More files below one folder are not listed."""


class UnreadableError(Exception):
    """A file that does not say what its format promises; the message says why, for people."""


class File(NamedTuple):
    """A file of a model."""

    path: str
    size: int
    """Bytes."""
    blob: str
    """Where the content lies: the first target of a symbolic link, else the path."""
    modified: float
    """Seconds since the epoch."""


class Tree(NamedTuple):
    """The files below a folder, by their path in it with `/`."""

    files: Mapping[str, File]
    missing: tuple[str, ...]
    """Links to what is not there."""
    problems: tuple[Problem, ...]


def tree(folder: str, *, below: bool = True) -> Tree:
    """Return the files in a folder, and those below it; symbolic links to folders are left out."""
    files: dict[str, File] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    left = [("", folder, 0)]
    while left:
        prefix, place, depth = left.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(Problem(place=place, text=refusal(error)))
            continue
        for entry in entries:
            name = prefix + entry.name
            if is_folder(entry, follow=False):
                if below:
                    left.append((f"{name}/", entry.path, depth + 1))
            elif (file := _file(entry)) is not None:
                files[name] = file
            elif not entry.is_symlink():  # a pipe, a device
                problems.append(Problem(place=entry.path, text="is no regular file"))
            elif not os.path.exists(entry.path):  # noqa: PTH110
                missing.append(name)
        if depth >= MAX_DEPTH or len(files) > MAX_FILES:
            problems.append(Problem(place=place, text="too deep or too many files; not all read"))
            break
    return Tree(files, tuple(missing), tuple(problems))


def is_folder(entry: os.DirEntry[str], *, follow: bool) -> bool:
    """Tell whether an entry is a folder, or (if links are followed) a link to one."""
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        return False


def _file(entry: os.DirEntry[str]) -> File | None:
    """Return a file; None for what is none, or is not there, or leads to a folder."""
    try:
        blob = entry.path
        if entry.is_symlink():
            beside, target = os.path.dirname(blob), os.readlink(blob)  # noqa: PTH115, PTH120
            blob = os.path.normpath(os.path.join(beside, target))  # noqa: PTH118
        found = os.stat(blob)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):  # a pipe would wait for its writer for ever
        return None
    return File(entry.path, found.st_size, blob, found.st_mtime)


def refusal(error: OSError) -> str:
    """Return in words why the system refused."""
    return f"cannot be read: {error.strerror or type(error).__name__}"


def read_bytes(path: str, limit: int) -> bytes:
    """Return the content of a file of at most `limit` bytes; raise `UnreadableError`."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(limit + 1)
    except OSError as error:
        raise UnreadableError(refusal(error)) from None
    if len(content) > limit:
        raise UnreadableError(f"is larger than {limit:,} bytes")
    return content


def parse_json(content: bytes, *, strict: bool = False) -> Any:
    """Return what JSON says; raise `UnreadableError`. `NaN` and its like are None: no number.

    Where it must be `strict`, those are refused, and so is a name given twice in an object.
    """
    try:
        if strict:
            return json.loads(content, object_pairs_hook=_unique, parse_constant=_refuse)
        return json.loads(content, parse_constant=lambda _: None)
    except RecursionError:
        raise UnreadableError("is nested too deep") from None
    except ValueError as error:  # also: not UTF-8, and whole numbers of thousands of digits
        said = getattr(error, "msg", None) or "its text or a number in it has no meaning"
        raise UnreadableError(f"is not JSON: {said}") from None


def _refuse(text: str) -> NoReturn:
    """Refuse `NaN` and its like."""
    raise ValueError(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of an object as a dictionary; refuse a name that is there twice."""
    out = dict(pairs)
    if len(out) < len(pairs):
        raise UnreadableError("gives a name twice in an object")
    return out


def read_json(file: File | None, problems: list[Problem]) -> Any:
    """Return what a JSON file says; None where there is none, or with a problem noted."""
    if file is None:
        return None
    try:
        return parse_json(read_bytes(file.path, MAX_JSON))
    except UnreadableError as error:
        problems.append(Problem(place=file.path, text=str(error)))
        return None

"""A whole catalog in one file, as a wheel carries it: written from a folder, read without YAML.

NDJSON, compressed: a line that says what it is, then path and data of each file, then the text of
each file in the same order, which only messages need.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from .discover import discover, folder
from .files import walk
from .parse import parse
from .values import Document, Json, SourceFile

NAME = "_catalog.ndjson.xz"
"""Name of the file in a package."""

FORMAT = 1
SCHEMA = 1
"""Version of the catalog format, as manifests state it."""
_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


AGAIN = "install it again"
UPGRADE = "upgrade modelbook: the package was made for a newer one"
BROKEN = (OSError, EOFError, lzma.LZMAError, ValueError, KeyError, TypeError, RecursionError)
"""What reading ends in where a file is not as `pack` writes it."""


class DamagedError(Exception):
    """A packed catalog cannot be read; `hint` says what to do."""

    def __init__(self, message: str = "it is damaged", hint: str = AGAIN) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Head:
    """What a packed catalog says of itself."""

    files: int
    manifest: dict[str, Json]


def pack(root: Path) -> bytes:
    """Return the catalog in a folder as one file. Raises `ValueError` for one that is broken.

    That it is sound is for `modelbook check` to say.
    """
    layer = folder(root)
    found = discover(layer, walk(root))
    kept = list(map(_sound, sorted(found.files, key=lambda one: one.path)))
    if found.problems:
        raise ValueError(f"{found.problems[0].path}: {found.problems[0].message}")
    (manifest,) = (one.data for one in kept if one.source.kind == "manifest")
    lines = [{"format": FORMAT, "files": len(kept), "manifest": manifest}]
    data = [[one.source.path.removeprefix(layer.shown), one.data] for one in kept]
    texts = [one.source.raw.decode() for one in kept if isinstance(one.source, SourceFile)]
    return lzma.compress("\n".join(map(_line, [*lines, *data, *texts])).encode() + b"\n")


def _sound(source: SourceFile) -> Document:
    """Return the document of a file; raise `ValueError` for one that is broken."""
    read = parse(source)
    if not isinstance(read, Document):
        raise ValueError(f"{read.path}: {read.message}")
    return read


def head(path: Path) -> Head:
    """Return what a packed catalog says of itself; reads no more than its first line."""
    try:
        with lzma.open(path) as file:
            found = json.loads(file.readline())
        versions = {"format": (found["format"], FORMAT)}
        versions["schema"] = (found["manifest"]["schema"], SCHEMA)
        files, manifest = found["files"], found["manifest"]
    except BROKEN as error:
        raise DamagedError from error
    for name, (its, ours) in versions.items():
        if its != ours:
            raise DamagedError(f"its {name} is {its}, and this version reads {ours}", UPGRADE)
    if type(files) is not int:
        raise DamagedError
    return Head(files, manifest)


def data(path: Path) -> Iterator[tuple[str, bytes, dict[str, Json]]]:
    """Yield path, digest and data of each file; raise `DamagedError` where they cannot be read."""
    for line in _lines(path)[0]:
        try:
            name, found = json.loads(line)
        except BROKEN as error:
            raise DamagedError from error
        if not isinstance(name, str) or not isinstance(found, dict):
            raise DamagedError
        yield name, blake2b(line, digest_size=16).digest(), found


def texts(path: Path) -> Mapping[str, bytes]:
    """Return the text of each file by its path."""
    return _texts(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _texts(path: Path, _changed: int) -> Mapping[str, bytes]:
    """Return the texts of a packed catalog that was last changed at a time."""
    named, told = _lines(path)
    try:
        return {
            json.loads(name)[0]: str(json.loads(text)).encode()
            for name, text in zip(named, told, strict=True)
        }
    except BROKEN as error:
        raise DamagedError from error


def _lines(path: Path) -> tuple[list[bytes], list[bytes]]:
    """Return the lines of data and those of texts."""
    count = head(path).files
    try:
        lines = lzma.decompress(path.read_bytes()).split(b"\n")[:-1]
    except BROKEN as error:
        raise DamagedError from error
    if len(lines) != 1 + 2 * count:
        raise DamagedError
    return lines[1 : 1 + count], lines[1 + count :]

"""What the last check of a catalog saw: what has not changed needs no work again.

Two memories, in the user's cache folder. The index says under which stamps of all files the catalog
was clean: while no stamp differs, the answer is known without reading anything. The store holds
what was read and found, so that after an edit only what it concerns is looked at. A memory that is
damaged, or of other code or schemas, is no memory.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import blake2b, sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import modelbook

from .files import SUFFIX, UNSETTLED, Stamp, read_regular, stamp, walk
from .resources import HERE, schema_folder

if TYPE_CHECKING:
    from .store import Store

HEAD = 48
"""Bytes before the body of a memory."""

LIBRARIES = ("jsonschema", "jsonschema_rs", "packaging", "yaml")
"""Libraries whose versions may decide an outcome, by import name."""


class Memory:
    """What is remembered of one catalog folder."""

    def __init__(self, root: Path, now: int) -> None:
        """Take the stamps of a catalog folder; `now` is the time in ns since 1970, UTC."""
        place = root.resolve()
        name = blake2b(os.fsencode(place), digest_size=12).hexdigest()
        self._folder = cache_folder() / name
        self.walked: Mapping[str, Stamp] = walk(place, now)
        """All files and their stamps, taken before anything is read: later changes must show."""

    def clean_files(self) -> int | None:
        """Return how many files the catalog has if it was clean and nothing changed since."""
        found = _load(self._folder / "index")
        try:
            index = json.loads(found) if found else {}
        except (ValueError, RecursionError):
            return None
        known = isinstance(index, dict) and index.get("stamps") == self._digest
        return len(self.walked) if known else None

    def store(self) -> Store | None:
        """Return what the last check left, if there is anything."""
        import sqlite3

        from .store import Store

        content = _load(self._folder / "store")
        try:
            return Store(content) if content else None
        except sqlite3.Error:
            return None

    def keep(self, store: Store | None, *, clean: bool) -> None:
        """Remember a check, and whether the whole catalog was clean; without a store, only that.

        A folder that cannot be written is no problem: the next check works as this one did.
        """
        settled = UNSETTLED not in self.walked.values()
        index = {"stamps": self._digest} if clean and settled else {}
        try:
            if store is not None:
                _save(self._folder / "store", store.content())
            _save(self._folder / "index", json.dumps(index).encode())
        except OSError:
            return

    @cached_property
    def _digest(self) -> str:
        """Return the digest of all paths and stamps."""
        paths = sorted(self.walked)
        found = blake2b(os.fsencode("\0".join(paths)), digest_size=16)
        found.update(b"".join(map(self.walked.__getitem__, paths)))
        return found.hexdigest()


def cache_folder() -> Path:
    """Return the user's cache folder of modelbook: `MODELBOOK_CACHE`, or by the XDG rules."""
    chosen = os.environ.get("MODELBOOK_CACHE")
    if chosen:
        return Path(os.path.expanduser(chosen))  # noqa: PTH111  # no home is no error here
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(base)) / "modelbook"  # noqa: PTH111  # no home is no error here


@cache
def _tool() -> bytes:
    """Return the digest of what decides a check's outcome besides the catalog: code and schemas."""
    folders = (HERE, Path(modelbook.__file__).parent, schema_folder())
    code = [one for folder in folders for one in sorted(walk(folder).items())]
    own = [one for one in code if "__pycache__" not in one[0]]
    libraries = [stamp(Path(origin).stat()) for origin in map(_origin, LIBRARIES) if origin]
    return blake2b(repr((own, libraries, sys.version)).encode(), digest_size=16).digest()


def _origin(library: str) -> str | None:
    """Return the file that a library is imported from, which every version writes anew."""
    found = find_spec(library)
    return found.origin if found else None


def _load(path: Path) -> bytes | None:
    """Return a memory by the same code and schemas, whole as it was written; else None."""
    try:
        found = read_regular(path)
    except OSError:
        return None
    head, body = found[:HEAD], found[HEAD:]
    return body if head == _head(body) else None


def _save(path: Path, body: bytes) -> None:
    """Write a memory with what it takes to know it again: a loss is noticed, so none is synced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prepared = path.with_name(f"{path.name}.{os.getpid()}{SUFFIX}")
    try:
        prepared.write_bytes(_head(body) + body)
        prepared.replace(path)
    finally:
        prepared.unlink(missing_ok=True)


def _head(body: bytes) -> bytes:
    """Return what stands before a memory: the digests of the tool that wrote it, and of itself."""
    return _tool() + sha256(body).digest()

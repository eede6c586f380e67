"""What the last check of a catalog saw: what has not changed needs no work again.

Two memories, in the user's cache folder. The index holds the stamps of all files of a catalog that
was clean: while no stamp differs, the answer is known without reading anything. The store holds
what was read and found, so that after an edit only what it concerns is looked at. A memory that is
damaged, or of other code or schemas, is no memory.

Nothing that takes long to import is imported for the index: a check that finds nothing changed is
over by then.
"""

from __future__ import annotations

import os
import sys
from binascii import crc32
from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import modelbook

from .files import SUFFIX, UNSETTLED, Stamp, read_regular, stamp, walk
from .guarded import stamps as beside
from .manifests import may_name_layers
from .resources import HERE, schema_folder

if TYPE_CHECKING:
    from .layers import Resolved
    from .store import Store

HEAD = 32
"""Bytes before the body of a store."""

LIBRARIES = ("jsonschema", "jsonschema_rs", "packaging", "yaml")
"""Libraries whose versions may decide an outcome, by import name."""


class Memory:
    """What is remembered of one catalog folder."""

    def __init__(self, root: Path, now: int) -> None:
        """Take the stamps of a catalog folder; `now` is the time in ns since 1970, UTC."""
        self._place = root.resolve()
        folder = f"{crc32(os.fsencode(self._place)):08x}"  # two catalogs in one take turns
        self._folder = cache_folder() / folder
        self._beside = beside(self._place, now)
        self.walked: Mapping[str, Stamp] = self._walk(now)
        """Shown paths of all files and their stamps, taken before anything is read: later changes
        must show. A packed catalog has one, without a path in it."""

    def _walk(self, now: int) -> dict[str, Stamp]:
        """Return the stamps of all layers; of most catalogs, which stand on none, its own."""
        own = walk(self._place, now)
        mine = {f"{self._place.name}/{path}": one for path, one in own.items()}
        if not may_name_layers(_manifest(self._place)):
            return mine
        from .layers import stamps

        below = self.resolved.layers[:-1]
        return {path: one for layer in below for path, one in stamps(layer, now).items()} | mine

    @cached_property
    def resolved(self) -> Resolved:
        """The layers of the catalog."""
        from .layers import resolve

        return resolve(self._place)

    def clean_files(self) -> int | None:
        """Return how many files the catalog has if it was clean and nothing changed since."""
        known = _read(self._folder / "index") == self._index
        if not known:
            return None
        packs = self.resolved.layers if any(one[-1] == ":" for one in self.walked) else ()
        return len(self.walked) + sum(one.files - 1 for one in packs if one.files)

    def store(self) -> Store | None:
        """Return what the last check left, if there is anything."""
        import sqlite3

        from .store import Store

        content = self._load()
        try:
            return Store(content) if content else None
        except sqlite3.Error:
            return None

    def keep(self, store: Store | None, *, clean: bool) -> None:
        """Remember a check, and whether the whole catalog was clean; without a store, only that.

        A folder that cannot be written is no problem: the next check works as this one did.
        """
        seen = (*self.walked.values(), *self._beside.values())
        settled = UNSETTLED not in seen
        try:
            if store is not None:
                body = store.content()
                _save(self._folder / "store", self._head(body), body)
            _save(self._folder / "index", self._index if clean and settled else b"")
        except OSError:
            return

    def _load(self) -> memoryview | None:
        """Return the store by the same code and schemas, whole as it was written; else None."""
        found = memoryview(_read(self._folder / "store"))
        body = found[HEAD:]  # without a copy: it is large
        return body if found[:HEAD] == self._head(body) else None

    def _head(self, body: bytes | memoryview) -> bytes:
        """Return what stands before a store: the digest of who wrote it, and of its own bytes."""
        from hashlib import sha256

        return sha256(sha256(body).digest() + self._tool).digest()

    @cached_property
    def _index(self) -> bytes:
        """Return all paths and stamps, and what else decides an outcome.

        In the order of the walk: a folder that did not change is read in the same order.
        """
        paths, stamps = os.fsencode("\0".join(self.walked)), b"".join(self.walked.values())
        secrets = repr(sorted(self._beside.items())).encode("utf-8", "backslashreplace")
        return b"\0".join((self._tool, paths, stamps, secrets))

    @cached_property
    def _tool(self) -> bytes:
        """Return what decides a check's outcome besides the files: their place, code, schemas."""
        folders = (HERE, Path(modelbook.__file__).parent, schema_folder())
        code = [one for folder in folders for one in sorted(walk(folder).items())]
        own = [one for one in code if "__pycache__" not in one[0]]
        libraries = [stamp(Path(origin).stat()) for origin in map(_origin, LIBRARIES) if origin]
        return repr((self._place, own, libraries, sys.version)).encode()


def _manifest(root: Path) -> bytes:
    """Return the bytes of a catalog's manifest."""
    return _read(root / "catalog.yaml")


def cache_folder() -> Path:
    """Return the user's cache folder of modelbook: `MODELBOOK_CACHE`, or by the XDG rules."""
    chosen = os.environ.get("MODELBOOK_CACHE")
    if chosen:
        return Path(os.path.expanduser(chosen))  # noqa: PTH111  # no home is no error here
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(base)) / "modelbook"  # noqa: PTH111  # no home is no error here


def _origin(library: str) -> str | None:
    """Return the file that a library is imported from, which every version writes anew."""
    found = find_spec(library)
    return found.origin if found else None


def _read(path: Path) -> bytes:
    """Return the bytes of a memory; none where there is none."""
    try:
        return read_regular(path)
    except OSError:
        return b""


def _save(path: Path, *parts: bytes) -> None:
    """Write a memory. A loss is noticed, so none is synced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prepared = path.with_name(f"{path.name}.{os.getpid()}{SUFFIX}")
    try:
        with prepared.open("wb") as file:
            file.writelines(parts)
        prepared.replace(path)
    finally:
        prepared.unlink(missing_ok=True)

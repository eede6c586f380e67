"""What the last check of a catalog saw: files that have not changed need no work again.

Two memories, in the user's cache folder. The index holds the stamp of every file of a clean
catalog: while no stamp differs, the answer is known without reading anything. The documents hold
what was read from files that were in order, by the digest of their bytes. A memory that is damaged,
or of other code or schemas, is no memory; a file that is not in order is never remembered.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import modelbook

from .files import stamps, write_file
from .resources import HERE, schema_folder
from .values import Document, SourceFile

LIBRARIES = ("jsonschema", "jsonschema-rs", "packaging", "pyyaml")
"""Libraries whose versions may decide an outcome."""


class Memory:
    """What is remembered of one catalog folder."""

    def __init__(self, root: Path) -> None:
        place = root.resolve()
        name = blake2b(os.fsencode(place), digest_size=12).hexdigest()
        self._now = dict(stamps(str(place)))  # before anything is read: later changes must show
        self._folder = cache_folder() / name
        self._units = ""
        self._known: dict[str, Any] = {}

    def clean_files(self) -> int | None:
        """Return how many files the catalog has if it was clean and nothing changed since."""
        index = _load(self._folder / "index.json")
        if not index or index.get("stamps") != self._now:
            return None
        files = index.get("files")
        return files if isinstance(files, int) else None

    def under(self, units: str) -> None:
        """Load what is known of files under a unit registry, which decides their shape."""
        found = _load(self._folder / "documents.json")
        self._units = units
        self._known = dict(found["documents"]) if found.get("units") == units else {}

    def recall(self, source: SourceFile) -> Document | None:
        """Return the document of a file that was in order when it had the same bytes, if known."""
        kept = self._known.get(source.path)
        if not isinstance(kept, list) or kept[0] != digest(source.raw):
            return None
        return Document(source, kept[1])

    def keep(self, documents: Iterable[Document], *, clean: bool, files: int) -> None:
        """Remember the documents of a check, and whether the whole catalog was clean.

        A folder that cannot be written is no problem: the next check works as this one did.
        """
        kept = {one.source.path: [digest(one.source.raw), one.data] for one in documents}
        try:
            if kept != self._known:
                body = {"units": self._units, "documents": kept}
                _save(self._folder / "documents.json", body)
            index = {"stamps": self._now, "files": files} if clean else {}
            _save(self._folder / "index.json", index)
        except (OSError, ValueError):
            return


def cache_folder() -> Path:
    """Return the user's cache folder of modelbook: `MODELBOOK_CACHE`, or by the XDG rules."""
    chosen = os.environ.get("MODELBOOK_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(base)) / "modelbook"  # noqa: PTH111  # no home is no error here


def digest(raw: bytes) -> str:
    """Return the digest of a file's bytes."""
    return blake2b(raw, digest_size=16).hexdigest()


@cache
def _tool() -> str:
    """Return the digest of what decides a check's outcome besides the catalog: code and schemas."""
    folders = (HERE, Path(modelbook.__file__).parent, schema_folder())
    code = [stamp for folder in folders for stamp in sorted(stamps(str(folder)))]
    own = [stamp for stamp in code if "__pycache__" not in stamp[0]]
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    return blake2b(repr((own, versions, sys.version)).encode(), digest_size=16).hexdigest()


def _load(path: Path) -> Mapping[str, Any]:
    """Return a memory by the same code and schemas, whole as it was written; else an empty one."""
    try:
        tool, check, body = path.read_text(encoding="utf-8").split("\n", 2)
        if tool != _tool() or check != digest(body.encode()):
            return {}
        found: Mapping[str, Any] = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _save(path: Path, body: Mapping[str, Any]) -> None:
    """Write a memory with what it takes to know it again."""
    text = json.dumps(body)
    write_file(path, f"{_tool()}\n{digest(text.encode())}\n{text}".encode())

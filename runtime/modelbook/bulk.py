"""The models of bulk sources: a SQLite file beside the generated modules, asked one row at a time.

Loaded, with `sqlite3` and `json`, when a package that has such a file meets an id that no module
of it knows.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from pathlib import Path

from .errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .rows import Row

LAYOUT = 1
"""Layout of the SQLite file that this runtime reads."""

BARE = "substr({0}, instr({0}, '/') + 1)"
"""The part of an id after the slash, as SQL; the compiler indexes the same expression."""

CACHE = 8_000
"""Most KB of pages that a connection keeps: room for all inner pages of a million models."""

MAPPED = 2**31 - 1
"""Most bytes of the file that are mapped instead of read: a page costs no call of the system."""

NEAR = 200
"""Most ids on each side of an unknown one that are compared with it."""

ROW = "SELECT row FROM models WHERE id = ?"
ALIAS = "SELECT id FROM aliases WHERE alias = ?"
BARE_IDS = f"SELECT id FROM models WHERE {BARE.format('id')} = ? ORDER BY id LIMIT 50"  # noqa: S608
BARE_ALIASES = (
    f"SELECT DISTINCT id FROM aliases WHERE {BARE.format('alias')} = ? ORDER BY id LIMIT 50"  # noqa: S608
)
NEIGHBOURS = (
    "SELECT id FROM models WHERE id >= ? ORDER BY id LIMIT ?",
    "SELECT id FROM models WHERE id < ? ORDER BY id DESC LIMIT ?",
    "SELECT alias FROM aliases WHERE alias >= ? ORDER BY alias LIMIT ?",
    "SELECT alias FROM aliases WHERE alias < ? ORDER BY alias DESC LIMIT ?",
)
BARE_NEIGHBOURS = (
    f"SELECT id FROM models WHERE {BARE.format('id')} >= ? ORDER BY {BARE.format('id')} LIMIT ?",  # noqa: S608
    f"SELECT id FROM models WHERE {BARE.format('id')} < ? ORDER BY {BARE.format('id')} DESC LIMIT ?",  # noqa: S608,E501
)


class Bulk:
    """The bulk models of one package; safe for threads and after a fork.

    Every thread of every process has a connection of its own, to a file that never changes.
    """

    def __init__(self, folder: Path, digest: str) -> None:
        self._path = folder / f"_bulk_{digest[:32]}.sqlite"
        self._open = threading.local()
        self._last: tuple[str, str] = ("", "")

    def has(self, id: str) -> bool:
        """Tell whether an exact id is known."""
        for (row,) in self._ask(ROW, id):
            self._last = (id, row)  # it is what will be asked for next
            return True
        return False

    def row(self, id: str) -> Row:
        """Return the row of a model by its exact id; raise `KeyError` if it is not known."""
        known, text = self._last
        if known != id:
            found = self._ask(ROW, id)
            if not found:
                raise KeyError(id)
            text = found[0][0]
        row: Row = _frozen(json.loads(text))
        return row

    def alias(self, name: str) -> str | None:
        """Return the id that an alias leads to, or None."""
        found = self._ask(ALIAS, name)
        return str(found[0][0]) if found else None

    def bare(self, name: str) -> tuple[str, ...]:
        """Return the ids with a bare name, or else those with such an alias; at most 50."""
        found = self._ask(BARE_IDS, name) or self._ask(BARE_ALIASES, name)
        return tuple(id for (id,) in found)

    def ids(self) -> Iterator[str]:
        """Yield all ids, sorted. There may be millions."""
        return (id for (id,) in self._ask("SELECT id FROM models ORDER BY id"))

    def near(self, name: str) -> set[str]:
        """Return some ids and aliases that stand near a name, with its creator and without."""
        wanted = name.strip().lower()[:200]
        creator, mark, bare = wanted.partition("/")
        asked = [(query, wanted) for query in NEIGHBOURS]
        asked += [(query, bare if mark else wanted) for query in BARE_NEIGHBOURS]
        asked += [(query, f"{creator}/") for query in NEIGHBOURS[:1] if mark]
        return {id for query, start in asked for (id,) in self._ask(query, start, NEAR)}

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; half a character is in no name."""
        try:
            return self._connection().execute(query, values).fetchall()
        except UnicodeEncodeError:
            return []

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread, opened on first use and again after a fork."""
        process = os.getpid()
        if getattr(self._open, "process", None) != process:
            self._open.connection = self._connect()
            self._open.process = process
        connection: sqlite3.Connection = self._open.connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        """Open the file; raise `FormatError` if it is not there, or not what this runtime reads."""
        mend = "run `modelbook compile` with the same `--bulk`, or copy the package with that file"
        try:
            uri = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True)
            connection.execute(f"PRAGMA cache_size = {-CACHE}")
            connection.execute(f"PRAGMA mmap_size = {MAPPED}")
            layout, digest = connection.execute("SELECT format, digest FROM meta").fetchone()
        except (sqlite3.Error, TypeError) as error:
            raise FormatError(
                f"cannot read the bulk models in `{self._path}`: {error}; {mend}"
            ) from None
        if layout != LAYOUT or not self._path.stem.endswith(digest[:32]):
            raise FormatError(f"`{self._path}` is of another version of modelbook; {mend}")
        return connection


def _frozen(row: Any) -> Any:
    """Return a mapping just read from JSON with tuples in place of its lists."""
    for key, inner in row.items():
        if inner.__class__ is dict:
            _frozen(inner)
        elif inner.__class__ is list:
            nested = inner and inner[0].__class__ is dict
            row[key] = tuple(map(_frozen, inner) if nested else inner)
    return row

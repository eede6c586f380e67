"""Staged rows -> the SQLite file that the lookup asks; such a file -> whether it is sound.

Rows are appended as they come and indexed at the end: an ordinary table with an index on the id.
A table without rowids would hold whole rows in its inner pages, and want its rows sorted.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from modelbook.bulk import BARE, LAYOUT

from ..book import BulkModels
from .values import Staged

TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
CREATE TABLE models (id TEXT NOT NULL, row TEXT NOT NULL);
CREATE TABLE aliases (alias TEXT NOT NULL, id TEXT NOT NULL);
CREATE TABLE meta (format INTEGER, count INTEGER, digest TEXT, sources TEXT);
"""
INDEXES = f"""
CREATE UNIQUE INDEX models_by_id ON models (id);
CREATE INDEX models_by_name ON models ({BARE.format("id")});
CREATE UNIQUE INDEX aliases_by_alias ON aliases (alias, id);
CREATE INDEX aliases_by_name ON aliases ({BARE.format("alias")});
"""


def write(staged: Staged, target: Path) -> None:
    """Write the models to a new file that nobody reads yet; raise `sqlite3.Error`."""
    shown = json.dumps([one.shown for one in staged.sources])
    meta = (LAYOUT, staged.count, staged.digest, shown)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.executescript(TABLES)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO models VALUES (?, ?)", _models(staged.models))
        connection.executemany("INSERT INTO aliases VALUES (?, ?)", _aliases(staged.names))
        connection.execute("INSERT INTO meta VALUES (?, ?, ?, ?)", meta)
        connection.execute("COMMIT")
        connection.executescript(INDEXES)


def holds(path: Path, wanted: BulkModels) -> bool:
    """Tell whether a file is the one written for some models, by what it says and its row count.

    The rows themselves are not read: there may be millions.
    """
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            meta = connection.execute("SELECT format, count, digest FROM meta").fetchall()
            counted = connection.execute("SELECT count(*) FROM models").fetchall()
    except sqlite3.Error:
        return False
    return meta == [(LAYOUT, wanted.count, wanted.digest)] and counted == [(wanted.count,)]


def _models(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield id and row (JSON text) of staged models."""
    start, middle = len('{"id":"'), len('","model":')
    for line in _lines(files):
        end = line.index('"', start)
        yield line[start:end], line[end + middle : -2]


def _aliases(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield alias and id of staged models."""
    for line in _lines(files):
        if '"aliases":' in line:
            row = json.loads(line)
            yield from ((alias, row["id"]) for alias in row["aliases"])


def _lines(files: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of all files; nothing but a line feed ends one."""
    for path in files:
        with path.open(encoding="utf-8", newline="\n") as lines:
            yield from lines

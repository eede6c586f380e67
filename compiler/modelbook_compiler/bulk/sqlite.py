"""Staged rows -> the SQLite file that the lookup of a generated package asks.

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

from .values import Source

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
BATCH = 20_000
ALIASES = '{"aliases":'
"""How the text of a model that has aliases starts, since its keys are sorted."""


def write(
    files: Iterable[Path], target: Path, digest: str, count: int, sources: Iterable[Source]
) -> None:
    """Write the models to a new file that nobody reads yet; raise `sqlite3.Error`."""
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.executescript(TABLES)
        connection.execute("BEGIN")
        for batch in _batches(_models(files)):
            connection.executemany("INSERT INTO models VALUES (?, ?)", batch)
            named = (pair for pair in batch if pair[1].startswith(ALIASES))
            aliases = ((one, id) for id, row in named for one in json.loads(row)["aliases"])
            connection.executemany("INSERT INTO aliases VALUES (?, ?)", aliases)
        shown = json.dumps([one.shown for one in sources])
        connection.execute("INSERT INTO meta VALUES (?, ?, ?, ?)", (LAYOUT, count, digest, shown))
        connection.execute("COMMIT")
        connection.executescript(INDEXES)


def _models(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield id and row (JSON text) of staged models."""
    start = len('{"id":"')
    for path in files:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                id = line[start : line.index('"', start)]
                yield id, line[line.index('"model":') + len('"model":') : -2]


def _batches(pairs: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield pairs by the thousand."""
    batch: list[tuple[str, str]] = []
    for pair in pairs:
        batch.append(pair)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch

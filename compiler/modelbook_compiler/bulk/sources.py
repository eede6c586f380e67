"""Files of rows -> chunks of JSON lines. No file is ever in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb

from ..discover import MAX_BYTES
from .values import Chunk, Source

BLOCK = 1024 * 1024
"""Bytes of a chunk, about."""
BATCH = 2048
"""Rows of a Parquet file that are handled together."""


class UnreadableError(Exception):
    """A source that is not what its name says."""


def chunks(source: Source) -> Iterator[Chunk]:
    """Yield the rows of a source in order; raise `OSError` or `UnreadableError`."""
    return _parquet(source) if source.columnar else _lines(source)


def lines(source: Source, wanted: set[int]) -> dict[int, str]:
    """Return the text of some rows of an NDJSON source, as far as it still has them."""
    found: dict[int, str] = {}
    if source.columnar or not wanted:
        return found
    for chunk in _lines(source):
        inside = sorted(row for row in wanted if row >= chunk.first)
        if not inside:
            break
        texts = chunk.data.removesuffix(b"\n").split(b"\n")
        for row in inside:
            if row - chunk.first < len(texts):
                found.setdefault(row, texts[row - chunk.first].decode("utf-8", "replace"))
    return found


def _lines(source: Source) -> Iterator[Chunk]:
    """Yield the lines of a file; of one that is too long only the start, which tells so."""
    first, rest = 1, b""
    with source.path.open("rb") as file:
        while block := file.read(BLOCK):
            whole, mark, tail = block.rpartition(b"\n")
            if not mark:
                rest = (rest + tail)[: MAX_BYTES + 2]
                continue
            head, _, others = (whole + mark).partition(b"\n")
            data = (rest + head)[: MAX_BYTES + 2] + b"\n" + others
            yield Chunk(source, first, data)
            first += data.count(b"\n")
            rest = tail
    if rest:
        yield Chunk(source, first, rest)


def _parquet(source: Source) -> Iterator[Chunk]:
    """Yield the rows of a Parquet file as JSON text; dates are text there."""
    try:
        with duckdb.connect() as connection:
            connection.execute("SET memory_limit = '500MB'")
            rows = connection.execute(
                "SELECT to_json(r)::VARCHAR FROM read_parquet(?) r", [_literal(source.path)]
            )
            first = 1
            while batch := rows.fetchmany(BATCH):
                yield Chunk(source, first, "\n".join(row[0] for row in batch).encode())
                first += len(batch)
    except duckdb.Error as error:
        raise UnreadableError(_first_line(error)) from None


def _literal(path: Path) -> str:
    """Return a path that DuckDB takes for a name, not for a pattern."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path))


def _first_line(error: duckdb.Error) -> str:
    """Return the first line of what DuckDB says, without its kind of error."""
    first = next(islice(str(error).splitlines(), 1), "")
    return first.partition(": ")[2] or first

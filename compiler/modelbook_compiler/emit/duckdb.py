"""Book -> a DuckDB file, and Parquet files of the same tables.

Rows go through JSON: `executemany` takes a millisecond a row. The file format is pinned so that
older versions of DuckDB can open it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from ..book import Book
from ..files import SUFFIX, replace_file
from .calls import macros
from .tables import TABLES, Table

STORAGE = "v1.0.0"

VIEWS = {
    "current_prices": """
        SELECT * FROM price_at(now() AT TIME ZONE 'UTC')""",
    "standard_prices": """
        SELECT deployment_id, max(amount) FILTER (unit = 'input') AS input,
               max(amount) FILTER (unit = 'output') AS output,
               max(amount) FILTER (unit = 'cache_read') AS cache_read
        FROM price_at(now() AT TIME ZONE 'UTC')
        WHERE coalesce(tier, region, speed, size, quality, "window") IS NULL
          AND context_above IS NULL AND currency = 'USD'
        GROUP BY deployment_id""",
    "available": """
        SELECT * FROM deployments
        WHERE NOT fine_tuned AND coalesce(retired_on > (now() AT TIME ZONE 'UTC')::DATE, true)
          AND coalesce(deployed::VARCHAR, released, '')
              <= strftime(now() AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')""",
    "pipeline_deployments": """
        SELECT d.pipelines[n] AS pipeline, n = 1 AS is_primary, d.*
        FROM deployments d JOIN (
            SELECT id, unnest(range(1, len(pipelines) + 1)) AS n FROM deployments) USING (id)""",
}
"""Answers to common questions; the clock is asked when they are, not when they are written."""


Further = Mapping[str, str]
"""Table name to a query for rows that are not in the book: those of bulk sources."""
MEMORY = "700MB"
"""Most that DuckDB may hold while it writes rows that are not in the book."""


def write(book: Book, target: Path, further: Further = MappingProxyType({})) -> None:
    """Write the catalog to a DuckDB file, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(target.parent) as folder:
        built = Path(folder) / "catalog.duckdb"
        with duckdb.connect() as connection:
            _bound(connection, Path(folder), further)
            connection.execute(f"ATTACH {quoted(built)} AS catalog (STORAGE_VERSION '{STORAGE}')")
            for table in TABLES:
                _load(connection, book, table, Path(folder), further)
            connection.execute("USE catalog")
            for macro in macros(book.units):
                connection.execute(macro)
            for name, query in VIEWS.items():
                connection.execute(f"CREATE VIEW catalog.{name} AS {query}")
            connection.execute("CHECKPOINT catalog")
            connection.execute("USE memory")
            connection.execute("DETACH catalog")
        replace_file(built, target)


def revision_of(path: Path) -> str | None:
    """Return the revision that a DuckDB catalog was written for; None if it is none."""
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute("SELECT revision FROM meta").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None


def parquet(book: Book, folder: Path, further: Further = MappingProxyType({})) -> list[Path]:
    """Write each table to `<folder>/<table>.parquet`; the bytes depend on the rows alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with _scratch(folder) as place, duckdb.connect() as connection:
        _bound(connection, Path(place), further)
        where = Path(place) / "all.duckdb" if further else ":memory:"
        connection.execute(f"ATTACH {quoted(where)} AS catalog")
        for table in TABLES:
            _load(connection, book, table, Path(place), further)
            built = Path(place) / f"{table.name}.parquet"
            source = f"(FROM catalog.{table.name} ORDER BY {_columns(table.key)})"
            connection.execute(
                f"COPY {source} TO {quoted(built)} (FORMAT parquet, COMPRESSION zstd)"
            )
            replace_file(built, folder / built.name)
            written.append(folder / built.name)
    return written


def _scratch(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder to build in; `publish.recover` clears one that a killed compile left."""
    return tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=SUFFIX)


def _bound(connection: duckdb.DuckDBPyConnection, scratch: Path, further: Further) -> None:
    """Let a connection use one thread; with many rows all of them, and not too much memory."""
    if not further:
        connection.execute("SET threads = 1")
        return
    bounded(connection, scratch)


def bounded(connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Let a connection use little memory, and a folder for what does not fit."""
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute(f"SET temp_directory = {quoted(scratch / 'spill')}")


def _load(
    connection: duckdb.DuckDBPyConnection,
    book: Book,
    table: Table,
    scratch: Path,
    further: Further,
) -> None:
    """Create one table from its rows."""
    path = scratch / f"{table.name}.json"
    rows = json.dumps(list(table.rows(book)), ensure_ascii=False)  # at once: faster than by row
    path.write_text(rows, encoding="utf-8")
    read = _read([path], table.columns, "array")
    more = f" UNION ALL BY NAME {further[table.name]}" if table.name in further else ""
    connection.execute(
        f"CREATE TABLE catalog.{table.name} AS FROM {read}{more} ORDER BY {_columns(table.key)}"
    )
    connection.execute(f"COMMENT ON TABLE catalog.{table.name} IS {quoted(table.comment)}")
    path.unlink()


def lines(files: Iterable[Path], columns: Mapping[str, str]) -> str:
    """Return files of JSON lines as a table expression; `columns` are names and DuckDB types."""
    return _read(files, columns, "newline_delimited")


def _read(files: Iterable[Path], columns: Mapping[str, str], shape: str) -> str:
    """Return JSON files of one of DuckDB's shapes as a table expression."""
    listed = ", ".join(map(quoted, files))
    types = ", ".join(f'"{name}": {quoted(kind)}' for name, kind in columns.items())
    return f"read_json([{listed}], format = '{shape}', columns = {{{types}}})"


def _columns(names: tuple[str, ...]) -> str:
    """Return quoted column names."""
    return ", ".join(f'"{name}"' for name in names)


def quoted(text: object) -> str:
    """Return a text as a SQL string."""
    return "'" + str(text).replace("'", "''") + "'"

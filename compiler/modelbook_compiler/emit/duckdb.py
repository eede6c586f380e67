"""Book -> a DuckDB file, and Parquet files of the same tables.

Rows go through NDJSON: `executemany` takes a millisecond a row. The file format is pinned so that
older versions of DuckDB can open it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from ..book import Book
from ..files import replace_file
from .tables import TABLES, Table

STORAGE = "v1.0.0"

PRICE_AT = """
CREATE MACRO catalog.price_at(instant) AS TABLE
SELECT deployment_id, unit, amount, per, currency, tier, context_above, region, speed, size,
       quality, "window", marginal
FROM catalog.prices
WHERE unit IS NOT NULL
  AND ("from" IS NULL OR "from" <= instant)
  AND (until IS NULL OR instant < until)
QUALIFY row_number() OVER (
    PARTITION BY deployment_id, unit, tier, context_above, region, speed, size, quality, "window"
    ORDER BY seq DESC
) = 1 AND amount IS NOT NULL
"""

VIEWS = {
    "current_prices": """
        SELECT * FROM price_at(now()::TIMESTAMP)""",
    "standard_prices": """
        SELECT deployment_id, max(amount) FILTER (unit = 'input') AS input,
               max(amount) FILTER (unit = 'output') AS output,
               max(amount) FILTER (unit = 'cache_read') AS cache_read
        FROM price_at(now()::TIMESTAMP)
        WHERE coalesce(tier, region, speed, size, quality, "window") IS NULL
          AND context_above IS NULL AND currency = 'USD'
        GROUP BY deployment_id""",
    "available": """
        SELECT * FROM deployments
        WHERE retired_on IS NULL OR retired_on > today()""",
    "pipeline_deployments": """
        SELECT pipeline, ordinal = 1 AS is_primary, d.*
        FROM deployments d, UNNEST(d.pipelines) WITH ORDINALITY AS p(pipeline, ordinal)""",
}
"""Answers to common questions; the clock is asked when they are, not when they are written."""


def write(book: Book, target: Path) -> None:
    """Write the catalog to a DuckDB file, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".duckdb-") as folder:
        built = Path(folder) / "catalog.duckdb"
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            connection.execute(f"ATTACH {_quoted(built)} AS catalog (STORAGE_VERSION '{STORAGE}')")
            for table in TABLES:
                _load(connection, book, table, Path(folder))
            connection.execute("USE catalog")
            connection.execute(PRICE_AT)
            for name, query in VIEWS.items():
                connection.execute(f"CREATE VIEW catalog.{name} AS {query}")
            connection.execute("CHECKPOINT catalog")
            connection.execute("USE memory")
            connection.execute("DETACH catalog")
        replace_file(built, target)


def parquet(book: Book, folder: Path) -> list[Path]:
    """Write each table to `<folder>/<table>.parquet`; the bytes depend on the book alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    scratch = tempfile.TemporaryDirectory(dir=folder, prefix=".parquet-")
    with scratch as place, duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute("ATTACH ':memory:' AS catalog")
        for table in TABLES:
            _load(connection, book, table, Path(place))
            built = Path(place) / f"{table.name}.parquet"
            source = f"(FROM catalog.{table.name} ORDER BY {_columns(table.key)})"
            connection.execute(
                f"COPY {source} TO {_quoted(built)} (FORMAT parquet, COMPRESSION zstd)"
            )
            replace_file(built, folder / built.name)
            written.append(folder / built.name)
    return written


def _load(connection: duckdb.DuckDBPyConnection, book: Book, table: Table, scratch: Path) -> None:
    """Create one table from its rows."""
    path = scratch / f"{table.name}.ndjson"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in table.rows(book))
    read = f"read_json({_quoted(path)}, format = 'newline_delimited', columns = {_types(table)})"
    connection.execute(
        f"CREATE TABLE catalog.{table.name} AS FROM {read} ORDER BY {_columns(table.key)}"
    )
    connection.execute(f"COMMENT ON TABLE catalog.{table.name} IS {_quoted(table.comment)}")
    path.unlink()


def _types(table: Table) -> str:
    """Return columns and types as a DuckDB struct literal."""
    columns: Mapping[str, str] = table.columns
    return "{" + ", ".join(f'"{name}": {_quoted(kind)}' for name, kind in columns.items()) + "}"


def _columns(names: tuple[str, ...]) -> str:
    """Return quoted column names."""
    return ", ".join(f'"{name}"' for name in names)


def _quoted(text: object) -> str:
    """Return a text as a SQL string."""
    return "'" + str(text).replace("'", "''") + "'"

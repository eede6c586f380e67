"""`modelbook sql`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .database import database_option, opened
from .shared import fail, json_option, print_json, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

READING = frozenset({"SELECT", "EXPLAIN", "MULTI"})
"""Kinds of statement that only read; `PIVOT` is of several parts."""


@click.command("sql")
@click.argument("query")
@database_option
@json_option
def command(query: str, database: Path, as_json: bool) -> None:
    """Ask the DuckDB catalog. Read-only, and locked down: no files, no network.

    Tables: pipelines, architectures, models, deployments, prices, aliases, providers,
    access_methods, units, disputes, provenance, files, meta. Views: available, standard_prices,
    current_prices, pipeline_deployments. Macros: price_at(TIMESTAMP), price_for(TIMESTAMP,
    tier := …, input_tokens := …); for a table of calls cost_of('calls').

    \b
    Examples:
      modelbook sql "SHOW TABLES"
      modelbook sql "SELECT id, context FROM available WHERE vision IS NULL LIMIT 5"
      modelbook sql "FROM price_at('2025-01-01') WHERE deployment_id = 'openai:gpt-4o'" --json
    """
    with opened(database) as connection:
        names, rows = _ask(connection, query)
    if as_json:
        keys = _unique(names)
        print_json([dict(zip(keys, map(_plain, row), strict=True)) for row in rows])
    else:
        columns = [(name, _numeric(row[n] for row in rows)) for n, name in enumerate(names)]
        table(columns, [list(map(_cell, row)) for row in rows])


def _ask(connection: DuckDBPyConnection, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of columns and the rows that answer the one question in a query."""
    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type.name not in READING:
        fail("the query is not one question", "write one SELECT, FROM, SHOW, DESCRIBE or SUMMARIZE")
    answer = connection.query(query)
    names = list(answer.columns)
    zoned = ["WITH TIME ZONE" in str(kind) for kind in answer.types]
    if any(zoned):  # Python values of these would need pytz
        parts = (f"CAST(#{n} AS VARCHAR)" if cast else f"#{n}" for n, cast in enumerate(zoned, 1))
        answer = answer.project(", ".join(parts))
    return names, answer.fetchall()


def _numeric(cells: Iterable[object]) -> bool:
    """Tell whether a column holds numbers only, besides what is not known."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    return bool(kinds) and kinds <= {int, float, Decimal}


def _cell(value: object) -> str:
    """Return a value as text; decimals in plain notation: `0.000000001`, not `1E-9`."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: decimals, dates, blobs and what is no number as text."""
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, bool | int | str):
        return value
    return value if isinstance(value, float) and isfinite(value) else _cell(value)


def _unique(names: list[str]) -> list[str]:
    """Return column names of which none hides another: a second `id` is `id_1`."""
    out: list[str] = []
    for name in names:
        spellings = (f"{name}_{n}" if n else name for n in count())
        out.append(next(one for one in spellings if one not in out))
    return out

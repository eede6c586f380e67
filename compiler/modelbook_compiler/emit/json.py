"""Book -> one JSON document with the rows of all tables, a row a line."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..book import Book
from .tables import TABLES, TableRow

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode  # without `indent` it is not in slow Python


def document(book: Book) -> bytes:
    """Return all tables as JSON: table name to list of rows, keys as in DuckDB."""
    tables = (f"{_ENCODE(table.name)}: {_rows(table.rows(book))}" for table in TABLES)
    return ("{\n" + ",\n".join(tables) + "\n}\n").encode()


def _rows(rows: Iterable[TableRow]) -> str:
    """Return a list of rows."""
    lines = ",\n".join(map(_ENCODE, rows))
    return f"[\n{lines}\n]" if lines else "[]"

"""Book -> one JSON document with the rows of all tables."""

from __future__ import annotations

import json

from ..book import Book
from .tables import TABLES


def document(book: Book) -> bytes:
    """Return all tables as JSON: table name to list of rows, keys as in DuckDB."""
    tables = {table.name: list(table.rows(book)) for table in TABLES}
    return (json.dumps(tables, indent=1, ensure_ascii=False) + "\n").encode()

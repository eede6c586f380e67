"""Rows -> CSV and NDJSON text."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal

from .rows import COLUMNS, Deployments, to_dicts

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
"""What a spreadsheet takes for the start of a formula, and the mark that keeps it from that."""


def to_csv(deployments: Deployments, at: object = None) -> str:
    """Return rows as CSV (RFC 4180: a header, CRLF): an empty cell is what is not known.

    Lists are joined by `;`, truth is `true` or `false`, prices are plain decimals. A text that a
    spreadsheet would run as a formula has a `'` before it; `plain` takes it away. See `to_dicts`
    for `at` and errors.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([cell(row[name]) for name in COLUMNS] for row in to_dicts(deployments, at))
    return out.getvalue()


def to_ndjson(deployments: Deployments, at: object = None) -> str:
    """Return rows as JSON, one a line; null is what is not known, prices are decimal text.

    See `to_dicts` for `at` and errors.
    """
    rows = to_dicts(deployments, at)
    return "".join(f"{json.dumps(row, default=_text)}\n" for row in rows)


def cell(value: object) -> str:
    """Return a value as the text of a cell that is safe to open in a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = ";".join(map(str, value))
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else _text(value)
    return f"'{value}" if value.startswith(FORMULA) else value


def plain(text: str) -> str:
    """Return the text that a cell was made of."""
    return text[1:] if text.startswith("'") else text


def _text(value: object) -> str:
    """Return a number or a date as text, decimals without an exponent."""
    if isinstance(value, Decimal):
        whole = format(value, "f")
        return whole.rstrip("0").rstrip(".") if "." in whole else whole
    return value.isoformat() if isinstance(value, date) else str(value)

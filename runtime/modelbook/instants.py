"""Instants as ISO text in UTC, which sorts in time order: `2026-11-23T05:00:00Z`."""

from __future__ import annotations

from .errors import RequestError


def instant(at: object) -> str:
    """Return an instant as UTC text; None means the minute that it is now.

    Takes a `date` (its first moment), a `datetime` (a naive one is UTC), or ISO text of either.
    Raises `RequestError` for anything else.
    """
    from datetime import UTC, date, datetime

    value: object = datetime.now(UTC).replace(second=0) if at is None else at
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise RequestError(f"`at` takes a date, a datetime or ISO text, not {value!r}")
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    try:
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except OverflowError:
        raise RequestError(f"`at` is out of range: {value}") from None


def _parsed(text: str) -> object:
    """Return ISO text as a datetime; raise `RequestError` if it is none."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(f"`at` is not a date: {text!r}; write YYYY-MM-DD") from None

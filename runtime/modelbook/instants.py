"""Instants: ISO text in UTC, which sorts in time order, and whole seconds since 1970."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import time

from .errors import RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

    from .records import Window

EPOCH = 719163
"""Ordinal of 1970-01-01."""

START = datetime(1970, 1, 1, tzinfo=UTC)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def instant(at: object) -> str:
    """Return an instant as UTC text; None means the minute that it is now.

    Takes a `date` (its first moment), a `datetime` (a naive one is UTC), or ISO text of either.
    Raises `RequestError` for anything else.
    """
    moment = datetime.now(UTC).replace(second=0) if at is None else _moment(at)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def seconds(at: object) -> int:
    """Return an instant, given as to `instant`, in whole seconds since 1970; None means now."""
    if at is None:
        return int(time())
    moment = _moment(at)
    day = moment.toordinal() - EPOCH
    return ((day * 24 + moment.hour) * 60 + moment.minute) * 60 + moment.second


def text(seconds: int) -> str:
    """Return seconds since 1970 as UTC text: `2026-11-23T05:00:00Z`."""
    return instant(START + timedelta(seconds=seconds))


def within(window: Window, at: int) -> bool:
    """Tell whether a part of the day holds an instant, given in seconds since 1970."""
    there = (START + timedelta(seconds=at)).astimezone(_zone(window.zone))
    time = f"{there.hour:02}:{there.minute:02}"
    overnight = window.until <= window.from_
    opened = there.weekday()  # the day the window would have opened on
    if time < window.from_:
        if not overnight or time >= window.until:
            return False
        opened -= 1
    elif not overnight and time >= window.until:
        return False
    return window.days is None or DAYS[opened] in window.days


def _zone(name: str) -> tzinfo:
    """Return a time zone; raise `RequestError` where this machine has no data about it."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RequestError(
            f"this price depends on the time in `{name}`, which this machine does not know: either "
            "it is misspelt, or time zone data is missing (the package `tzdata` has it)"
        ) from None


def _moment(at: object) -> datetime:
    """Return an instant as a datetime in UTC."""
    if isinstance(at, datetime) and at.tzinfo is UTC:
        return at
    value: object = _parsed(at) if isinstance(at, str) else at
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise RequestError(f"`at` takes a date, a datetime or ISO text, not {value!r}")
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise RequestError(f"`at` is out of range: {value}") from None


def _parsed(text: str) -> object:
    """Return ISO text as a datetime; raise `RequestError` if it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(f"`at` is not a date: {text!r}; write YYYY-MM-DD") from None

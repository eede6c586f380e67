"""When a price entry applies: its time, the minutes of the week, its other conditions."""

from __future__ import annotations

from modelbook.prices import whole

from ..values import Fragment

NO_END = "9999"
"""Sorts after every instant."""

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = 24 * 60
"""Minutes of a day."""

WEEK = (1 << DAY * len(DAYS)) - 1
"""All minutes of the week, as the bits of a number, from Monday at midnight on."""


def span(price: Fragment) -> tuple[str, str]:
    """Return the instants an entry applies from and until."""
    start, end = price.get("from"), price.get("until")
    return whole(start) if start else "", whole(end) if end else NO_END


def weaker(demands: Fragment, given: Fragment) -> bool:
    """Tell whether all that is demanded is among what is given."""
    for name, value in demands.items():
        if name == "context_above" and name in given:
            if value > given[name]:
                return False
        elif given.get(name) != value:
            return False
    return True


def besides_hours(price: Fragment) -> Fragment:
    """Return the conditions of an entry without its window."""
    return {name: value for name, value in price.get("when", {}).items() if name != "window"}


def minutes(window: Fragment) -> int:
    """Return the minutes of the week, in its own zone, that a window holds: see `WEEK`."""
    start, end = (_minute(window[name]) for name in ("from", "until"))
    length = (end - start - 1) % DAY + 1
    held = 0
    for day in window.get("days", DAYS):
        held |= ((1 << length) - 1) << (DAYS.index(day) * DAY + start)
    return (held | held >> DAY * len(DAYS)) & WEEK


def _minute(time: str) -> int:
    """Return a time HH:MM as minutes since midnight."""
    return int(time[:2]) * 60 + int(time[3:])

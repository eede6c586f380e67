"""The price entries of a deployment -> where a unit loses its price and later has one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modelbook.prices import whole

from ..values import Fragment
from .applies import WEEK, besides_hours, minutes, span, weaker


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the week. Those of two zones are compared only where one of them is all there are:
    how far zones are apart changes with the law and with the day.
    """

    zone: str | None
    """None for all minutes, and for none of them."""
    minutes: int
    """Their bits; see `applies.minutes`."""


def resumed(prices: Sequence[Fragment], position: int, unit: str) -> str | None:
    """Return the instant at which a unit has a price again after a time without any.

    `position` is that of an entry with `until`. None if others take over all of its hours there and
    then, if nothing follows, or if zones differ so that nobody can tell.
    """
    price = prices[position]
    ended, besides = whole(price["until"]), besides_hours(price)
    others = [one for n, one in enumerate(prices) if n != position and unit in one]
    others = [one for one in others if weaker(besides_hours(one), besides)]
    meanwhile = [one for one in others if span(one)[0] <= ended < span(one)[1]]
    left = _left(_window(price), [_window(one) for one in meanwhile])
    later = [one for one in others if span(one)[0] > ended and _reaches(_window(one), left)]
    if not any(besides_hours(one) == besides for one in later):
        return None
    again: str = min((one["from"] for one in later), key=whole)
    return again


def _window(price: Fragment) -> Fragment | None:
    """Return the window of an entry; None if it holds all day."""
    window: Fragment | None = price.get("when", {}).get("window")
    return window


def _left(window: Fragment | None, others: Sequence[Fragment | None]) -> Hours:
    """Return the hours of a window (None: of the week) that no other one holds for certain."""
    zones: dict[str, int] = {}
    for other in others:
        if other is not None:
            zones[other["zone"]] = zones.get(other["zone"], 0) | minutes(other)
    if None in others or any(held == WEEK for held in zones.values()):
        return Hours(None, 0)
    zone = window["zone"] if window else next(iter(zones), None)
    if set(zones) - {zone}:  # another zone holds a part, and nobody can tell which
        return Hours(None, 0)
    mine = minutes(window) if window else WEEK
    return Hours(zone, mine & ~zones.get(str(zone), 0))


def _reaches(window: Fragment | None, left: Hours) -> bool:
    """Tell whether a window (None: the week) holds some of the hours left, for certain."""
    if not left.minutes or window is None or left.minutes == WEEK:
        return bool(left.minutes)
    return window["zone"] == left.zone and bool(left.minutes & minutes(window))

"""Rules about the order of price entries and the time they apply: the last that applies wins."""

from __future__ import annotations

from collections.abc import Iterator

from ..values import Entry, Fragment, Graph
from .base import Finding, rule
from .facts import units_of

NO_END = "9999"
"""Sorts after every instant."""

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = 24 * 60
"""Minutes of a day."""


@rule(
    "MB314",
    "a price entry that never applies",
    "deployment",
    bad='prices: [{input: "2.00"}, {input: "1.00"}]',
    good='prices: [{input: "2.00"}, {from: 2026-12-01, input: "1.00"}]',
)
def never_applies(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """The last entry that applies wins. One whose every unit is stated again, under the same or
    fewer conditions and for all of its time, by a later entry says nothing, or stands in the wrong
    order.
    """
    prices = entry.data.get("prices", ())
    for position, price in enumerate(prices):
        units = units_of(price)
        later = prices[position + 1 :]
        if units and all(any(_covers(one, price, unit) for one in later) for unit in units):
            message = "later entries say all of this again"
            hint = "delete it, date it, or put the general entry first"
            yield Finding(message, ("prices", position), hint)


@rule(
    "MB333",
    "a general price that ends a conditioned one",
    "deployment",
    bad='prices: [{when: {tier: batch}, input: "1"}, {from: 2026-12-01, input: "3"}]',
    good='prices: [{from: 2026-12-01, input: "3"}, {when: {tier: batch}, input: "1"}]',
)
def ends_conditioned(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """The last entry that applies wins, so a general entry after a conditioned one takes its place:
    from that day on, batch calls would cost the standard price. General entries stand first; what
    also changes under a condition is stated again after them.
    """
    prices = entry.data.get("prices", ())
    for position, price in enumerate(prices):
        for earlier in prices[:position]:
            lost = sorted(unit for unit in units_of(price) if _takes_over(price, earlier, unit))
            if lost:
                message = f"from here on `{lost[0]}` under conditions of an earlier entry is lost"
                hint = "put the general entry before the conditioned ones"
                yield Finding(message, ("prices", position), hint)
                break


@rule(
    "MB315",
    "a time without a price between two entries",
    "deployment",
    bad='prices: [{until: 2026-01-01, input: "2.00"}, {from: 2026-02-01, input: "1.00"}]',
    good='prices: [{until: 2026-01-01, input: "2.00"}, {from: 2026-01-01, input: "1.00"}]',
)
def gap(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A price that ends before the next one starts leaves calls in between without a price. `until`
    is the first instant it no longer applies, so it is the `from` of the next.
    """
    prices = entry.data.get("prices", ())
    for position, price in enumerate(prices):
        if "until" not in price:
            continue
        for unit in units_of(price):
            alike = [one for one in prices if one is not price and _like(one, price, unit)]
            held = any(_holds_at(one, price["until"]) for one in alike)
            resumes = any(one.get("from", "") > price["until"] for one in alike)
            if resumes and not held:
                message = f"`{unit}` has no price from {price['until']} on until the next entry"
                hint = "let the next entry start when this one ends"
                yield Finding(message, ("prices", position, "until"), hint)
                break


@rule(
    "MB316",
    "windows of the day that overlap",
    "deployment",
    bad="two entries with windows 16:30-00:30 and 20:00-22:00 for the same unit",
    good="one entry with the window 16:30-00:30",
)
def windows_overlap(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """In an hour that two windows hold, only the order of the entries decides the price. State each
    part of the day once.
    """
    prices = entry.data.get("prices", ())
    windows = [(n, one) for n, one in enumerate(prices) if "window" in one.get("when", {})]
    for place, (position, price) in enumerate(windows):
        for _, other in windows[:place]:
            if units_of(price) & units_of(other) and _windows_meet(price, other):
                message = "this part of the day overlaps that of an earlier entry"
                pointer = ("prices", position, "when", "window")
                yield Finding(message, pointer, "let one end where the other starts")


def _covers(later: Fragment, price: Fragment, unit: str) -> bool:
    """Tell whether a later entry states a unit wherever and whenever an earlier one does."""
    if unit not in later or later.get("marginal"):
        return False
    whole_time = later.get("from", "") <= price.get("from", "") and later.get(
        "until", NO_END
    ) >= price.get("until", NO_END)
    return whole_time and _weaker(later.get("when", {}), price.get("when", {}))


def _takes_over(price: Fragment, earlier: Fragment, unit: str) -> bool:
    """Tell whether an entry replaces an earlier one of more conditions for a part of its time."""
    if unit not in earlier or _covers(price, earlier, unit):
        return False
    when, given = price.get("when", {}), earlier.get("when", {})
    meet = price.get("from", "") < earlier.get("until", NO_END) and earlier.get(
        "from", ""
    ) < price.get("until", NO_END)
    return meet and when != given and _weaker(when, given)


def _weaker(demands: Fragment, given: Fragment) -> bool:
    """Tell whether all that is demanded is among what is given."""
    for name, value in demands.items():
        if name == "context_above" and name in given:
            if value > given[name]:
                return False
        elif given.get(name) != value:
            return False
    return True


def _like(one: Fragment, price: Fragment, unit: str) -> bool:
    """Tell whether an entry states a unit under the same conditions as another."""
    return unit in one and one.get("when", {}) == price.get("when", {})


def _holds_at(price: Fragment, instant: str) -> bool:
    """Tell whether an entry applies at an instant."""
    return bool(price.get("from", "") <= instant < price.get("until", NO_END))


def _windows_meet(price: Fragment, other: Fragment) -> bool:
    """Tell whether the windows of two entries have a minute in common, all else being equal."""
    rest = [
        {name: value for name, value in one["when"].items() if name != "window"}
        for one in (price, other)
    ]
    first, second = price["when"]["window"], other["when"]["window"]
    apart = price.get("from", "") >= other.get("until", NO_END) or other.get(
        "from", ""
    ) >= price.get("until", NO_END)
    if rest[0] != rest[1] or first["zone"] != second["zone"] or apart:
        return False
    return bool(_minutes(first) & _minutes(second))


def _minutes(window: Fragment) -> set[int]:
    """Return the minutes of the week that a window holds."""
    start, end = (_minute(window[name]) for name in ("from", "until"))
    length = (end - start - 1) % DAY + 1
    days = [DAYS.index(day) for day in window.get("days", DAYS)]
    return {
        (day * DAY + start + minute) % (DAY * len(DAYS)) for day in days for minute in range(length)
    }


def _minute(time: str) -> int:
    """Return a time HH:MM as minutes since midnight."""
    return int(time[:2]) * 60 + int(time[3:])

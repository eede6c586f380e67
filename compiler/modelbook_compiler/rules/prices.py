"""Rules about prices. Amounts are compared as exact decimals, in one currency and one unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from statistics import median

from modelbook.decode import PRICE_WORDS

from ..values import Entry, Fragment, Graph
from .base import Finding, catalog_rule, rule
from .facts import facts

FAR = 10
"""How many times above or below the median of the same model elsewhere a price is doubted."""

ENOUGH = 4
"""How many other deployments it takes for a median that says something."""

NO_END = "9999"
"""Sorts after every instant."""

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = 24 * 60
"""Minutes of a day."""


@rule(
    "MB311",
    "a price out of the plausible range of its unit",
    "deployment",
    bad='prices: [{input: "250000.00"}]',
    good='prices: [{input: "0.25"}]',
)
def out_of_range(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A public catalog shipped prices at 100,000 times their value, since nothing asked whether a
    number made sense. `plausible` in `catalog/units.yaml` says between which amounts (USD, per the
    unit's `per`) a price raises no doubt. One outside that is right needs an exception with the
    reason.
    """
    units = graph.kind("units")["units"].data["units"] if graph.kind("units") else {}
    for position, price in enumerate(entry.data.get("prices", ())):
        if "currency" in price:
            continue
        for unit, amount in amounts(price).items():
            low, high = plausible(units.get(unit, {}))
            if amount and not low <= amount <= high:
                message = f"{amount:f} USD is not between {low:f} and {high:f} for `{unit}`"
                hint = "check the unit at the source: per 1M tokens, per hour, per image?"
                yield Finding(message, ("prices", position, unit), hint)


@catalog_rule(
    "MB312",
    "a price far from that of the same model elsewhere",
    bad='prices: [{input: "50.00"}]  # and 0.50 at four other providers',
    good='prices: [{input: "0.50"}]',
)
def far_from_market(graph: Graph) -> Iterator[tuple[Entry, Finding]]:
    """Providers of one model rarely differ by a factor of ten. One that does is mostly a number of
    another model, another unit or another currency.
    """
    for (_, unit), market in _market(graph).items():
        if len(market) <= ENOUGH:
            continue
        for place, (entry, position, amount) in enumerate(market):
            others = [other[2] for n, other in enumerate(market) if n != place]
            middle = median(others)
            if amount and not middle / FAR <= amount <= middle * FAR:
                message = f"{amount:f} is far from {middle:f}, the median of {len(others)} others"
                yield entry, Finding(message, ("prices", position, unit), "check it at the source")


@rule(
    "MB313",
    "a cached read that costs more than reading anew",
    "deployment",
    bad='prices: [{input: "0.50", cache_read: "1.25"}]',
    good='prices: [{input: "2.50", cache_read: "1.25"}]',
)
def cache_above_input(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """The cache exists to be cheaper. A cached read above the input price is two numbers swapped,
    or one taken from another model.
    """
    for position, price in enumerate(entry.data.get("prices", ())):
        known = amounts(price)
        for cached, whole in (("cache_read", "input"), ("cache_read_audio", "input_audio")):
            if cached in known and whole in known and known[cached] > known[whole] > 0:
                message = f"`{cached}` {known[cached]:f} is above `{whole}` {known[whole]:f}"
                yield Finding(message, ("prices", position, cached), "check both at the source")


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


@rule(
    "MB317",
    "a batch price above the standard one",
    "deployment",
    bad='prices: [{input: "1.00"}, {when: {tier: batch}, input: "2.00"}]',
    good='prices: [{input: "2.00"}, {when: {tier: batch}, input: "1.00"}]',
)
def batch_above_standard(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Batch and flex processing trade time for money. One that costs more than the standard tier is
    two numbers swapped, or a priority tier under the wrong name.
    """
    standard: dict[str, Decimal] = {}
    for position, price in enumerate(entry.data.get("prices", ())):
        when = price.get("when", {})
        if not when:
            standard.update(amounts(price))
        if when.get("tier") not in ("batch", "flex") or len(when) > 1:
            continue
        for unit, amount in amounts(price).items():
            if unit in standard and amount > standard[unit]:
                message = f"`{unit}` {amount:f} is above the standard {standard[unit]:f}"
                yield Finding(message, ("prices", position, unit), "check both at the source")


@rule(
    "MB318",
    "a direction that is free beside one that is not",
    "deployment",
    bad='prices: [{input: free, output: "10.00"}]',
    good='prices: [{input: "2.50", output: "10.00"}]',
)
def free_beside_price(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Other catalogs write 0 for 'not known', and imports carry it along. Input that is free beside
    output that is not, or the other way round, is mostly that. Leave out what is not known.
    """
    for position, price in enumerate(entry.data.get("prices", ())):
        known = amounts(price)
        if {"input", "output"} <= known.keys() and (not known["input"]) != (not known["output"]):
            unit = "output" if known["input"] else "input"
            hint = "leave it out if it is not known; add an exception if it is truly free"
            yield Finding(f"only `{unit}` is free", ("prices", position, unit), hint)


@rule(
    "MB319",
    "a price list without a unit that its modalities call for",
    "deployment",
    bad='prices: [{input: "2.50"}]  # of a model that writes text',
    good='prices: [{input: "2.50", output: "10.00"}]',
)
def lacks_unit(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A model that reads and writes text by the token has a price for both. With one of them
    missing, half of every call would go unpriced. Write `unknown` where the source does not say.
    """
    stated = {unit for price in entry.data.get("prices", ()) for unit in units_of(price)}
    output = facts(entry, graph).get("modalities", {}).get("output", ())
    for unit, other in (("output", "input"), ("input", "output")):
        if "text" in output and other in stated and unit not in stated:
            message = f"`{other}` has a price and `{unit}` has none"
            yield Finding(message, ("prices",), f'add `{unit}: "…"`, or `{unit}: unknown`', "key")


def amounts(price: Fragment) -> dict[str, Decimal]:
    """Return the known amounts of a price entry by unit; `free` is 0."""
    known = ((unit, price[unit]) for unit in price if unit not in PRICE_WORDS)
    return {
        unit: Decimal(0) if amount == "free" else Decimal(amount)
        for unit, amount in known
        if amount != "unknown"
    }


def units_of(price: Fragment) -> set[str]:
    """Return the units that a price entry speaks of."""
    return set(price) - PRICE_WORDS


def plausible(unit: Fragment) -> tuple[Decimal, Decimal]:
    """Return the least and most that raise no doubt, in USD per the unit's `per`."""
    bounds = unit.get("plausible", {})
    return Decimal(bounds.get("min", "0")), Decimal(bounds.get("max", "Infinity"))


def _market(graph: Graph) -> Mapping[tuple[str, str], list[tuple[Entry, int, Decimal]]]:
    """Return the last standard price in USD by model and unit: deployment, entry, amount."""
    market: dict[tuple[str, str], list[tuple[Entry, int, Decimal]]] = {}
    for entry in graph.kind("deployment").values():
        last: dict[str, tuple[int, Decimal]] = {}
        for position, price in enumerate(entry.data.get("prices", ())):
            if "when" not in price and "currency" not in price:
                last.update((unit, (position, amount)) for unit, amount in amounts(price).items())
        for unit, (position, amount) in last.items():
            market.setdefault((entry.data["model"], unit), []).append((entry, position, amount))
    return market


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

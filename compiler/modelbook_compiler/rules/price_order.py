"""Rules about the order of price entries and the time they apply: the last that applies wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..values import Entry, Fragment, Graph
from .applies import minutes, span, weaker
from .base import Finding, rule
from .facts import units_of
from .gaps import resumed

KINDS = ("tier", "speed")
"""Conditions that choose another price list of the same deployment."""


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
    for position in range(len(prices)):
        if _says_nothing(prices, position):
            message = "this never applies: later entries state all of it again"
            hint = "delete it, date it, or put the general entry first"
            yield Finding(message, ("prices", position), hint)


@rule(
    "MB333",
    "a general price that takes the place of a conditioned one",
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
    spoken = [n for n in range(len(prices)) if not _says_nothing(prices, n)]
    for position in range(len(prices)):
        for before in (n for n in spoken if n < position):
            unit = _lost(prices, before, position)
            if unit:
                conditions = _in_words(prices[before]["when"])
                message = f"from here on this is also the price of `{unit}` under {conditions}"
                hint = "put it before the entry with conditions, or state that one again after it"
                yield Finding(message, ("prices", position), hint)
                break


@rule(
    "MB338",
    "a tier without a price above a context threshold",
    "deployment",
    bad="""prices:
  - {input: "2.00"}
  - {when: {context_above: 200000}, input: "4.00"}
  - {when: {tier: batch}, input: "1.00"}""",
    good="""prices:
  - {input: "2.00"}
  - {when: {context_above: 200000}, input: "4.00"}
  - {when: {tier: batch}, input: "1.00"}
  - {when: {tier: batch, context_above: 200000}, input: "2.00"}""",
)
def no_cliff(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Where the standard price changes above a threshold, that of a tier does too. The last entry
    that applies wins: a tier that stands before the threshold has the standard price above it, one
    that stands after has its price for short prompts there. State its price above the threshold,
    after both; `unknown` if no source says it. A `multiply` that stands after the standard prices
    covers all of them.
    """
    prices = entry.data.get("prices", ())
    for position, price in enumerate(prices):
        kind = next((one for one in KINDS if one in price.get("when", {})), None)
        if kind is None or "context_above" in price["when"]:
            continue
        cliffs = [n for n, one in enumerate(prices) if _cliff(one)]
        missing = (
            (unit, cliff)
            for unit in sorted(units_of(price), key=list(price).index)
            for cliff in cliffs
            if _speaks(prices[cliff], unit) and not _followed(prices, position, cliff, unit, kind)
        )
        for unit, cliff in missing:
            above, value = prices[cliff]["when"]["context_above"], price["when"][kind]
            message = f"`{unit}` has no price of `{kind}: {value}` above {above} input tokens"
            hint = f"add `when: {{{kind}: {value}, context_above: {above}}}` after it, or `unknown`"
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
    is the first instant it no longer applies, so it is the `from` of the next. Windows that hold
    all of its hours take over too; those of two zones are not held against each other. Where the
    source truly has no price, write `unknown` for the time between.
    """
    prices = entry.data.get("prices", ())
    for position, price in enumerate(prices):
        if "until" not in price:
            continue
        for unit in sorted(units_of(price), key=list(price).index):
            again = resumed(prices, position, unit)
            if again:
                message = f"`{unit}` has no price between {price['until']} and {again}"
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
    part of the day once. The same window again from a later day on is no overlap.
    """
    prices = entry.data.get("prices", ())
    there = [(n, one) for n, one in enumerate(prices) if "window" in one.get("when", {})]
    windows = [(n, one, minutes(one["when"]["window"])) for n, one in there]
    for place, (position, price, held) in enumerate(windows):
        overlapping = [one for _, one, its in windows[:place] if held & its and held != its]
        if any(_compete(price, other) for other in overlapping):
            message = "this part of the day overlaps that of an earlier entry"
            hint = "let one end where the other starts, or end the earlier entry with `until`"
            yield Finding(message, ("prices", position, "when", "window"), hint)


def _says_nothing(prices: Sequence[Fragment], position: int) -> bool:
    """Tell whether later entries state every unit of an entry, wherever and whenever it does."""
    price, when = prices[position], prices[position].get("when", {})
    later = [one for one in prices[position + 1 :] if "marginal" not in one]
    units = units_of(price)
    if not units or "multiply" in price:
        return False
    wide = [one for one in later if weaker(one.get("when", {}), when)]
    return all(_held([one for one in wide if unit in one], span(price)) for unit in units)


def _lost(prices: Sequence[Fragment], before: int, position: int) -> str | None:
    """Return the first unit of an entry that takes the place of one of more conditions before it.

    None also if what it replaces is stated again after it.
    """
    price, earlier = prices[position], prices[before]
    when, given = price.get("when", {}), earlier.get("when", {})
    both = _common(price, earlier)
    if when == given or not weaker(when, given) or both[0] >= both[1]:
        return None
    again = [one for one in prices[position + 1 :] if weaker(one.get("when", {}), given)]
    for unit in sorted(units_of(price), key=list(price).index):
        stated = [one for one in again if _speaks(one, unit)]
        if _speaks(earlier, unit) and not _held(stated, both):
            return unit
    return None


def _cliff(price: Fragment) -> bool:
    """Tell whether an entry is a standard price above a threshold."""
    when = price.get("when", {})
    return "context_above" in when and not any(kind in when for kind in KINDS)


def _followed(prices: Sequence[Fragment], position: int, cliff: int, unit: str, kind: str) -> bool:
    """Tell whether what a tier states of a unit has a price above a threshold, or needs none.

    It needs none if the two never apply together, if the threshold scales what the tier states, or
    if the tier's price is unknown all the way up.
    """
    price, above = prices[position], prices[cliff]
    both, given = _common(price, above), {**above["when"], **price["when"]}
    if both[0] >= both[1] or not weaker(above["when"], given):
        return True
    if position > cliff and price[unit] == "unknown":
        return True
    if cliff > position and unit not in above:
        return True
    stated = [
        one
        for one in prices[cliff + 1 :]
        if {kind, "context_above"} <= one.get("when", {}).keys()
        and weaker(one["when"], given)
        and _speaks(one, unit)
    ]
    return _held(stated, both)


def _speaks(price: Fragment, unit: str) -> bool:
    """Tell whether an entry states or scales a unit."""
    return unit in price or ("multiply" in price and unit in price.get("units", (unit,)))


def _common(one: Fragment, other: Fragment) -> tuple[str, str]:
    """Return the time in which both entries apply; it ends before it starts if there is none."""
    (start, end), (other_start, other_end) = span(one), span(other)
    return max(start, other_start), min(end, other_end)


def _held(prices: Sequence[Fragment], time: tuple[str, str]) -> bool:
    """Tell whether at every instant of a time one of the entries applies."""
    start, end = time
    spans = [span(one) for one in prices]
    edges = {start, *(edge for one in spans for edge in one if start < edge < end)}
    return all(any(begun <= at < ended for begun, ended in spans) for at in edges)


def _compete(price: Fragment, other: Fragment) -> bool:
    """Tell whether two entries are about the same price at the same time, but for their windows."""
    if not _alike(price["when"], other["when"]) or not _share_units(price, other):
        return False
    start, end = _common(price, other)
    return start < end


def _alike(when: Fragment, other: Fragment) -> bool:
    """Tell whether two conditions are the same but for the hours of their windows."""
    rest, its = ({**one, "window": one["window"]["zone"]} for one in (when, other))
    return rest == its


def _share_units(one: Fragment, other: Fragment) -> bool:
    """Tell whether two entries state or scale the same unit."""
    if "multiply" in one and "multiply" in other and not ("units" in one and "units" in other):
        return True
    named = units_of(one) | units_of(other) | {*one.get("units", ()), *other.get("units", ())}
    return any(_speaks(one, unit) and _speaks(other, unit) for unit in named)


def _in_words(when: Fragment) -> str:
    """Return conditions as they are written, but a window as its hours."""
    shown = {
        name: "{from}-{until}".format(**value) if name == "window" else value
        for name, value in when.items()
    }
    return ", ".join(f"`{name}: {value}`" for name, value in shown.items())

"""What each source says of a deployment's prices -> one list, and who has a say in it.

The source that is trusted most gives the list. Others that agree with it on what both price now
fill in what it leaves out: units, tiers, thresholds; one that has kept former prices gives those.
What a source says that does not agree is not mixed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from modelbook.decode import PRICE_WORDS, price_record
from modelbook.prices import price_of, whole
from modelbook.records import Conditions, Price

from ..market.claims import Json, Place, Source
from .gather import Offer, Statement

Entry = Mapping[str, Json]

BASE = Conditions()
CONDITIONS = frozenset({"region", "size", "quality", "commitment"})
"""Tags of names that are conditions of the price."""
SEVERAL = "regional"
"""What genai-prices says of a price for several regions, without their names."""
EXTRAS = frozenset({"multiply", "window"})
SAME = Decimal("0.000001")
"""Prices that differ by less of themselves are the same: sources convert units."""


@dataclass(frozen=True)
class PriceList:
    """The prices of one deployment as one source has them."""

    source: Source
    entries: tuple[Entry, ...]
    """As the catalog writes them, in the order that counts."""
    places: tuple[Place, ...] = ()

    @cached_property
    def records(self) -> tuple[Price, ...]:
        """Return the entries as prices that can be asked."""
        return tuple(price_record(one) for one in self.entries)

    def standing(self, at: str) -> dict[str, Decimal]:
        """Return the known prices at an instant where nothing is asked for, by unit."""
        return standing(self.entries, self.records, at)


def standing(entries: Iterable[Entry], records: Sequence[Price], at: str) -> dict[str, Decimal]:
    """Return the known prices of some entries, read as `records`, where nothing is asked for."""
    units = {unit for one in entries for unit in units_of(one)}
    known = {unit: price_of(records, unit, at, BASE) for unit in sorted(units)}
    return {unit: amount for unit, amount in known.items() if amount is not None}


def units_of(entry: Entry) -> list[str]:
    """Return the units that an entry prices."""
    return [name for name in entry if name not in PRICE_WORDS]


def lists_of(offer: Offer, words: Sequence[str]) -> tuple[dict[str, PriceList], list[PriceList]]:
    """Return the list of each source by its id, and further lists of a source that has several.

    `words` are what sources call the provider, the usual one first.
    """
    plain: dict[str, list[Statement]] = {}
    rest: dict[str, list[Statement]] = {}
    for one in offer.statements:
        into = rest if CONDITIONS & one.identity.tags.keys() and one.identity.conditional else plain
        into.setdefault(one.source.id, []).append(one)
    lists: dict[str, PriceList] = {}
    further: list[PriceList] = []
    for id in sorted(plain.keys() | rest.keys()):
        rows = sorted(plain.get(id, ()), key=lambda one: usual(one, words))
        priced = [_list(one) for one in rows if one.row.prices]
        first = priced[0] if priced else None
        further += [one for one in priced[1:] if first and one.entries != first.entries]
        found = _with_conditions(first, rest.get(id, ()))
        if found is not None:
            lists[id] = found
    return lists, further


def usual(one: Statement, words: Sequence[str]) -> tuple[bool, int, tuple[str, str, str]]:
    """Return the sort key of rows of one source: the usual word for the provider first.

    A name that says it is everywhere goes before the bare one, whose price may be a region's.
    """
    word = one.row.raw.provider
    place = words.index(word) if word in words else len(words)
    return not one.identity.conditional, place, one.key


def _list(one: Statement) -> PriceList:
    """Return the prices of a row."""
    places = tuple(place for price in one.row.prices for place in price.places)
    return PriceList(one.source, live([price.entry for price in one.row.prices]), places)


def live(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return entries without prices that a later entry always overrides: no call ever pays them.

    What is left means the same in the order of the catalog.
    """
    found = []
    for place, entry in enumerate(entries):
        over = {u for one in entries[place + 1 :] if _covers(one, entry) for u in units_of(one)}
        kept = {name: value for name, value in entry.items() if name not in over}
        if units_of(kept) or not over:
            found.append(kept)
    return tuple(found)


def _covers(one: Entry, other: Entry) -> bool:
    """Tell whether an entry applies whenever another one does."""
    if EXTRAS & {*one, *one.get("when", {})} or not _within(other, one, "from"):
        return False
    when, wider = other.get("when", {}), one.get("when", {})
    return all(when.get(n) == v for n, v in wider.items()) and _within(other, one, "until")


def _within(inner: Entry, outer: Entry, end: str) -> bool:
    """Tell whether the time of an entry does not reach over that of another at one end."""
    if end not in outer:
        return True
    if end not in inner:
        return False
    mine, bound = whole(inner[end]), whole(outer[end])
    return mine >= bound if end == "from" else mine <= bound


def _with_conditions(first: PriceList | None, rest: Sequence[Statement]) -> PriceList | None:
    """Return a list with the prices of rows that name conditions, where they say something new."""
    found = first
    for one in rest:
        tags = one.identity.tags
        if "commitment" in tags or tags.get("region") == SEVERAL:
            continue  # the grammar has no word for what is paid ahead, nor for some regions
        extra = {name: tags[name] for name in ("region", "size", "quality") if name in tags}
        entries = [_under(price.entry, extra) for price in one.row.prices]
        if found is None:
            found = PriceList(one.source, ())
        new = [part for entry in entries if (part := _news(entry, extra, found.entries))]
        found = replace(found, entries=ordered([*found.entries, *new]))
    return found if found and found.entries else None


def _under(entry: Entry, extra: Mapping[str, Json]) -> dict[str, Json]:
    """Return an entry under further conditions."""
    own = {name: value for name, value in entry.items() if name != "when"}
    return {"when": {**entry.get("when", {}), **extra}, **own}


def _news(entry: Entry, extra: Mapping[str, Json], known: Sequence[Entry]) -> dict[str, Json]:
    """Return what an entry says that the entries without its conditions do not; empty if nothing.

    What is stated under the same conditions already is not stated again.
    """
    when = entry["when"]
    without = {name: value for name, value in when.items() if name not in extra} or None
    plain = [one for one in known if one.get("when") == without and not {"from", "until"} & {*one}]
    stated = [one for one in known if one.get("when") == when]
    said = [
        unit
        for unit in units_of(entry)
        if not any(unit in one for one in stated)
        and not any(one.get(unit) == entry[unit] for one in plain[-1:])
    ]
    kept = {name: value for name, value in entry.items() if name in PRICE_WORDS or name in said}
    return kept if said or "multiply" in entry else {}


def ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries in the order of the catalog: general ones first, then each tier's."""
    return tuple(sorted(entries, key=_rank))


def _rank(entry: Entry) -> tuple[object, ...]:
    """Return the sort key of an entry; factors and hours of the day come last, as they are."""
    when: Mapping[str, Json] = entry.get("when", {})
    if EXTRAS & {*entry, *when}:
        return (1,)
    above = when.get("context_above", 0)
    others = tuple(sorted((n, v) for n, v in when.items() if n not in ("tier", "context_above")))
    first = (len(when) - bool(above), str(when.get("tier", "")), above, str(others))
    return (0, *first, whole(entry["from"]) if "from" in entry else "")


def agree(one: PriceList, other: PriceList, at: str) -> bool:
    """Tell whether two lists say the same of what both price at an instant, of something at all."""
    mine, theirs = one.standing(at), other.standing(at)
    both = mine.keys() & theirs.keys()
    return bool(both) and all(same(mine[unit], theirs[unit]) for unit in both)


def same(one: Decimal, other: Decimal) -> bool:
    """Tell whether two amounts are one, but for how they were converted."""
    return abs(one - other) <= SAME * max(abs(one), abs(other))


@dataclass(frozen=True, slots=True)
class Agreed:
    """The list that stands."""

    entries: tuple[Entry, ...]
    sources: tuple[Source, ...]
    """Who has a say in it, the one that gives the list first."""


def agreed(lists: Sequence[PriceList], at: str) -> Agreed | None:
    """Return the list that stands; `lists` are believed, the most trusted first. None of none."""
    if not lists:
        return None
    same_now = [lists[0], *(one for one in lists[1:] if agree(lists[0], one, at))]
    priced = lists[0].standing(at).keys()
    able = [one for one in same_now if priced.isdisjoint(_ended(one, at))]
    base = max(able, key=_history)  # the first of those that know as much
    others = [one for one in same_now if one is not base]
    entries = list(base.entries)
    sources = [base.source]
    for other in others:
        new = [part for one in other.entries if (part := _missing(one, entries, at))]
        if new:
            entries += new
            sources.append(other.source)
    return Agreed(ordered(entries), tuple(sources))


def _ended(one: PriceList, at: str) -> set[str]:
    """Return the units that a list speaks of where nothing is asked for, without a price now."""
    plain = {unit for entry in one.entries if "when" not in entry for unit in units_of(entry)}
    return plain - one.standing(at).keys()


def _history(one: PriceList) -> int:
    """Return how many changes of its prices a list knows."""
    return sum("from" in entry for entry in one.entries)


def _missing(entry: Entry, known: Sequence[Entry], at: str) -> dict[str, Json]:
    """Return the units of an entry that have no price under its conditions; empty if none.

    What held at another time only, and factors, are not taken over.
    """
    over = "until" in entry and whole(entry["until"]) <= at
    ahead = "from" in entry and whole(entry["from"]) > at
    if over or ahead or EXTRAS & {*entry, *entry.get("when", {})}:
        return {}
    stated = [one for one in known if one.get("when") == entry.get("when")]
    units = [unit for unit in units_of(entry) if not any(unit in one for one in stated)]
    kept = {name: value for name, value in entry.items() if name == "when" or name in units}
    return kept if units else {}

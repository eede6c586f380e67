"""The book and genai-prices, point by point: rates of every unit, then totals of random usages.

A point is a deployment, a tier or speed, an instant and a number of input tokens. Those are looked
at where a price of either side changes: at the instant and the second before, at a threshold and
one token above.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from modelbook.decode import price_record
from modelbook.instants import seconds, within
from modelbook.prices import Asked, in_force, price_in_call, whole
from modelbook.records import Deployment, Window
from modelbook_compiler.values import Dispute

from . import peer
from .peer import Peer

TODAY = "2026-11-23T12:00:00Z"
"""A day on which most of the book was read; no clock, so that the outcome is that of the data."""

DIGITS = 9
"""Decimals that a price of ours has at most; what has more is looked at rounded."""

FEW = 1_000
"""Input tokens that are below every threshold."""

CELLS = {
    "input": (),
    "cache_read": (),
    "cache_write": (),
    "cache_write_1h": ("cache_write",),
    "input_audio": (),
    "cache_read_audio": ("cache_read", "input_audio"),
    "input_image": (),
    "cache_read_image": ("cache_read", "input_image"),
    "input_video": (),
    "cache_read_video": ("cache_read", "input_video"),
}
"""Kinds of input tokens, each with the other units (beside `input`) that count them too."""

OUTPUT = ("output", "output_audio", "output_image", "output_video", "reasoning")
OTHERS = {
    "searches": 20,
    "input_characters": 50_000,
    "input_audio_seconds": 900,
    "output_audio_seconds": 900,
    "input_pages": 300,
}
"""Units that no other one counts too, with the most of a random usage."""


@dataclass(frozen=True)
class Point:
    """Where the two are held against each other."""

    id: str
    asked: tuple[tuple[str, str], ...]
    at: str
    tokens: int


@dataclass(frozen=True)
class Difference:
    """A unit that has another price on the other side."""

    point: Point
    unit: str
    ours: Decimal
    theirs: Decimal

    def __str__(self) -> str:
        asked = " ".join(value for _, value in self.point.asked) or "standard"
        where = f"{self.point.id} {asked}, {self.point.tokens:,} tokens, {self.point.at}"
        return f"{where}: {self.unit} {self.ours:f}, theirs {self.theirs:f}"


@dataclass
class Compared:
    """What came of it."""

    deployments: Counter[str] = field(default_factory=Counter)
    """How many deployments were found by exact name, by pattern, or not at all."""
    patterns: dict[str, str] = field(default_factory=dict)
    """Deployments that it has no entry of their own for, to the model whose pattern takes them."""
    one_sided: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Units and conditions that only one side knows, to deployments."""
    differences: list[Difference] = field(default_factory=list)
    agreed: dict[Point, frozenset[str]] = field(default_factory=dict)
    """The units of each point on which both say the same."""
    rates: int = 0
    """How many rates were held against each other."""


def compare(deployments: Iterable[Deployment]) -> Compared:
    """Return how the rates of deployments compare."""
    found = Compared()
    for one in deployments:
        there = peer.find(one.id)
        if there is None or not one.prices:
            lacks = "unknown there" if there is None else "without prices here"
            found.deployments[lacks if one.id.partition(":")[0] in peer.PROVIDERS else "other"] += 1
            continue
        found.deployments["exact name" if there.exact else "by pattern"] += 1
        if not there.exact:
            found.patterns[one.id] = there.model.id
        for name in there.further():
            found.one_sided[f"condition {name}: theirs"].add(one.id)
        for point in points(one, there):
            _look(one, there, point, found)
        _look_in_regions(one, found)
    return found


def _look_in_regions(one: Deployment, found: Compared) -> None:
    """Look at a deployment in the regions that both sides have prices for."""
    priced = {price.when.region for price in one.prices}
    for place in peer.REGIONS:
        there = peer.find(one.id, place[1]) if place[1] in priced else None
        for point in points(one, there, (place,)) if there else ():
            _look(one, there, point, found)


def points(
    one: Deployment, there: Peer, place: tuple[tuple[str, str], ...] = ()
) -> Iterator[Point]:
    """Yield where a deployment is looked at, in a region or, by default, in none."""
    changes = {whole(at) for p in one.prices for at in (p.from_, p.until) if at}
    changes |= {*there.instants(), *_hours(one)}
    released = one.lifecycle.released or one.released or ""  # before, nobody could call it
    instants = sorted(at for at in {TODAY, *changes, *map(peer.before, changes)} if at >= released)
    steps = {p.when.context_above for p in one.prices if p.when.context_above}
    steps |= there.thresholds()
    sizes = sorted({FEW, *steps, *(step + 1 for step in steps), *(2 * step for step in steps)})
    for asked in (place, *((*place, one) for one in peer.CONTEXTS)):
        for at in instants:
            yield from (Point(one.id, asked, at, tokens) for tokens in sizes)


def _hours(one: Deployment) -> Iterator[str]:
    """Yield the instants of one day at which a window of the day opens or closes."""
    for window in {p.when.window for p in one.prices if p.when.window}:
        for clock in (window.from_, window.until):
            at = datetime.fromisoformat(f"{TODAY[:10]}T{clock}").replace(
                tzinfo=ZoneInfo(window.zone)
            )
            yield peer.iso(at)


def _look(one: Deployment, there: Peer, point: Point, found: Compared) -> None:
    """Take note of how the two compare at a point."""
    asked = dict(point.asked)
    here, beyond = _knows(one, point), there.knows(point.at, asked)
    if not (here and beyond):
        if here != beyond and point.at == TODAY:
            side = "ours" if here else "theirs"
            found.one_sided[f"condition {_words(point)}: {side}"].add(one.id)
        return
    ours, theirs = rates(one, point), there.rates(point.at, asked, point.tokens)
    for unit in ours.keys() ^ theirs.keys() if point.at == TODAY else ():
        side = "ours" if unit in ours else "theirs"
        found.one_sided[f"unit {unit}, {_words(point)}: {side}"].add(one.id)
    both = ours.keys() & theirs.keys()
    found.rates += len(both)
    apart = {unit for unit in both if ours[unit] != theirs[unit]}
    for unit in sorted(apart):
        if ours[unit] == round(theirs[unit], DIGITS):
            found.one_sided[f"unit {unit}, more than {DIGITS} decimals: theirs"].add(one.id)
        else:
            found.differences.append(Difference(point, unit, ours[unit], theirs[unit]))
    found.agreed[point] = frozenset(both - apart)


def rates(one: Deployment, point: Point) -> dict[str, Decimal]:
    """Return our rates by unit, without those that are not known."""
    call, at = Asked(**dict(point.asked)), seconds(point.at)
    units = {unit for price in one.prices for unit in price.amounts}
    known = {u: price_in_call(one.prices, u, at, call, point.tokens, "USD") for u in units}
    return {unit: amount for unit, amount in known.items() if amount is not None}


def _knows(one: Deployment, point: Point) -> bool:
    """Tell whether a price entry in force speaks of the tier or speed of a point."""
    return not point.asked or any(
        in_force(price, point.at) and all(getattr(price.when, k) == v for k, v in point.asked)
        for price in one.prices
    )


def _words(point: Point) -> str:
    """Return the tier or speed of a point."""
    return " ".join(value for _, value in point.asked) or "standard"


def explains(claim: Dispute, one: Difference) -> bool:
    """Tell whether a recorded claim says just this difference: unit, condition, time and price."""
    when, point = json.loads(claim.when or "{}"), one.point
    above, window = when.pop("context_above", None), when.pop("window", None)
    value = json.loads(claim.value)
    return (
        (claim.id, claim.field) == (point.id, f"prices.{one.unit}")
        and when == dict(point.asked)
        and (above is None or point.tokens > above)
        and (window is None or within(_window(window), seconds(point.at)))
        and (claim.from_ is None or whole(claim.from_) <= point.at)
        and (claim.until is None or point.at < whole(claim.until))
        and one.theirs == (0 if value == "free" else Decimal(value))
    )


def _window(stated: Mapping[str, Any]) -> Window:
    """Return a part of the day from its words in a file."""
    window = price_record({"when": {"window": stated}}).when.window
    assert window is not None
    return window


def unexplained(
    differences: Iterable[Difference], claims: Sequence[Dispute]
) -> tuple[list[Difference], list[Dispute]]:
    """Return the differences that no claim explains, and the claims that explain none."""
    by_id: dict[str, list[Dispute]] = defaultdict(list)
    for claim in claims:
        by_id[claim.id].append(claim)
    left: list[Difference] = []
    used: set[int] = set()
    for one in differences:
        fitting = [claim for claim in by_id[one.point.id] if explains(claim, one)]
        used.update(map(id, fitting))
        left += [] if fitting else [one]
    return left, [claim for claim in claims if id(claim) not in used]


def usage(point: Point, units: frozenset[str], random: Random) -> Mapping[str, int] | None:
    """Return a random usage of some units with just the input tokens of a point.

    None if the point needs input tokens, and their price is not among the units.
    """
    used: Counter[str] = Counter()
    if "input" in units:
        _split(point.tokens, units, random, used)
    elif point.tokens != FEW:
        return None
    whole_output = random.randrange(20_000)
    if "output" in units:
        used["output"] = whole_output
        for part in OUTPUT[1:]:
            if part in units:
                used[part] = random.randrange(whole_output // 4 + 1)
    for unit, most in OTHERS.items():
        if unit in units:
            used[unit] = random.randrange(most)
    return used


def _split(tokens: int, units: frozenset[str], random: Random, used: Counter[str]) -> None:
    """Count input tokens as of random kinds, all in all just so many."""
    cells = [cell for cell, wholes in CELLS.items() if units.issuperset((cell, *wholes))]
    cuts = sorted(random.randrange(tokens + 1) for _ in cells[1:])
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, tokens], strict=True)]
    used["input"] = tokens
    for cell, share in zip(cells, shares, strict=True):
        for unit in {cell, *CELLS[cell]} - {"input"}:
            used[unit] += share

"""Rules about prices. Amounts are compared as exact decimals, in one currency and one unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from modelbook.decode import price_record
from modelbook.prices import holds, in_force, price_of, whole
from modelbook.records import Conditions, Price

from ..groups import Member
from ..values import Entry, Fragment, Graph, Json
from .base import Finding, group_rule, rule
from .facts import amounts, facts, units_of

FAR = 10
"""How many times above or below the median of the same model elsewhere a price is doubted."""

CACHED = {
    "cache_read": "input",
    "cache_read_audio": "input_audio",
    "cache_read_image": "input_image",
}
"""Units of cached reads to those of reading anew."""

SLOWER = ("batch", "flex")
"""Tiers that trade time for money."""

COUNTED = {
    "input": {"input", "input_characters"},
    "output": {"output", "output_characters"},
}
"""Direction of text to the units that count it."""

ENOUGH = 4
"""How many other deployments it takes for a median that says something."""


MEANT = (
    "check it at the source; one that is negotiated has an exception"
    " (in a file of operations `add: {exceptions: …}`)"
)


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
        if not _in_dollars(price):
            continue
        for unit, amount in amounts(price).items():
            low, high = plausible(units.get(unit, {}))
            if amount and not low <= amount <= high:
                message = f"{amount:f} USD is not between {low:f} and {high:f} for `{unit}`"
                counted = f"{units[unit]['per']:,} {units[unit]['quantity']}"
                hint = f"check it at the source: the price is per {counted}"
                yield Finding(message, ("prices", position, unit), hint)


def _market(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the standing prices in USD of a deployment by model and unit, each with its place."""
    last: dict[str, tuple[int, Decimal]] = {}
    for position, price in enumerate(entry.data.get("prices", ())):
        if not {"when", "until"} & price.keys() and _in_dollars(price):
            known = amounts(price)
            for unit in units_of(price):
                last[unit] = position, known.get(unit, Decimal(0))
    for unit, (position, amount) in last.items():
        if amount:
            yield f"{entry.data['model']} {unit}", [position, unit, f"{amount:f}"]


@group_rule(
    "MB312",
    "a price far from that of the same model elsewhere",
    "deployment",
    keys=_market,
    bad='prices: [{input: "50.00"}]  # and 0.50 at four other providers',
    good='prices: [{input: "0.50"}]',
)
def far_from_market(members: Sequence[Member], _graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """Providers of one model rarely differ by a factor of ten. One that does is mostly a number of
    another model, another unit or another currency. What is free says nothing about the others.
    """
    if len(members) <= ENOUGH:
        return
    from statistics import median

    market = [Decimal(member.value[2]) for member in members]
    for place, (member, amount) in enumerate(zip(members, market, strict=True)):
        middle = median([*market[:place], *market[place + 1 :]])
        if not middle / FAR <= amount <= middle * FAR:
            position, unit, _ = member.value
            message = f"`{unit}` {amount:f} is far from the median {middle:f} elsewhere"
            yield member, Finding(message, ("prices", position, unit), MEANT)


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
        for cached, anew in CACHED.items():
            if cached in known and anew in known and known[cached] > known[anew] > 0:
                message = f"`{cached}` {known[cached]:f} is above `{anew}` {known[anew]:f}"
                yield Finding(message, ("prices", position, cached), "check both at the source")


@rule(
    "MB317",
    "a batch price above the standard one",
    "deployment",
    bad='prices: [{input: "1.00"}, {when: {tier: batch}, input: "2.00"}]',
    good='prices: [{input: "2.00"}, {when: {tier: batch}, input: "1.00"}]',
)
def batch_above_standard(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Batch and flex processing trade time for money. One that costs more than the standard tier at
    the same time and under the same further conditions is two numbers swapped, or a priority tier
    under the wrong name.
    """
    prices = entry.data.get("prices", ())
    slow = [n for n, one in enumerate(prices) if one.get("when", {}).get("tier") in SLOWER]
    if not slow or not all(map(_in_dollars, prices)):
        return
    records = [price_record(price) for price in prices]
    for position in slow:
        for unit, amount in amounts(prices[position]).items():
            standard = _least_standard(records, position, unit)
            if standard is not None and amount > standard:
                message = f"`{unit}` {amount:f} is above the standard {standard:f}"
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
    prices = entry.data.get("prices", ())
    stated = {unit for price in prices for unit in units_of(price)}
    known = {unit for price in prices for unit in amounts(price)}
    modalities = facts(entry, graph).get("modalities", {})
    for unit, other in (("output", "input"), ("input", "output")):
        counted = "text" in modalities.get(unit, ()) and other in known
        if counted and not stated & COUNTED[unit]:
            message = f"`{other}` has a price and `{unit}` has none"
            yield Finding(message, ("prices",), f'add `{unit}: "…"`, or `{unit}: unknown`', "key")


def plausible(unit: Fragment) -> tuple[Decimal, Decimal]:
    """Return the least and most that raise no doubt, in USD per the unit's `per`."""
    bounds = unit.get("plausible", {})
    return Decimal(bounds.get("min", "0")), Decimal(bounds.get("max", "Infinity"))


def _in_dollars(price: Fragment) -> bool:
    """Tell whether the amounts of a price entry are in USD."""
    return bool(price.get("currency", "USD") == "USD")


def _least_standard(prices: Sequence[Price], position: int, unit: str) -> Decimal | None:
    """Return the least that the standard tier costs while an entry of another tier is the last."""
    own, later = prices[position], prices[position + 1 :]
    when = Conditions(**{name: value for name, value in vars(own.when).items() if name != "tier"})
    costs = [
        price_of(prices, unit, at, when)
        for at in {"", *(whole(one.from_) for one in prices if one.from_)}
        if in_force(own, at)
        and not any(
            unit in one.amounts and in_force(one, at) and holds(one.when, own.when) for one in later
        )
    ]
    return min((cost for cost in costs if cost is not None), default=None)

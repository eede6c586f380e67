"""Rules about the registry of units, and about what price entries say of units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..values import Entry, Fragment, Graph
from .base import Finding, rule
from .facts import amounts, units_of


@rule(
    "MB335",
    "a unit that cannot be part of another",
    "units",
    bad="cache_read: {quantity: tokens, part_of: [input_pages]}",
    good="cache_read: {quantity: tokens, part_of: [input]}",
)
def impossible_part(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """The count of a unit includes those of its parts. So they count the same thing, in the same
    direction, and none is part of itself, be it through others.
    """
    units = entry.data["units"]
    for id, unit in units.items():
        for position, whole in enumerate(unit.get("part_of", ())):
            pointer = ("units", id, "part_of", position)
            if id in _wholes(whole, units):
                yield Finding(f"`{id}` is a part of itself, through `{whole}`", pointer)
            elif whole in units:
                for name in ("quantity", "direction"):
                    own, other = unit.get(name), units[whole].get(name)
                    if own != other:
                        message = f"`{whole}` has the {name} `{other}`, and `{id}` has `{own}`"
                        yield Finding(message, pointer)


@rule(
    "MB336",
    "a marginal price that nothing can be counted for",
    "deployment",
    bad='{when: {tier: batch}, marginal: true, input: "1.00"}',
    good='{when: {context_above: 200000}, marginal: true, input: "1.00"}',
)
def marginal_without_threshold(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A marginal price holds for the input tokens above a threshold. It needs one, and can only
    price what is counted in input tokens: nobody could say which output belongs above it. A
    marginal factor would scale what stands below the threshold too.
    """
    units = graph.kind("units")["units"].data["units"] if graph.kind("units") else {}
    for position, price in enumerate(entry.data.get("prices", ())):
        if "marginal" not in price:
            continue
        pointer = ("prices", position)
        if "context_above" not in price.get("when", {}):
            hint = "add `when: {context_above: …}`, or leave `marginal` out"
            yield Finding("`marginal` without `context_above`", (*pointer, "marginal"), hint)
        if "multiply" in price:
            hint = "state the amounts above the threshold"
            yield Finding("`marginal` with a factor", (*pointer, "multiply"), hint)
        for unit in sorted(units_of(price), key=list(price).index):
            known = units.get(unit, {})
            if (known.get("direction"), known.get("quantity")) != ("input", "tokens"):
                hint = "state it in an entry without `marginal`"
                yield Finding(f"`{unit}` does not count input tokens", (*pointer, unit), hint)


@rule(
    "MB337",
    "a least or a free quantity of a unit without a price",
    "deployment",
    bad='{input: "1.00", minimum: {input_audio_seconds: 10}}',
    good='{input_audio_seconds: "0.10", minimum: {input_audio_seconds: 10}}',
)
def bounds_without_price(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """`minimum` and `allowance` belong to the price of a unit: an entry that prices it anew ends
    them. Stated where no entry up to there prices the unit, they say nothing.
    """
    known: set[str] = set()
    for position, price in enumerate(entry.data.get("prices", ())):
        known |= amounts(price).keys()
        for word in ("minimum", "allowance"):
            for unit in price.get(word, {}):
                if unit not in known:
                    message = f"`{unit}` has no price here"
                    yield Finding(message, ("prices", position, word, unit), None, "key")


def _wholes(id: str, units: Mapping[str, Fragment]) -> set[str]:
    """Return a unit and all that it is part of."""
    found: set[str] = set()
    ahead = [id]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead.extend(units.get(one, {}).get("part_of", ()))
    return found

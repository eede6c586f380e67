"""A file of disputes -> what it says, each beside what the book says of the same.

The file stands under the path of its subject, a deployment or a model, and so has its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property

from modelbook.decode import inherited, price_record
from modelbook.moving import followed
from modelbook.prices import price_of, whole
from modelbook.records import Price

from .merge import said_by
from .references import subject_of
from .schemas import authored, leaves
from .values import Dispute, Entry, Fragment, Graph, Json, Pointer

PRICES = "prices."
"""What the names of price fields start with."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says of one field."""

    pointer: Pointer
    """Where it stands in the file."""
    field: str
    value: Json
    claim: Fragment
    """All of the claim: its conditions, source and reason."""


def said(dispute: Entry) -> Iterator[Said]:
    """Yield what a file of disputes says, field by field."""
    for position, claim in enumerate(dispute.data["claims"]):
        for field, value in claim["says"].items():
            yield Said(("claims", position, "says", field), field, value, claim)


def fields(kind: str, graph: Graph) -> set[str]:
    """Return the fields of a kind that a source may say something of, dotted."""
    plain = _fields(kind)
    if kind != "deployment":
        return set(plain)
    units = graph.kind("units").get("units")
    return {*plain, *(PRICES + unit for unit in (units.data["units"] if units else ()))}


@cache
def _fields(kind: str) -> frozenset[str]:
    """Return the fields of a kind but its prices."""
    kept = {"exceptions", "imported", "prices", "sources"}
    return frozenset(one for one in leaves(authored(kind)) if one.split(".")[0] not in kept)


class Stated:
    """What the book says of a deployment or model, as far as somebody asks."""

    def __init__(self, entry: Entry, graph: Graph) -> None:
        self.entry, self._graph = entry, graph

    def against(self, one: Said) -> Json:
        """Return what the book says where a claim says something else; None where it says nothing.

        Returns what the claim says if the book says the same throughout.
        """
        if one.field.startswith(PRICES):
            return _price(one, self._prices)
        value: Json = self._facts
        for step in one.field.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    @cached_property
    def _facts(self) -> Mapping[str, Json]:
        """What is known of it, for a deployment also by its model."""
        own = self.entry.data
        if self.entry.kind == "model":
            return own
        model = self._graph.kind("model").get(own["model"])
        return {**own, **inherited(model.data if model else {}, own)}

    @cached_property
    def _prices(self) -> list[Price]:
        """The prices of a deployment; a moving name without any has those of its targets."""
        rows: Sequence[Fragment] = self.entry.data.get("prices", ())
        steps = self.entry.data.get("points_to", ())
        if steps and not rows:
            known, targets = self._graph.kind("deployment"), [one["deployment"] for one in steps]
            if all(id in known for id in targets):  # else nobody can tell what it costs when
                rows = followed(steps, {id: known[id].data for id in targets})
        return [price_record(row) for row in rows]


def recorded(dispute: Entry, graph: Graph) -> Iterator[Dispute]:
    """Yield the disputes of a file, with what stands in their place."""
    from json import dumps

    kind, id = subject_of(dispute)
    stated = Stated(graph.kind(kind)[id], graph)
    for one in said(dispute):
        won, claim = stated.against(one), one.claim
        place = ("prices",) if one.field.startswith(PRICES) else tuple(one.field.split("."))
        yield Dispute(
            kind,
            id,
            one.field,
            dumps(one.value, sort_keys=True, ensure_ascii=False),
            claim["source"]["name"],
            None if won is None else dumps(won, sort_keys=True, ensure_ascii=False),
            said_by(stated.entry.document_of(place)),
            when=dumps(claim["when"], sort_keys=True) if "when" in claim else None,
            from_=claim.get("from"),
            until=claim.get("until"),
            reason=claim["reason"],
            url=claim["source"].get("url"),
            checked=claim["source"]["checked"],
            quarantine=claim.get("quarantine"),
            stake=_stake(one, won),
        )


def _stake(one: Said, won: Json) -> str | None:
    """Return how far a claimed price is from the one that stands, if both are known."""
    if not one.field.startswith(PRICES) or won is None:
        return None
    said, stands = (price_record({"of": price}).amounts["of"] for price in (one.value, won))
    return None if said is None or stands is None else f"{abs(said - stands):f}"


def _price(one: Said, prices: Sequence[Price]) -> str | None:
    """Return the first price that stands against a claim in its time, as a file writes it.

    Times without a known price count only if there is no other time.
    """
    unit = one.field.removeprefix(PRICES)
    asked = price_record({"when": one.claim.get("when", {}), unit: one.value})
    values = [price_of(prices, unit, at, asked.when) for at in _times(one.claim, prices)]
    known = [value for value in values if value is not None]
    against = [value for value in known if value != asked.amounts[unit]]
    if known and not against:
        return str(one.value)
    return _written(against[0]) if against else None


def _times(claim: Fragment, prices: Sequence[Price]) -> list[str]:
    """Return instants that stand for all of a claim's time: its start, and each change in it."""
    start = whole(claim["from"]) if "from" in claim else ""
    end = whole(claim["until"]) if "until" in claim else "~"
    changes = {whole(at) for one in prices for at in (one.from_, one.until) if at}
    return sorted({start, *(at for at in changes if start < at < end)})


def _written(amount: Decimal) -> str:
    """Return an amount as a file writes it."""
    return f"{amount:f}" if amount else "free"

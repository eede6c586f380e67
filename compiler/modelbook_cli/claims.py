"""Rows of the table `disputes` -> claims, what matters most first, and how they are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .database import rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PRICES = "prices."
CONDITIONS = {"context_above": ">"}
"""How a condition is shown, other than by its name."""

QUERY = """
    SELECT * REPLACE (
        strftime("from", '%Y-%m-%dT%H:%MZ') AS "from",
        strftime("until", '%Y-%m-%dT%H:%MZ') AS "until",
        checked::VARCHAR AS checked)
    FROM disputes"""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says of one field, and what stands in its place."""

    kind: str
    id: str
    field: str
    value: Any
    source: str
    """Who says so, without the version."""
    version: str | None
    won: Any
    """None where the book says nothing."""
    won_source: str
    when: dict[str, Any] | None
    from_: str | None
    until: str | None
    reason: str | None
    url: str | None
    checked: str | None
    quarantine: str | None
    stake: Decimal | None
    """For a price, USD that the two are apart, for as much as the unit's price is for."""

    @property
    def difference(self) -> Decimal | None:
        """Return how far the claim is from what stands, in percent of that."""
        said, stands = number(self.value), number(self.won)
        return None if said is None or not stands else (said - stands) / stands * 100

    @property
    def rank(self) -> tuple[object, ...]:
        """Return the key to sort by: prices by what is at stake, then the rest by difference."""
        price = self.field.startswith(PRICES)
        weight: Decimal | None = self.stake if price else self.difference
        place = (self.id, self.field, self.source, self.from_ or "", json.dumps(self.when))
        return (not price, weight is None, -abs(weight or Decimal(0)), *place)


def claims(connection: DuckDBPyConnection, id: str | None = None) -> list[Claim]:
    """Return the disputes of a catalog, or of one deployment or model; what matters most first."""
    query = QUERY if id is None else f"{QUERY} WHERE id = ?"
    found = rows(connection, query, *([] if id is None else [id]))
    return sorted(map(_claim, found), key=lambda one: one.rank)


def _claim(row: dict[str, Any]) -> Claim:
    """Return a claim from its row."""
    name, _, version = row["source"].rpartition(" ")
    several = "," in row["source"] or not name
    decoded = {one: json.loads(row[one]) for one in ("value", "won", "when") if row[one]}
    rest = {key: value for key, value in row.items() if key != "from"}
    named = {"source": row["source"] if several else name, "version": None if several else version}
    return Claim(**{**rest, **decoded, **named, "from_": row["from"]})


def number(value: Any) -> Decimal | None:
    """Return a value as a number, None for what is none; prices are decimal text or `free`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if value == "free":
        return Decimal(0)
    decimal = isinstance(value, str) and value.replace(".", "", 1).isdecimal()
    return Decimal(value) if decimal else None


def plain(one: Claim) -> dict[str, Any]:
    """Return a claim as plain data; decimals as text, the difference in percent."""
    fields = {name.rstrip("_"): getattr(one, name) for name in one.__slots__}
    apart = one.difference
    stake = None if one.stake is None else f"{one.stake.normalize():f}"
    return {
        **fields,
        "stake": stake,
        "difference_percent": None if apart is None else round(float(apart), 4),
    }


COLUMNS = [
    ("field", False),
    ("book says", False),
    ("other says", False),
    ("difference", True),
    ("why", False),
]


def cells(one: Claim) -> list[str]:
    """Return a claim as the cells of `COLUMNS`."""
    stands = f"{text(one.won)} ({_names(one.won_source)})" if one.won is not None else "-"
    why = [f"not believed: {one.quarantine}"] if one.quarantine else []
    return [
        ", ".join([one.field, *_conditions(one)]),
        stands,
        f"{text(one.value)} ({one.source})",
        percent(one.difference),
        "; ".join([*why, *([one.reason] if one.reason else [])]),
    ]


def text(value: Any) -> str:
    """Return a value as text: `128,000`, `yes`, `text image`, `2.50`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(text, value))
    if isinstance(value, dict):
        return " ".join(f"{key} {text(inner)}" for key, inner in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def percent(apart: Decimal | None) -> str:
    """Return a difference in percent as text, nothing where there is none."""
    if apart is None:
        return ""
    return f"{apart:+,.{0 if abs(apart) >= 10 else 1}f} %"


def _names(source: str) -> str:
    """Return the names of sources without their versions."""
    parts = (one.rpartition(" ")[0] or one for one in source.split(", "))
    return ", ".join(dict.fromkeys(parts))


def _conditions(one: Claim) -> Iterable[str]:
    """Yield the conditions and the time of a claim, in words."""
    for name, value in (one.when or {}).items():
        yield f"{CONDITIONS.get(name, name + ' ')}{text(value)}"
    for word, at in (("from", one.from_), ("until", one.until)):
        if at:
            yield f"{word} {at.removesuffix('T00:00Z')}"

"""The registry of billable units, as the calculator asks it: rows in, `Units` out."""

from __future__ import annotations

from .names import unknown_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .rows import Rows

FRACTIONAL = frozenset({"seconds", "hours", "token-hours", "gigabyte-hours"})
"""Quantities that are measured; all others are counted one by one."""

CACHE_ORDER = {None: 0, "write": 1, "read": 2}
"""From the end of a prompt to its start: what is new, what is written, what is read."""


class Unit:
    """One billable unit."""

    def __init__(self, id: str, row: dict[str, object], wholes: frozenset[str], order: int) -> None:
        self.id = id
        self.order = order
        """Its position in the registry."""
        self.per = int(str(row["per"]))
        """How many of the quantity a price pays for."""
        self.quantity = str(row["quantity"])
        self.fractional = self.quantity in FRACTIONAL
        self.direction = row.get("direction")
        self.in_prompt = self.direction == "input" and self.quantity == "tokens"
        self.own_price = bool(row.get("own_price"))
        """Whether the price of a whole does not stand in for its own."""
        self.wholes = wholes
        """All units whose counts include this one."""
        cache = row.get("cache")
        self.place = CACHE_ORDER.get(cache if isinstance(cache, str) else None, 0)
        """Where its tokens stand in a prompt, from the end."""


class Units:
    """All units by id."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._units: dict[str, Unit] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._rows

    def __iter__(self) -> Iterator[str]:
        """Return the ids, in the order of the registry."""
        return iter(self._rows)

    def __getitem__(self, id: str) -> Unit:
        """Return a unit; raise `RequestError` with the nearest ids if there is none."""
        unit = self._units.get(id)
        if unit is None:
            if not isinstance(id, str) or id not in self._rows:
                raise unknown_unit(id, self._rows)
            order = [*self._rows].index(id)
            wholes = frozenset(self._wholes(id))
            unit = self._units[id] = Unit(id, dict(self._rows[id]), wholes, order)
        return unit

    def common_part(self, one: Unit, other: Unit) -> str | None:
        """Return the id of the unit that counts what is of both; None where nothing does."""
        both = {one.id, other.id}
        return next((id for id in self._rows if both <= self[id].wholes), None)

    def _wholes(self, id: str) -> set[str]:
        """Return the units that a unit is part of, directly or through others."""
        found: set[str] = set()
        ahead = [id]
        while ahead:
            for whole in self._rows[ahead.pop()].get("part_of", ()):
                if whole not in found:
                    found.add(whole)
                    ahead.append(whole)
        return found

"""The order in which sources are believed, as `trust.yaml` states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ..market.claims import Json


class Trust:
    """Whom to believe in which field."""

    def __init__(self, orders: Sequence[Mapping[str, Json]]) -> None:
        self._orders = orders
        self.order = lru_cache(maxsize=None)(self._order)

    def _order(self, field: str, provider: str | None) -> tuple[str, ...]:
        """Return the sources that have a say in a field, the most trusted first.

        `provider` is that of a deployment, None for facts of models.
        """
        fits = [
            row
            for row in self._orders
            if provider in row.get("providers", (provider,))
            and any(field == one or field.startswith(f"{one}.") for one in row["fields"])
        ]
        return tuple(fits[-1]["order"]) if fits else ()

    def rank(self, field: str, provider: str | None, source: str) -> int | None:
        """Return the place of a source in the order of a field; None if it has no say."""
        order = self.order(field, provider)
        return order.index(source) if source in order else None

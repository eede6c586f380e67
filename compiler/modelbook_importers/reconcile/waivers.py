"""What an import believes although it looks wrong: `waivers.yaml`, on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..market.claims import Json


@dataclass(frozen=True, slots=True)
class Waivers:
    """Waivers that have not ended: deployment, source, and why it would be doubted."""

    rows: frozenset[tuple[str, str, str]] = frozenset()

    def hold(self, deployment: str, source: str, word: str) -> bool:
        """Tell whether a claim is to be believed."""
        return (deployment, source, word) in self.rows


def waivers(rows: Iterable[Mapping[str, Json]], at: str) -> Waivers:
    """Return the waivers that hold on a day; `until` is the first day they do not."""
    return Waivers(
        frozenset(
            (row["deployment"], row["source"].replace("-", "_"), row["quarantine"])
            for row in rows
            if at < row["until"]
        )
    )

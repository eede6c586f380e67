"""Readings and the tables -> what a reviewer wants to know of them: what was read, what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .claims import Reading, Refused, Row, Source
from .identity import Identity, Tables, Unresolved, identify

LEFT_OUT = "no-model"
"""Why a row is unresolved that nobody needs to look at."""


@dataclass(frozen=True, slots=True)
class Told:
    """One source: its rows with what they are, and what was refused of them."""

    source: Source
    rows: tuple[tuple[Row, Identity | Unresolved], ...]
    refused: tuple[Refused, ...]
    unread: Mapping[str, int]

    @property
    def known(self) -> list[Identity]:
        """Return what is known of the rows that are resolved."""
        return [one for _, one in self.rows if isinstance(one, Identity)]

    @property
    def unresolved(self) -> list[Unresolved]:
        """Return the rows that stay by themselves, tools and stubs left aside."""
        found = (one for _, one in self.rows if isinstance(one, Unresolved))
        return [one for one in found if one.why != LEFT_OUT]

    @property
    def left_out(self) -> int:
        """Return the number of rows that are no models."""
        return sum(isinstance(one, Unresolved) and one.why == LEFT_OUT for _, one in self.rows)


def told(readings: Iterable[Reading], tables: Tables) -> list[Told]:
    """Return what is known of every row of some readings."""
    return [
        Told(
            reading.source,
            tuple((row, identify(row, tables)) for row in reading.rows),
            reading.refused,
            reading.unread,
        )
        for reading in readings
    ]


def counts(some: Sequence[Told]) -> dict[str, int]:
    """Return the counts of one source, or of several together."""
    known = [one for each in some for one in each.known]
    return {
        "rows": sum(len(each.rows) for each in some),
        "providers": len({one.provider for one in known if one.provider}),
        "deployments": len({one.deployment for one in known if one.provider}),
        "models": len({one.model for one in known}),
        "unresolved": sum(len(each.unresolved) for each in some),
        "no models": sum(each.left_out for each in some),
        "refused": sum(len(each.refused) for each in some),
    }


def as_json(some: Sequence[Told]) -> dict[str, Any]:
    """Return all of it as plain data: counts, and every row that was not taken."""
    return {
        "sources": [
            {
                "source": each.source.id,
                "version": each.source.version,
                "dated": each.source.dated,
                "url": each.source.url,
                **{name.replace(" ", "_"): number for name, number in counts([each]).items()},
                "unresolved_rows": [
                    {"provider": one.raw.provider, "key": one.raw.key, "why": one.why}
                    for one in each.unresolved
                ],
                "refused_values": [
                    {
                        "provider": one.raw.provider,
                        "key": one.raw.key,
                        "field": one.field,
                        "value": one.value,
                        "reason": one.reason,
                        "at": str(one.place),
                    }
                    for one in each.refused
                ],
                "unread_fields": dict(sorted(each.unread.items())),
            }
            for each in some
        ],
        "together": {name.replace(" ", "_"): number for name, number in counts(some).items()},
    }


def reasons(some: Sequence[Told]) -> list[tuple[str, str, list[Refused]]]:
    """Return what was refused, by reason and field, the most frequent first."""
    every = [one for each in some for one in each.refused]
    number = Counter((one.reason, one.field) for one in every)
    return [
        (reason, field, [one for one in every if (one.reason, one.field) == (reason, field)])
        for (reason, field), _ in sorted(number.items(), key=lambda pair: (-pair[1], pair[0]))
    ]

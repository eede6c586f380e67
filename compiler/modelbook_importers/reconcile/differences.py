"""What every source said, and what stands -> the claims that lost, by what they speak of.

A claim is recorded if the catalog says something else, or nothing because the claim is not
believed. What a source only infers, and how it spells a name, is no claim against anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelbook.prices import whole
from modelbook_compiler.disputed import PRICES, Said, Stated
from modelbook_compiler.values import Entry, Graph, Subject

from ..market.claims import Json, Source
from .models import MEDIA
from .price_lists import PriceList, units_of
from .quarantine import Doubt
from .reconcile import Reconciled, Sold
from .sieve import Taken
from .voices import OWN, Hearing, Voice, is_of_deployment

NO_CLAIMS = frozenset({"name", "family", "pipelines", "lifecycle.status"})
"""Fields of which another value is another spelling, or an inference."""

SECOND = "The source has it twice, and its usual name for the provider goes first"
"""Why a further row of one source loses."""

CODES = {
    "MB311": "above-ceiling",
    "MB312": "far-from-median",
    "MB313": "cache-above-input",
    "MB318": "zero",
    "MB301": "absurd-limit",
}
"""Rules that take something out of a file to why that is not believed."""


@dataclass(frozen=True, slots=True)
class Book:
    """What stands after an import."""

    graph: Graph
    kept: frozenset[Subject]
    """Models and deployments that people keep."""
    at: str
    """The day of the import."""


def claims(done: Reconciled, book: Book) -> dict[Subject, list[Json]]:
    """Return the claims that lost, by model and deployment."""
    taken: dict[Subject, list[Taken]] = {}
    for one in done.taken:
        taken.setdefault(one.subject, []).append(one)
    found: dict[Subject, list[Json]] = {}
    for subject, hearing in sorted(done.heard.items()):
        entry = book.graph.kind(subject[0]).get(subject[1])
        if entry is None:
            continue
        of_model = taken.get(("model", entry.data.get("model", "")), ())
        lost = _Lost(entry, book, [*taken.get(subject, ()), *of_model])
        rows = list(lost.facts(hearing))
        if subject[0] == "deployment":
            rows += lost.prices(done.sold[subject[1]])
        if rows:
            found[subject] = _distinct(rows)
    return found


class _Lost:
    """The claims about one thing that lost."""

    def __init__(self, entry: Entry, book: Book, taken: Sequence[Taken]) -> None:
        self._entry, self._book, self._taken = entry, book, taken
        self._stated = Stated(entry, book.graph)
        self._by_hand = entry.subject in book.kept

    def facts(self, hearing: Hearing) -> Iterator[Json]:
        """Yield claims about facts, those of one source and reason together."""
        rows: dict[tuple[str, str, str | None], Json] = {}
        for field, heard in sorted(hearing.items()):
            for voice in heard.voices:
                if voice.rough or field in NO_CLAIMS or self._said_elsewhere(field, voice):
                    continue
                word, why = self._verdict(field, voice.value)
                if why is None:
                    continue
                first = heard.best.source
                reason = self._reason(field, first if voice.source.id != first.id else None, why)
                row = rows.setdefault(
                    (voice.source.id, reason, word),
                    _claim(voice.source, reason, word, self._book.at),
                )
                row["says"][field] = voice.value
        yield from rows.values()

    def _said_elsewhere(self, field: str, voice: Voice) -> bool:
        """Tell whether a claim about a model is one about its deployment at the maker's own API."""
        of_both = self._entry.kind == "model" and is_of_deployment(field)
        return of_both and voice.near != OWN

    def _verdict(self, field: str, value: Json) -> tuple[str | None, str | None]:
        """Return the quarantine of a claim about a fact, and why it lost; None if it did not."""
        stands = self._stated.against(Said((), field, value, {}))
        if stands is None:
            out = self._out(tuple(field.split(".")))
            if out is None:
                return self._unfit(field, value)
            return CODES.get(out.code, "absurd-limit"), out.message
        no_word = field == "modalities.output" and {*stands} - MEDIA and {*value} <= MEDIA
        return None, (None if stands == value or no_word else "")

    def _unfit(self, field: str, value: Json) -> tuple[str | None, str | None]:
        """Return the same of a claim that was left out since it does not fit what stands."""
        if field in ("limits.max_input", "limits.max_output"):
            context = self._stands("limits.context")
            if context is not None and value > context:
                return "absurd-limit", f"It is above the context of {context}"
        if field == "knowledge_cutoff" and not self._by_hand:
            released = self._stands("released")
            if released is not None and value > released:
                return None, f"It is after the release on {released}"
        return None, None

    def _stands(self, field: str) -> Json:
        """Return what the book says of a field, None where it says nothing."""
        return self._stated.against(Said((), field, None, {}))

    def _out(self, pointer: tuple[str | int, ...]) -> Taken | None:
        """Return what took a field out of the file."""
        return next((one for one in self._taken if one.pointer[: len(pointer)] == pointer), None)

    def _reason(self, field: str, first: Source | None, why: str) -> str:
        """Return why another value stands."""
        if why:
            return why
        if self._by_hand:
            return "The file is kept by hand, from the sources it names"
        if first is not None:
            return f"{first.label} goes first for {field.partition('.')[0]}"
        if field.startswith("limits."):
            return "It is above the context of the deployment"
        return "It does not fit what else the sources say"

    def prices(self, sold: Sold) -> Iterator[Json]:
        """Yield claims about prices: each entry that the list that stands contradicts."""
        for one in sorted(sold.lists.values(), key=lambda one: one.source.id):
            doubt = sold.doubts.get(one.source.id)
            mixed = sold.agreed is not None and one.source in sold.agreed.sources
            first = sold.agreed.sources[0] if sold.agreed else None
            first = first if first and first.id != one.source.id else None
            for position in range(len(one.entries)):
                yield from self._entry_claims(
                    one, position, doubt, self._reason("prices", first, ""), mixed
                )
        for one in sorted(sold.further, key=lambda one: (one.source.id, one.places)):
            for position in range(len(one.entries)):
                yield from self._entry_claims(one, position, None, SECOND, False)

    def _entry_claims(
        self, one: PriceList, position: int, doubt: Doubt | None, reason: str, mixed: bool
    ) -> Iterator[Json]:
        """Yield the claims of one price entry that are about now or later.

        `mixed` tells whether the list has a say in what stands; what another one says alone is lost
        where nothing stands, too.
        """
        entry = one.entries[position]
        if "multiply" in entry or "currency" in entry:
            return
        says: dict[tuple[str | None, str, str | None], dict[str, Json]] = {}
        for unit in units_of(entry):
            until = ends(one.entries, position, unit)
            if until is not None and whole(until) <= self._book.at:
                continue
            claim = _of_time(entry, until)
            word, why = self._price_verdict(unit, entry, claim, doubt, reason, mixed)
            if why is not None:
                says.setdefault((word, why, until), {})[PRICES + unit] = entry[unit]
        for (word, why, until), units in says.items():
            yield {
                **_claim(one.source, why, word, self._book.at),
                "says": units,
                **_of_time(entry, until),
            }

    def _price_verdict(
        self,
        unit: str,
        entry: Mapping[str, Json],
        claim: Mapping[str, Json],
        doubt: Doubt | None,
        reason: str,
        mixed: bool,
    ) -> tuple[str | None, str | None]:
        """Return the quarantine of a claim about a price, and why it lost; None if it did not."""
        if entry[unit] == "unknown":
            return None, None
        since = dict(claim)
        if whole(since.get("from", self._book.at)) <= whole(self._book.at):
            since["from"] = self._book.at  # what was before is not what is claimed now
        stands = self._stated.against(Said((), PRICES + unit, entry[unit], since))
        if stands == entry[unit]:
            return None, None
        if doubt is not None:
            said = "; ".join(f"{name} is {why}" for name, why in doubt.units.items())
            return doubt.word, said[:1].upper() + said[1:]
        out = self._out(("prices",))
        if stands is None:
            if out is not None:
                return CODES.get(out.code, "zero"), out.message
            had = self._stated.against(Said((), PRICES + unit, entry[unit], claim))
            return None, (None if mixed or self._by_hand or had == entry[unit] else reason)
        return None, reason


def ends(entries: Sequence[Mapping[str, Json]], position: int, unit: str) -> str | None:
    """Return when a price of an entry ends: on its own day, or when a later entry takes over."""
    entry = entries[position]
    later = [
        one["from"]
        for one in entries[position + 1 :]
        if unit in one and "from" in one and one.get("when") == entry.get("when")
    ]
    days = [*later, *([entry["until"]] if "until" in entry else [])]
    return min(days, key=whole) if days else None


def _of_time(entry: Mapping[str, Json], until: str | None) -> dict[str, Json]:
    """Return conditions and time of a claim."""
    claim = {name: entry[name] for name in ("when", "from") if name in entry}
    return {**claim, "until": until} if until is not None else claim


def _claim(source: Source, reason: str, word: str | None, at: str) -> dict[str, Any]:
    """Return a claim that says nothing yet."""
    row: dict[str, Any] = {"says": {}}
    if word is not None:
        row["quarantine"] = word
    named = {"name": source.label, "url": source.url, "checked": source.dated or at}
    return {**row, "source": named, "reason": reason}


def _distinct(rows: Iterable[Json]) -> list[Json]:
    """Return claims once each, in an order of their own, as a file writes them."""
    order = ("says", "when", "from", "until", "quarantine", "source", "reason")
    plain = [{name: row[name] for name in order if name in row} for row in rows]
    seen = {repr(row): row for row in plain}
    return [seen[key] for key in sorted(seen, key=lambda key: (seen[key]["source"]["name"], key))]

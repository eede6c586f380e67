"""Documents -> entries: claims about the same subject merged by a declared trust order.

A claim is one field of one subject as one file states it. The strongest claim on a field is the
fact; a weaker one that says something else is a dispute. Lists are one value: they replace each
other whole. A subject that only one file speaks of needs no contest and keeps its file's data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .values import Dispute, Document, Entry, Json, Pointer


@dataclass(frozen=True, slots=True)
class Claim:
    """What one file says of one field."""

    kind: str
    id: str
    field: Pointer
    value: Json
    source: str
    """`curated`, or the sources that the importer of the file names."""
    date: str
    """Latest day on which a source of the file was read; empty where none is stated."""
    layer: str
    document: Document

    @property
    def text(self) -> str:
        """Return the value as JSON text, by which claims are compared."""
        return json.dumps(self.value, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """The order in which claims win: layer, then curated over imported, then source, then date."""

    layers: Sequence[str] = ()
    """Names of layers, the weakest first; one that is not named is weaker than all."""
    sources: Sequence[str] = ()
    """Names of sources, the weakest first; one that is not named is weaker than all."""

    def strength(self, claim: Claim) -> tuple[int, bool, int, str, str, str, str]:
        """Return the sort key of a claim. Equal strength is broken by names, never by order.

        All but the last part is the same for every claim of a file, so that files have an order.
        """
        return (
            _rank(self.layers, claim.layer),
            claim.source == CURATED,
            _rank(self.sources, claim.source),
            claim.date,
            claim.document.source.path,
            claim.layer,
            claim.text,
        )


CURATED = "curated"
"""The source of claims in files that people keep."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a contest: the winning claim of every field, and the disputes."""

    facts: Mapping[Pointer, Claim]
    disputes: tuple[Dispute, ...]


def merge(documents: Iterable[Document], trust: Trust = Trust()) -> tuple[Entry, ...]:
    """Return one entry for each subject, sorted by kind and id."""
    subjects: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        subjects.setdefault((document.source.kind, document.source.id), []).append(document)
    return tuple(_entry(subjects[subject], trust) for subject in sorted(subjects))


def settle(claims: Iterable[Claim], trust: Trust = Trust()) -> Merged:
    """Return what stands among claims about one subject. The order of the claims is no matter."""
    fields: dict[Pointer, list[Claim]] = {}
    for claim in claims:
        fields.setdefault(claim.field, []).append(claim)
    facts = {name: max(rivals, key=trust.strength) for name, rivals in fields.items()}
    facts = {name: facts[name] for name in sorted(facts, key=str)}
    lost = {
        _dispute(claim, facts[name])
        for name, rivals in fields.items()
        for claim in rivals
        if claim.text != facts[name].text
    }
    return Merged(facts, tuple(sorted(lost, key=lambda one: (one.field, one.source, one.value))))


def claims_of(document: Document) -> Iterator[Claim]:
    """Yield the claims of a file: one for each leaf, lists whole."""
    data, source = document.data, said_by(document)
    date = max((one["checked"] for one in data.get("sources", ())), default="")
    own = document.source
    for field, value in _leaves(data, ()):
        yield Claim(own.kind, own.id, field, value, source, date, own.layer, document)


def said_by(document: Document) -> str:
    """Return who claims what a file states: the sources it was imported from, or a person."""
    imported = document.data.get("imported")
    return ", ".join(imported["from"]) if imported else CURATED


def _entry(documents: list[Document], trust: Trust) -> Entry:
    """Return the entry of one subject."""
    first = documents[0].source
    if len(documents) == 1:
        return Entry(first.kind, first.id, documents[0].data, tuple(documents))
    merged = settle((claim for one in documents for claim in claims_of(one)), trust)
    data: dict[str, Json] = {}
    for field in sorted(merged.facts, key=len):
        _put(data, field, merged.facts[field].value)
    order = sorted(documents, key=lambda one: _weight(one, trust), reverse=True)
    return Entry(first.kind, first.id, data, tuple(order), merged.disputes)


def _weight(document: Document, trust: Trust) -> tuple[object, ...]:
    """Return the sort key of a file among those of one subject: the strength of its claims."""
    return max((trust.strength(claim)[:-1] for claim in claims_of(document)), default=())


def _leaves(value: Json, pointer: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """Yield pointer and value of everything that is not a mapping with content."""
    if isinstance(value, dict) and value:
        for key in value:
            yield from _leaves(value[key], (*pointer, key))
    else:
        yield pointer, value


def _put(data: dict[str, Json], field: Pointer, value: Json) -> None:
    """Set a leaf in a nested mapping, making the mappings on the way.

    A mapping without content is filled by what other files state in it.
    """
    for step in field[:-1]:
        data = data.setdefault(str(step), {})
    data[str(field[-1])] = {} if value == {} else value


def _dispute(loser: Claim, winner: Claim) -> Dispute:
    """Return the dispute between two claims on one field."""
    field = ".".join(map(str, loser.field))
    return Dispute(
        loser.kind, loser.id, field, loser.text, loser.source, winner.text, winner.source
    )


def _rank(order: Sequence[str], name: str) -> int:
    """Return the position of a name in an order, -1 if it is not there."""
    return order.index(name) if name in order else -1

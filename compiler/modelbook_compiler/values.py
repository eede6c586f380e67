"""The values that pass between the stages. All frozen; none knows how it is made or used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What a catalog file says: dicts with text keys, lists, text, whole numbers, booleans."""

Pointer: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the root of a file to a value."""

Fragment: TypeAlias = Mapping[str, Json]
"""A mapping inside a catalog file."""

Subject: TypeAlias = tuple[str, str]
"""Kind and id of what a file speaks of."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A catalog file by its place alone, from which its kind and id follow."""

    path: str
    """As shown in messages: `catalog/models/openai/gpt-4o.yaml`."""
    kind: str
    id: str
    layer: str
    """The catalog folder's name, which claims are recorded under."""

    @property
    def subject(self) -> Subject:
        """Return what the file speaks of."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class SourceFile(Origin):
    """A catalog file as it was read."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is well-formed YAML, read as JSON values."""

    source: Origin
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A claim that lost against another and says something else.

    Either a catalog file was outweighed by another one, or a file of disputes records it.
    """

    kind: str
    id: str
    field: str
    value: str
    """The losing value, as JSON text."""
    source: str
    """Who claimed it."""
    won: str | None
    """The value that stands, as JSON text; None where the catalog states none."""
    won_source: str
    when: str | None = None
    """Conditions under which it was claimed of a price, as JSON text."""
    from_: str | None = None
    """First UTC instant it was claimed of, inclusive."""
    until: str | None = None
    """First UTC instant it was no longer claimed of, exclusive."""
    reason: str | None = None
    """Why the other value stands, where somebody decided that."""
    url: str | None = None
    checked: str | None = None
    """Where and on which day, UTC, the claim was read."""
    quarantine: str | None = None
    """Why an import refused to believe it at all, where it did not lose against what stands."""
    stake: str | None = None
    """For a price, decimal: how many USD apart the two are for as much as a price of the unit is
    for, 1M tokens or one image. None where one of them is not known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject of the catalog after the merge: what stands, and which files say so."""

    kind: str
    id: str
    data: Mapping[str, Json]
    documents: tuple[Document, ...]
    """The files it comes from, the strongest first."""
    disputes: tuple[Dispute, ...] = ()

    @property
    def subject(self) -> Subject:
        """Return its kind and id."""
        return self.kind, self.id

    def path_of(self, pointer: Pointer) -> str:
        """Return the path of the strongest file that states the value at a pointer."""
        return self.document_of(pointer).source.path

    def document_of(self, pointer: Pointer) -> Document:
        """Return the strongest file that states the value at a pointer."""
        for document in self.documents:
            if _states(document.data, pointer):
                return document
        return self.documents[0]


class ClassFacts(Mapping[str, Fragment]):
    """What is stated of model classes, by name, without the files they stand in."""

    def __init__(self, classes: Mapping[str, tuple[Entry, Fragment]]) -> None:
        self._classes = classes

    def __getitem__(self, name: str) -> Fragment:
        return self._classes[name][1]

    def __contains__(self, name: object) -> bool:
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


class Graph:
    """All entries by kind and id."""

    def __init__(
        self,
        entries: Mapping[str, Mapping[str, Entry]],
        broken: frozenset[Subject] = frozenset(),
    ) -> None:
        self.entries = entries
        self._broken = broken

    @property
    def broken(self) -> frozenset[Subject]:
        """Return what dropped out with its file; references to it are not reported again."""
        return self._broken

    def kind(self, kind: str) -> Mapping[str, Entry]:
        """Return the entries of a kind by id, in id order."""
        return self.entries.get(kind, {})

    @cached_property
    def classes(self) -> Mapping[str, tuple[Entry, Fragment]]:
        """Model classes by name, each with the file it stands in."""
        return {
            name: (entry, facts)
            for entry in self.kind("architecture").values()
            for name, facts in entry.data["classes"].items()
        }

    @cached_property
    def class_facts(self) -> Mapping[str, Fragment]:
        """What is stated of each model class, by name."""
        return ClassFacts(self.classes)


def _states(data: Json, pointer: Pointer) -> bool:
    """Tell whether a file has a value at a pointer."""
    for step in pointer:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True

"""The values that pass between the stages. All frozen; none knows how it is made or used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

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
    above: int = 0
    """Folders in `path` above the one that holds the catalog folder: those of other layers have
    some."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One catalog among those that are merged."""

    name: str
    """As its manifest says; what its files state is recorded under it."""
    shown: str
    """What stands before the path of a file in it, as messages show it: `catalog/`."""
    place: Path
    """Its folder, the file it is packed in, or the git repository it is in."""
    kind: Literal["folder", "packed", "git"] = "folder"
    tree: str = ""
    """In a git repository: commit and folder, `3f2c…:catalog`."""
    files: int = 0
    """How many files are packed."""

    @property
    def above(self) -> int:
        """Return how many folders its shown paths have above the one that holds it."""
        return self.shown.count("/") - 1


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is well-formed YAML, read as JSON values."""

    source: Origin
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Statement:
    """What one file does to one field: state it, change it or take it away."""

    document: Document
    pointer: Pointer
    """Where in that file."""
    value: Json
    """The field's value from then on; None where it is taken away."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A claim that the catalog does not follow: a file of disputes records it."""

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
    """The files it comes from, the strongest first; the last is a whole record."""
    history: Mapping[Pointer, tuple[Statement, ...]] = field(default_factory=dict)
    """Of fields that a layer above the lowest speaks of: who stated what, the weakest first."""

    @property
    def subject(self) -> Subject:
        """Return its kind and id."""
        return self.kind, self.id

    def path_of(self, pointer: Pointer) -> str:
        """Return the path of the file that states the value at a pointer."""
        return self.place_of(pointer)[0]

    def document_of(self, pointer: Pointer) -> Document:
        """Return the file that states the value at a pointer."""
        return self._stated(pointer)[0]

    def place_of(self, pointer: Pointer) -> tuple[str, Pointer]:
        """Return the path of the file that states the value at a pointer, and where in it."""
        document, place = self._stated(pointer)
        return document.source.path, place

    def _stated(self, pointer: Pointer) -> tuple[Document, Pointer]:
        """Return the file that states a value, and where in it; the lowest one for a whole."""
        for depth in range(len(pointer), 0, -1):
            said = self.history.get(pointer[:depth])
            if said:
                return _item(said, pointer[depth:])
        return self.documents[-1], pointer


def _item(said: tuple[Statement, ...], rest: Pointer) -> tuple[Document, Pointer]:
    """Return who states what is below a field: an item of a list may be from a file below."""
    last = said[-1]
    if rest and isinstance(rest[0], int) and isinstance(last.value, list):
        item = last.value[rest[0]] if rest[0] < len(last.value) else None
        for one in said:
            own = at(one.document.data, one.pointer)
            places = _places(item, own) if isinstance(own, list) else []
            if places:
                return one.document, (*one.pointer, places[0], *rest[1:])
    return last.document, (*last.pointer, *rest)


def _places(item: Json, items: list[Json]) -> list[int]:
    """Return where in a list an item stands, first as it is; a source may speak for less by now."""
    exact = [place for place, one in enumerate(items) if one == item]
    plain = _apart(item)
    return exact or [place for place, one in enumerate(items) if plain and _apart(one) == plain]


def _apart(source: Json) -> Json:
    """Return a source without the fields it speaks for; of anything else, nothing."""
    if not isinstance(source, dict) or "url" not in source:
        return None
    return {name: one for name, one in source.items() if name != "fields"}


def at(data: Json, pointer: Pointer) -> Json:
    """Return the value at a pointer, None where there is none."""
    for step in pointer:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


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

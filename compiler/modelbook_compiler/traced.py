"""A graph that notes what is asked of it: what an answer about one entry depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from .values import Entry, Fragment, Graph, Subject

V = TypeVar("V")
ANY = "*"
"""In place of an id: the answer depends on every subject of the kind."""

BROKEN = ("broken", ANY)
"""The answer depends on which files dropped out."""


class _Noted(Mapping[str, V]):
    """A mapping that notes the names it is asked for."""

    def __init__(self, kind: str, known: Mapping[str, V], seen: set[Subject]) -> None:
        self._kind, self._known, self._seen = kind, known, seen

    def __getitem__(self, id: str) -> V:
        self._seen.add((self._kind, id))
        return self._known[id]

    def __contains__(self, id: object) -> bool:
        self._seen.add((self._kind, str(id)))
        return id in self._known

    def __iter__(self) -> Iterator[str]:
        self._seen.add((self._kind, ANY))
        return iter(self._known)

    def __len__(self) -> int:
        self._seen.add((self._kind, ANY))
        return len(self._known)


class Traced(Graph):
    """A graph that notes the subjects it is asked for; also those that are not there."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph.entries)
        self._graph = graph
        self._seen: set[Subject] = set()
        self._kinds: dict[str, Mapping[str, Entry]] = {}

    @property
    def broken(self) -> frozenset[Subject]:
        """Return what dropped out, and note that it was asked for."""
        self._seen.add(BROKEN)
        return self._graph.broken

    def kind(self, kind: str) -> Mapping[str, Entry]:
        """Return the entries of a kind, which note the ids they are asked for."""
        if kind not in self._kinds:
            self._kinds[kind] = _Noted(kind, self._graph.kind(kind), self._seen)
        return self._kinds[kind]

    @cached_property
    def classes(self) -> Mapping[str, tuple[Entry, Fragment]]:
        """Model classes by name, which note the names they are asked for."""
        return _Noted("class", self._graph.classes, self._seen)

    def seen(self) -> frozenset[Subject]:
        """Return what was asked for since this was last called."""
        seen = frozenset(self._seen)
        self._seen.clear()
        return seen

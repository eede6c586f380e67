"""What is remembered and what has changed -> a graph whose entries load when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property

from .merge import merge
from .schemas import KINDS
from .store import Store
from .values import Document, Entry, Fragment, Graph, Subject


class RecalledClasses(Mapping[str, tuple[Entry, Fragment]]):
    """Model classes by name, each with the file it stands in: of files that load when asked for."""

    def __init__(self, files: Mapping[str, Entry], touched: Set[Subject], store: Store) -> None:
        self._files, self._store = files, store
        self._changed = {id for kind, id in touched if kind == "architecture"}

    def __getitem__(self, name: str) -> tuple[Entry, Fragment]:
        for id in sorted({*self._changed, *self._store.holders(name)}, reverse=True):
            entry = self._files.get(id)
            if entry is not None and name in entry.data["classes"]:
                return entry, entry.data["classes"][name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for entry in self._files.values() for name in entry.data["classes"])

    def __len__(self) -> int:
        return sum(len(entry.data["classes"]) for entry in self._files.values())


class RecalledGraph(Graph):
    """A graph whose entries load when they are asked for."""

    def __init__(
        self,
        entries: Mapping[str, Mapping[str, Entry]],
        broken: frozenset[Subject],
        touched: Set[Subject],
        store: Store,
    ) -> None:
        super().__init__(entries, broken)
        self._touched, self._store = touched, store

    @cached_property
    def classes(self) -> Mapping[str, tuple[Entry, Fragment]]:
        """Model classes by name, each with the file it stands in."""
        return RecalledClasses(self.kind("architecture"), self._touched, self._store)


class Recalled(Mapping[str, Entry]):
    """The entries of one kind by id, in id order: changed ones as given, others from a store."""

    def __init__(
        self, kind: str, changed: Mapping[str, Entry | None], store: Store, layers: Sequence[str]
    ) -> None:
        self._kind, self._changed, self._store, self._layers = kind, changed, store, layers
        self._loaded: dict[str, Entry] = {}

    def __getitem__(self, id: str) -> Entry:
        entry = self._changed[id] if id in self._changed else self._load(id)
        if entry is None:
            raise KeyError(id)
        return entry

    def __contains__(self, id: object) -> bool:
        if id in self._changed:
            return self._changed[str(id)] is not None
        return id in self._loaded or self._store.has((self._kind, str(id)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    @cached_property
    def _ids(self) -> list[str]:
        """Return the ids, sorted."""
        there = {id for id, entry in self._changed.items() if entry is not None}
        return sorted(self._store.ids(self._kind) - self._changed.keys() | there)

    def _load(self, id: str) -> Entry | None:
        """Return an entry that has not changed, if there is one."""
        if id not in self._loaded:
            found = merge(self._store.documents((self._kind, id)), self._layers)
            if not found:
                return None
            self._loaded[id] = found[0]
        return self._loaded[id]


def loaded(graph: Graph) -> Graph:
    """Return a graph whose entries are all there, for other processes too."""
    return Graph({kind: dict(graph.kind(kind)) for kind in graph.entries}, graph.broken)


def recalled(
    store: Store,
    touched: Set[Subject],
    documents: Iterable[Document],
    broken: Set[Subject],
    layers: Sequence[str] = (),
) -> Graph:
    """Return the graph of a catalog in which only the touched subjects have changed.

    `documents` are all that now speak of these, `layers` the names of all layers, weakest first.
    """
    now = {one.subject: one for one in merge(documents, layers)}
    changed: dict[str, dict[str, Entry | None]] = {kind: {} for kind in sorted(KINDS)}
    for subject in touched:
        changed[subject[0]][subject[1]] = now.get(subject)
    kinds = {kind: Recalled(kind, one, store, layers) for kind, one in changed.items()}
    return RecalledGraph(kinds, frozenset(broken), touched, store)

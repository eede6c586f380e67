"""Entries held against each other: those that share a key are judged together, and only then.

Keys depend on one entry alone, so an edit concerns the groups that the entry was in or is in now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .diagnostics import Diagnostic
from .values import Entry, Graph, Json, Subject


@dataclass(frozen=True, slots=True)
class Member:
    """An entry in a group, with what it brings: plain JSON values."""

    kind: str
    id: str
    value: Json

    @property
    def subject(self) -> Subject:
        """Return its kind and id."""
        return self.kind, self.id

    def entry(self, graph: Graph) -> Entry:
        """Return the entry itself."""
        return graph.kind(self.kind)[self.id]


Keys: TypeAlias = Callable[[Entry], Iterator[tuple[str, Json]]]
"""The keys of an entry, each with what it brings to the group."""

Judge: TypeAlias = Callable[[Sequence[Member], Graph], Iterator[Diagnostic]]
"""What is wrong among members, given in the order of their kinds and ids."""


@dataclass(frozen=True, slots=True)
class Group:
    """One way to hold entries against each other."""

    name: str
    """The code it reports, or one like it; no two groups have the same."""
    kinds: tuple[str, ...]
    """The kinds of entries it holds; none means all."""
    keys: Keys
    judge: Judge

    def holds(self, kind: str) -> bool:
        """Tell whether entries of a kind can be in it."""
        return not self.kinds or kind in self.kinds

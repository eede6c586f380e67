"""Check meaning: everything a schema cannot say. One module per subject, one function per rule."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Diagnostic
from ..values import Entry, Graph
from . import dates, exceptions, lifecycle, limits, pipelines, secrets, today
from .base import RULES, Rule

__all__ = [
    "check_meaning",
    "dates",
    "exceptions",
    "lifecycle",
    "limits",
    "pipelines",
    "secrets",
    "today",
]


def check_meaning(graph: Graph) -> Iterator[Diagnostic]:
    """Yield what every rule finds in every entry it is for."""
    for one in RULES:
        for kind in one.kinds:
            for entry in graph.kind(kind).values():
                yield from _checked(one, entry, graph)


def _checked(one: Rule, entry: Entry, graph: Graph) -> Iterator[Diagnostic]:
    """Yield what one rule finds in one entry."""
    for found in one.check(entry, graph):
        path = entry.document_of(found.pointer).source.path
        yield Diagnostic(path, one.code, found.message, found.pointer, found.at, hint=found.hint)

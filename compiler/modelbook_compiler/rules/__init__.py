"""Check meaning: everything a schema cannot say. One module per subject, one function per rule."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Diagnostic
from ..values import Entry, Graph
from . import (
    dates,
    exceptions,
    lifecycle,
    limits,
    lists,
    models,
    pipelines,
    price_order,
    prices,
    providers,
    today,
)
from .base import CATALOG_RULES, RULES, Finding

__all__ = [
    "check_meaning",
    "dates",
    "exceptions",
    "lifecycle",
    "limits",
    "lists",
    "models",
    "pipelines",
    "price_order",
    "prices",
    "providers",
    "today",
]


def check_meaning(graph: Graph) -> Iterator[Diagnostic]:
    """Yield what every rule finds in every entry it is for."""
    for one in RULES:
        for kind in one.kinds:
            for entry in graph.kind(kind).values():
                for found in one.check(entry, graph):
                    yield _diagnostic(one.code, entry, found)
    for whole in CATALOG_RULES:
        for entry, found in whole.check(graph):
            yield _diagnostic(whole.code, entry, found)


def _diagnostic(code: str, entry: Entry, found: Finding) -> Diagnostic:
    """Return what a rule found in an entry as a diagnostic of the file that states it."""
    path = entry.document_of(found.pointer).source.path
    return Diagnostic(
        path, code, found.message, found.pointer, found.at, hint=found.hint, fix=found.fix
    )

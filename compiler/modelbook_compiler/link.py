"""Entries -> graph: every id and alias known once, every reference leading somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from modelbook.names import fits, fold

from . import codes
from .diagnostics import Diagnostic
from .names import did_you_mean
from .naming import naming
from .references import Reference, references
from .values import Entry, Graph

DANGLING = codes.register(
    "MB201",
    "a reference to something that does not exist",
    """Every id that a file names must be another file of the catalog (or, for an architecture, a
    class in one). References to a file that is there but broken are not reported again.""",
    bad="# catalog/providers/openai/deployments/gpt-4o.yaml\nmodel: openai/gpt-4oo",
    good="model: openai/gpt-4o",
)

HOLDERS = {"architecture": "class", "currencies": "currency", "units": "unit"}
"""Kinds whose files hold many names: while one is broken, nobody can tell which are known."""


def link(entries: Iterable[Entry], broken: Set[tuple[str, str]]) -> tuple[Graph, list[Diagnostic]]:
    """Return the graph of all entries, and what is wrong with their names."""
    by_kind: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, {})[entry.id] = entry
    graph = Graph(by_kind, frozenset(broken))
    return graph, [*naming(graph), *_dangling(graph)]


def _dangling(graph: Graph) -> Iterator[Diagnostic]:
    """Yield references that lead nowhere."""
    known = {kind: _known(graph, kind) for kind in ("class", "currency", "unit", *graph.entries)}
    gone = {HOLDERS.get(kind, "") for kind, _ in graph.broken}
    told: set[str] = set()
    for entries in graph.entries.values():
        for entry in entries.values():
            for reference in references(entry):
                kind, target = reference.target_kind, reference.target
                if target in known.get(kind, ()) or (kind, target) in graph.broken:
                    continue
                if kind == "provider" and target in told:
                    continue  # once for all its deployments
                told.update([target] if kind == "provider" else [])
                if kind not in gone:
                    there = {id for other, id in graph.broken if other == kind}
                    yield _dangle(reference, known.get(kind, set()) | there, graph)


def _known(graph: Graph, kind: str) -> Set[str]:
    """Return every name that a reference to a kind may use."""
    if kind == "class":
        return graph.classes.keys()
    if kind in ("currency", "unit"):
        plural = {"currency": "currencies", "unit": "units"}[kind]
        return {name for entry in graph.kind(plural).values() for name in entry.data[plural]}
    return graph.kind(kind).keys()


def _dangle(reference: Reference, known: Set[str], graph: Graph) -> Diagnostic:
    """Return the diagnostic of a reference that leads nowhere."""
    kind, target = reference.target_kind, reference.target
    noun = {"class": "architecture class", "pipeline": "pipeline type"}.get(kind, kind)
    path = reference.entry.document_of(reference.pointer).source.path
    hint = _official(kind, target, graph) or did_you_mean(target, known)
    hint = hint or _how_to_add(kind, target)
    message = f"there is no {noun} `{target}`"
    return Diagnostic(path, DANGLING, message, reference.pointer, hint=hint)


def _official(kind: str, target: str, graph: Graph) -> str | None:
    """Return the hint that names the pipeline type which a known spelling means."""
    if kind == "pipeline":
        for entry in graph.kind("pipeline-aliases").values():
            for spelling, id in entry.data["aliases"].items():
                if fold(spelling) == fold(target):
                    return f"write the official id: `{id}`"
            for pattern, id in entry.data.get("patterns", {}).items():
                if fits(target, pattern):
                    return f"write the official id: `{id}`"
    return None


def _how_to_add(kind: str, target: str) -> str:
    """Return the hint for a name with nothing near it."""
    places = {
        "model": f"add catalog/models/{target}.yaml",
        "provider": f"add catalog/providers/{target}/provider.yaml",
        "secret": f"add catalog/secrets/{target}.yaml",
        "class": "add it to the file of its model type in catalog/architectures/",
        "currency": "add it to catalog/currencies.yaml",
        "unit": "add it to catalog/units.yaml",
    }
    return places.get(kind, "check the spelling")

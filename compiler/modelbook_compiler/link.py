"""Entries -> graph, in which every reference leads somewhere."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence, Set

from modelbook.names import fits, fold

from . import codes
from .diagnostics import Diagnostic
from .groups import Group, Member
from .names import did_you_mean
from .references import Reference, references
from .values import Entry, Graph, Json, Subject

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


def link(entries: Iterable[Entry], broken: Set[Subject]) -> Graph:
    """Return the graph of all entries, which must be sorted."""
    by_kind: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, {})[entry.id] = entry
    return Graph(by_kind, frozenset(broken))


def dangling(entry: Entry, graph: Graph) -> Iterator[Diagnostic]:
    """Yield references of an entry that lead nowhere; to a provider once for all deployments."""
    for reference in references(entry):
        kind, target = reference.target_kind, reference.target
        own = kind == "provider" and entry.kind == "deployment"
        if not own and target not in _known(graph, kind):
            yield from _dangle(reference, graph)


def _known(graph: Graph, kind: str) -> Container[str]:
    """Return every name that a reference to a kind may use."""
    if kind == "class":
        return graph.classes
    if kind in ("currency", "unit"):
        return _listed(graph, kind)
    return graph.kind(kind)


def _listed(graph: Graph, kind: str) -> Set[str]:
    """Return the names in the one file that holds all of a kind."""
    plural = {"currency": "currencies", "unit": "units"}[kind]
    entry = graph.kind(plural).get(plural)
    return entry.data[plural].keys() if entry else set()


def _dangle(reference: Reference, graph: Graph) -> Iterator[Diagnostic]:
    """Yield the diagnostic of a reference that leads nowhere, unless a broken file is behind it."""
    kind, target = reference.target_kind, reference.target
    gone = {HOLDERS.get(other, "") for other, _ in graph.broken}
    if (kind, target) in graph.broken or kind in gone:
        return
    noun = {"class": "architecture class", "pipeline": "pipeline type"}.get(kind, kind)
    hint = _official(kind, target, graph) or did_you_mean(target, _names(kind, graph))
    hint = hint or _how_to_add(kind, target)
    message = f"there is no {noun} `{target}`"
    path, pointer = reference.entry.place_of(reference.pointer)
    yield Diagnostic(path, DANGLING, message, pointer, hint=hint)


def _names(kind: str, graph: Graph) -> set[str]:
    """Return the names that a hint may suggest, those of broken files too."""
    there = {id for other, id in graph.broken if other == kind}
    if kind == "class":
        return {*graph.classes, *there}
    return {*(_listed(graph, kind) if kind in HOLDERS.values() else graph.kind(kind)), *there}


def _providers(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the provider that an entry is, or that it is at."""
    yield entry.id.partition(":")[0], None


def _no_provider(members: Sequence[Member], graph: Graph) -> Iterator[Diagnostic]:
    """Yield that a provider is not there, at the first of its deployments."""
    first = members[0]
    if not any(one.kind == "provider" for one in members):
        entry, provider = first.entry(graph), first.id.partition(":")[0]
        yield from _dangle(Reference(entry, (), "provider", provider), graph)


PROVIDERS = Group(DANGLING, ("deployment", "provider"), _providers, _no_provider)
"""Deployments with their provider: one that is missing is told once."""


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

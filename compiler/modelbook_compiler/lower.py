"""Graph -> book. Cannot fail: whatever could go wrong here is a rule that is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from modelbook.decode import (
    architecture_record,
    deployment_record,
    model_record,
    pipeline_record,
    provider_record,
)
from modelbook.moving import priced
from modelbook.records import Architecture, Deployment, Model, Pipeline, Provider
from modelbook.rows import Row

from .book import Book, KeptFile, Listed, Provenance
from .disputed import recorded
from .references import DISPUTES
from .rules.facts import frozen, pipelines_of
from .usage import resolved
from .values import Dispute, Entry, Fragment, Graph, Json, Pointer

BOOKKEEPING = frozenset({"exceptions", "imported"})
"""Fields for editors and importers, of no use to readers of the catalog."""


def lower(graph: Graph) -> Book:
    """Return the book that a checked graph stands for."""
    manifest = graph.kind("manifest")["manifest"].data
    spellings = _only(graph, "pipeline-aliases")
    architectures = tuple(_architectures(graph))
    models = {id: _model(entry, graph) for id, entry in graph.kind("model").items()}
    providers = {id: _provider(entry, graph) for id, entry in graph.kind("provider").items()}
    pipelines = sorted(_pipelines(graph, spellings), key=lambda one: (one.record.order, one.id))
    kept = [entry for entries in graph.entries.values() for entry in entries.values()]
    return Book(
        name=manifest["name"],
        title=manifest["title"],
        license=manifest.get("license"),
        units=frozen(_only(graph, "units").get("units", {})),
        currencies=frozen(_only(graph, "currencies").get("currencies", {})),
        policies={id: _row(entry) for id, entry in graph.kind("policy").items()},
        secrets={id: _row(entry) for id, entry in graph.kind("secret").items()},
        pipelines=tuple(pipelines),
        pipeline_aliases=_sorted(spellings.get("aliases", {})),
        pipeline_ambiguous=_sorted(spellings.get("ambiguous", {})),
        pipeline_patterns=_sorted(spellings.get("patterns", {})),
        architectures=architectures,
        model_types=_model_types(architectures, graph),
        auto_classes=dict(sorted(_auto_classes(graph))),
        suffixes=frozen(_only(graph, "class-suffixes").get("suffixes", [])),
        api_modes=frozen(_only(graph, "api-pipelines").get("modes", {})),
        api_modalities=frozen(_only(graph, "api-pipelines").get("modalities", [])),
        libraries=_sorted(_only(graph, "libraries").get("libraries", {})),
        models=tuple(models.values()),
        providers=tuple(providers.values()),
        deployments=tuple(_deployments(graph, models, providers)),
        disputes=tuple(_disputes(kept, graph)),
        provenance=tuple(one for entry in kept for one in _provenance(entry)),
        files=tuple(sorted(_files(kept), key=lambda one: one.path)),
    )


def _row(entry: Entry) -> dict[str, Json]:
    """Return what an entry states, without what only editors need."""
    return {key: frozen(value) for key, value in entry.data.items() if key not in BOOKKEEPING}


def _only(graph: Graph, kind: str) -> Fragment:
    """Return the data of a kind with one file, empty if the file is not there."""
    entry = graph.kind(kind).get(kind)
    return entry.data if entry else {}


def _sorted(table: Mapping[str, Json]) -> dict[str, Json]:
    """Return a table of spellings, sorted."""
    return {name: frozen(table[name]) for name in sorted(table)}


def _pipelines(graph: Graph, spellings: Fragment) -> Iterator[Listed[Pipeline]]:
    """Yield the pipeline types, each with the spellings that mean it."""
    for id, entry in graph.kind("pipeline").items():
        aliases = sorted(
            name for name, target in spellings.get("aliases", {}).items() if target == id
        )
        row = {**_row(entry), **({"aliases": tuple(aliases)} if aliases else {})}
        yield Listed(id, row, pipeline_record(id, row))


def _architectures(graph: Graph) -> Iterator[Listed[Architecture]]:
    """Yield the model classes, by name."""
    for name, (entry, facts) in sorted(graph.classes.items()):
        row = frozen(facts)
        if "library" in entry.data:
            row["library"] = entry.data["library"]
        else:
            row["model_types"] = (entry.id, *row.get("model_types", ()))
        yield Listed(name, row, architecture_record(name, row))


def _model_types(
    architectures: Iterable[Listed[Architecture]], graph: Graph
) -> dict[str, tuple[str, ...]]:
    """Return what the classes of each model type serve; those of its own file come first."""
    known = {one.id: one.record for one in architectures}
    users: dict[str, list[Architecture]] = {}
    for name in graph.classes:  # in the order of the files
        for model_type in known[name].model_types:
            users.setdefault(model_type, []).append(known[name])
    for model_type, classes in users.items():
        classes.sort(key=lambda one: one.model_types[0] != model_type)
    return {
        model_type: tuple(
            dict.fromkeys(
                [one.pipelines[0] for one in classes] + [id for c in classes for id in c.pipelines]
            )
        )
        for model_type, classes in sorted(users.items())
    }


def _auto_classes(graph: Graph) -> Iterator[tuple[str, Row]]:
    """Yield the auto classes; of one that reads several mappings the first counts."""
    told: set[str] = set()
    for stated in _only(graph, "auto-classes").get("tables", ()):
        name = stated.get("auto_class")
        if name and name not in told:
            told.add(name)
            kept = ("pipelines", "basis", "tag", "reason")
            yield name, {key: frozen(stated[key]) for key in kept if key in stated}


def _model(entry: Entry, graph: Graph) -> Listed[Model]:
    """Return a model; pipeline types it does not state follow from its class or modalities."""
    row = _row(entry)
    pipelines = pipelines_of(entry, graph)
    if pipelines:
        row["pipelines"] = pipelines
    return Listed(entry.id, row, model_record(entry.id, row))


def _provider(entry: Entry, graph: Graph) -> Listed[Provider]:
    """Return a provider; its usage rules are whole."""
    row = _row(entry)
    if "usage" in row:
        row["usage"] = frozen(list(resolved(entry, graph)))
    return Listed(entry.id, row, provider_record(entry.id, row))


def _deployments(
    graph: Graph, models: Mapping[str, Listed[Model]], providers: Mapping[str, Listed[Provider]]
) -> Iterator[Listed[Deployment]]:
    """Yield the deployments; a moving name without prices has those of its targets."""
    rows = {id: _row(entry) for id, entry in graph.kind("deployment").items()}
    for id, stated in rows.items():
        row = priced(stated, rows)
        model, provider = models[row["model"]], providers[id.partition(":")[0]]
        yield Listed(id, row, deployment_record(id, row, model.row, provider.row))


def _disputes(entries: Iterable[Entry], graph: Graph) -> Iterator[Dispute]:
    """Yield the claims that files of disputes record."""
    for entry in entries:
        if entry.kind in DISPUTES:
            yield from recorded(entry, graph)


def _provenance(entry: Entry) -> Iterator[Provenance]:
    """Yield where each field of an entry comes from; what a file disputes is no fact."""
    if entry.kind in DISPUTES:
        return
    for pointer in _fields(entry.data):
        document = entry.document_of(pointer)
        name = ".".join(map(str, pointer))
        source = _source(name, document.data.get("sources", ()))
        yield Provenance(
            entry.kind,
            entry.id,
            name,
            document.source.layer,
            document.source.path,
            source.get("url"),
            source.get("checked"),
        )


def _files(entries: Iterable[Entry]) -> Iterator[KeptFile]:
    """Yield the files that entries come from."""
    for document in (one for entry in entries for one in entry.documents):
        own, data = document.source, document.data
        sources = data.get("sources", ())
        yield KeptFile(
            own.path,
            own.kind,
            own.id,
            own.layer,
            tuple(data["imported"]["from"]) if "imported" in data else None,
            tuple(dict.fromkeys(one["url"] for one in sources)),
            max((one["checked"] for one in sources), default=None),
        )


def _fields(data: Mapping[str, Json]) -> Iterator[Pointer]:
    """Yield the fields of an entry, those of nested mappings one by one."""
    for key, value in data.items():
        if key in BOOKKEEPING or key == "sources":
            continue
        if isinstance(value, dict):
            yield from ((key, inner) for inner in value)
        else:
            yield (key,)


def _source(name: str, sources: Iterable[Row]) -> Row:
    """Return the source that speaks for a field: the most exact one, else the first general one."""
    best: tuple[int, Row] = (-1, {})
    for source in sources:
        for speaks_for in source.get("fields", ("",)):
            exact = name == speaks_for or name.startswith(f"{speaks_for}.") or not speaks_for
            if exact and len(speaks_for) > best[0]:
                best = (len(speaks_for), source)
    return best[1]

"""Entries -> graph: every id and alias known once, every reference leading somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from modelbook.names import fold

from . import codes
from .diagnostics import Diagnostic, Fix, Note, Place
from .names import did_you_mean
from .references import Reference, references
from .values import Entry, Graph, Pointer

DANGLING = codes.register(
    "MB201",
    "a reference to something that does not exist",
    """Every id that a file names must be another file of the catalog (or, for an architecture, a
    class in one). References to a file that is there but broken are not reported again.""",
    bad="# catalog/providers/openai/deployments/gpt-4o.yaml\nmodel: openai/gpt-4oo",
    good="model: openai/gpt-4o",
)
DUPLICATE_ID = codes.register(
    "MB202",
    "two names that people would take for each other",
    """An id or alias may stand for one thing only, also when case and the separators `_ - .` are
    left aside: nobody can tell `gpt-4.1` from `gpt-4-1` in a message. Dated and versioned names
    that truly differ only so need an exception with a reason.""",
    bad="catalog/models/openai/gpt-4.1.yaml and catalog/models/openai/gpt-4-1.yaml",
    good="catalog/models/openai/gpt-4.1.yaml with `aliases: [openai/gpt-4-1-mini-preview]`",
)
WIRE_NAME = codes.register(
    "MB203",
    "a wire name that is not the path in another case",
    """The path of a deployment is its wire name in lower case. `wire_name` exists only to state
    capital letters; anything else would make the id and the name that is sent differ.""",
    bad="# …/vllm/deployments/baai/bge-m3.yaml\nwire_name: BAAI/bge-m3-v2",
    good="wire_name: BAAI/bge-m3",
)

ALIASED = {"model": "models", "deployment": "deployments"}
"""Kinds whose files may state aliases."""

HOLDERS = {"architecture": "class", "currencies": "currency", "units": "unit"}
"""Kinds whose files hold many names: while one is broken, nobody can tell which are known."""


def link(entries: Iterable[Entry], broken: Set[tuple[str, str]]) -> tuple[Graph, list[Diagnostic]]:
    """Return the graph of all entries, and what is wrong with their names."""
    by_kind: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, {})[entry.id] = entry
    aliases = {kind: _aliases(by_kind.get(kind, {})) for kind in ALIASED}
    graph = Graph(by_kind, frozenset(broken), aliases)
    found = [*_clashes(graph), *_class_clashes(graph), *_spellings(graph), *_wire_names(graph)]
    found.extend(_dangling(graph))
    return graph, found


def _aliases(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return alias to id for the entries of a kind."""
    return {alias: id for id, entry in entries.items() for alias in entry.data.get("aliases", ())}


def _names(entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry, Pointer]]:
    """Yield every id of a kind, then every alias, each with the place that states it."""
    for id, entry in entries.items():
        yield id, entry, ()
    for entry in entries.values():
        for position, alias in enumerate(entry.data.get("aliases", ())):
            yield alias, entry, ("aliases", position)


def _clashes(graph: Graph) -> Iterator[Diagnostic]:
    """Yield names of one kind that could be taken for each other."""
    for kind, entries in graph.entries.items():
        seen: dict[str, tuple[str, Entry, Pointer]] = {}
        for name, entry, pointer in _names(entries):
            key = "/".join(map(fold, name.split("/"))) if kind == "model" else fold(name)
            if key not in seen:
                seen[key] = (name, entry, pointer)
            elif seen[key][1] is not entry or seen[key][0] == name:
                yield _clash(name, entry, pointer, seen[key])


def _clash(
    name: str, entry: Entry, pointer: Pointer, first: tuple[str, Entry, Pointer]
) -> Diagnostic:
    """Return the diagnostic of a name that is taken already."""
    other, other_entry, other_pointer = first
    same = "is taken already" if name == other else f"is too like `{other}`"
    first_path = other_entry.document_of(other_pointer).source.path
    note = Note(first_path, "first declared here", other_pointer, _stated_at(other_pointer))
    path, at = entry.document_of(pointer).source.path, _stated_at(pointer)
    hint = "keep one of the two, or rename one"
    return Diagnostic(path, DUPLICATE_ID, f"`{name}` {same}", pointer, at, hint=hint, notes=(note,))


def _stated_at(pointer: Pointer) -> Place:
    """Return whether a name is the key or the value at its place: aliases are items of a list."""
    return "key" if pointer and isinstance(pointer[-1], str) else "value"


def _class_clashes(graph: Graph) -> Iterator[Diagnostic]:
    """Yield model classes that stand in two files."""
    seen: dict[str, tuple[str, Entry, Pointer]] = {}
    for entry in graph.kind("architecture").values():
        for name in entry.data["classes"]:
            pointer = ("classes", name)
            if name in seen:
                yield _clash(name, entry, pointer, seen[name])
            else:
                seen[name] = (name, entry, pointer)


def _spellings(graph: Graph) -> Iterator[Diagnostic]:
    """Yield spellings of pipeline types that are official ids, or stand in both tables."""
    for entry in graph.kind("pipeline-aliases").values():
        official = {fold(id): (id, one) for id, one in graph.kind("pipeline").items()}
        seen: dict[str, tuple[str, Entry, Pointer]] = {
            key: (id, one, ()) for key, (id, one) in official.items()
        }
        for table in ("aliases", "ambiguous"):
            for name in entry.data[table]:
                if fold(name) in seen:
                    yield _clash(name, entry, (table, name), seen[fold(name)])
                else:
                    seen[fold(name)] = (name, entry, (table, name))


def _wire_names(graph: Graph) -> Iterator[Diagnostic]:
    """Yield wire names that are not the path in another case."""
    for id, entry in graph.kind("deployment").items():
        wire_name, path_name = entry.data.get("wire_name"), id.partition(":")[2]
        if wire_name is None or (wire_name.lower() == path_name != wire_name):
            continue
        where = entry.document_of(("wire_name",)).source.path
        if wire_name == path_name:
            message, hint = "`wire_name` repeats the path", "delete the field"
            fix = Fix("delete line")
        else:
            fix = None
            message = f"`{wire_name}` is not `{path_name}` in another case"
            hint = "rename the file, or mend the field"
        yield Diagnostic(where, WIRE_NAME, message, ("wire_name",), hint=hint, fix=fix)


def _dangling(graph: Graph) -> Iterator[Diagnostic]:
    """Yield references that lead nowhere."""
    known = {kind: _known(graph, kind) for kind in ("class", "currency", "unit", *graph.entries)}
    gone = {HOLDERS.get(kind, "") for kind, _ in graph.broken}
    for entries in graph.entries.values():
        for entry in entries.values():
            for reference in references(entry):
                kind, target = reference.target_kind, reference.target
                if target in known.get(kind, ()) or (kind, target) in graph.broken:
                    continue
                if kind not in gone:
                    there = {id for other, id in graph.broken if other == kind}
                    yield _dangle(reference, known.get(kind, set()) | there)


def _known(graph: Graph, kind: str) -> Set[str]:
    """Return every name that a reference to a kind may use."""
    if kind == "class":
        return graph.classes().keys()
    if kind in ("currency", "unit"):
        plural = {"currency": "currencies", "unit": "units"}[kind]
        return {name for entry in graph.kind(plural).values() for name in entry.data[plural]}
    return graph.kind(kind).keys()


def _dangle(reference: Reference, known: Set[str]) -> Diagnostic:
    """Return the diagnostic of a reference that leads nowhere."""
    kind, target = reference.target_kind, reference.target
    noun = {"class": "architecture class", "pipeline": "pipeline type"}.get(kind, kind)
    path = reference.entry.document_of(reference.pointer).source.path
    hint = did_you_mean(target, known) or _how_to_add(kind, target)
    message = f"there is no {noun} `{target}`"
    return Diagnostic(path, DANGLING, message, reference.pointer, hint=hint)


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

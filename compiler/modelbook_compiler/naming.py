"""Names of a graph: every id and alias stands for one thing, and nobody can take two for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelbook.names import fold

from . import codes
from .diagnostics import Diagnostic, Fix, Note, Place
from .values import Entry, Graph, Pointer

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
TAKEN = codes.register(
    "MB204",
    "a name that is taken already",
    """An id, alias, class or spelling stands for one thing. Were it given twice, whichever file is
    read last would win in silence, so no exception can excuse it.""",
    bad="aliases: [openai/gpt-4o]  # in two model files",
    good="aliases: [openai/gpt-4o]  # in one",
)
FOREIGN_ALIAS = codes.register(
    "MB205",
    "an alias in another provider's name",
    """The part before the colon says who runs a deployment, who is paid, and which key is sent. An
    alias that names another provider would send calls for one to the other.""",
    bad="# …/groq/deployments/llama3-8b-8192.yaml\naliases: [openai:llama3-8b]",
    good="aliases: [groq:llama3-8b]",
)


def _names(entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry, Pointer]]:
    """Yield every id of a kind, then every alias, each with the place that states it."""
    for id, entry in entries.items():
        yield id, entry, ()
    for entry in entries.values():
        for position, alias in enumerate(entry.data.get("aliases", ())):
            yield alias, entry, ("aliases", position)


def naming(graph: Graph) -> Iterator[Diagnostic]:
    """Yield what is wrong with the names of a graph."""
    for check in (_clashes, _class_clashes, _spellings, _wire_names, _foreign_aliases):
        yield from check(graph)


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
    code = TAKEN if name == other else DUPLICATE_ID
    same = "is taken already" if name == other else f"is too like `{other}`"
    first_path = other_entry.document_of(other_pointer).source.path
    note = Note(first_path, "first declared here", other_pointer, _stated_at(other_pointer))
    path, at = entry.document_of(pointer).source.path, _stated_at(pointer)
    hint = "keep one of the two, or rename one"
    return Diagnostic(path, code, f"`{name}` {same}", pointer, at, hint=hint, notes=(note,))


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
            fix = Fix("delete line", "wire_name")
        else:
            fix = None
            message = f"`{wire_name}` is not `{path_name}` in another case"
            hint = "rename the file, or mend the field"
        yield Diagnostic(where, WIRE_NAME, message, ("wire_name",), hint=hint, fix=fix)


def _foreign_aliases(graph: Graph) -> Iterator[Diagnostic]:
    """Yield aliases of deployments that name another provider."""
    for id, entry in graph.kind("deployment").items():
        provider = id.partition(":")[0]
        for position, alias in enumerate(entry.data.get("aliases", ())):
            if alias.partition(":")[0] != provider:
                pointer = ("aliases", position)
                path = entry.document_of(pointer).source.path
                message = f"`{alias}` is a name at another provider"
                hint = f"start it with `{provider}:`"
                yield Diagnostic(path, FOREIGN_ALIAS, message, pointer, hint=hint)

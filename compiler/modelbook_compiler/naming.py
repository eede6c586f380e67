"""Names of a graph: every id and alias stands for one thing, and nobody can take two for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelbook.names import fold

from . import codes
from .diagnostics import Diagnostic, Fix, Note, Place
from .groups import Group, Member
from .references import DISPUTES
from .values import Entry, Graph, Json, Pointer

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

FIRST = "first declared here"
"""What is noted of the place of the other name."""


def _names(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the id of an entry and its aliases as people would mix them up, each with its place."""
    if entry.kind in DISPUTES:  # its id is that of its subject
        return
    yield _mixed_up(entry.kind, entry.id), [entry.id]
    for position, alias in enumerate(entry.data.get("aliases", ())):
        if entry.kind in ("model", "deployment"):
            yield _mixed_up(entry.kind, alias), [alias, "aliases", position]


def _mixed_up(kind: str, name: str) -> str:
    """Return what names of one kind that people would take for each other have in common."""
    parts = name.split("/") if kind == "model" else [name]
    return f"{kind} {'/'.join(map(fold, parts))}"


def _clashes(members: Sequence[Member], graph: Graph) -> Iterator[Diagnostic]:
    """Yield names that could be taken for the first one; ids come before aliases."""
    first, *others = sorted(members, key=lambda one: len(one.value) > 1)
    for other in others:
        if other.subject != first.subject or other.value[0] == first.value[0]:
            yield _clash(other, first, graph)


def _clash(later: Member, first: Member, graph: Graph) -> Diagnostic:
    """Return the diagnostic of a name that is taken already."""
    (name, *place), (other, *other_place) = later.value, first.value
    at, first_at = _stated_at(tuple(place)), _stated_at(tuple(other_place))
    path, pointer = later.entry(graph).place_of(tuple(place))
    first_path, first_pointer = first.entry(graph).place_of(tuple(other_place))
    note = Note(first_path, FIRST, first_pointer, first_at)
    return clash(path, name, other, pointer, at, note)


def clash(path: str, name: str, other: str, pointer: Pointer, at: Place, first: Note) -> Diagnostic:
    """Return the diagnostic of a name that another one was before, or is too like."""
    code = TAKEN if name == other else DUPLICATE_ID
    same = "is taken already" if name == other else f"is too like `{other}`"
    hint = "keep one of the two, or rename one"
    return Diagnostic(path, code, f"`{name}` {same}", pointer, at, hint=hint, notes=(first,))


def _classes(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the model classes of a file."""
    for name in entry.data["classes"]:
        yield name, [name, "classes", name]


def _spellings(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the spellings of pipeline types, the official ids among them."""
    if entry.kind == "pipeline":
        yield fold(entry.id), [entry.id]
        return
    for table in ("aliases", "ambiguous"):
        for name in entry.data[table]:
            yield fold(name), [name, table, name]


def _stated_at(pointer: Pointer) -> Place:
    """Return whether a name is the key or the value at its place: aliases are items of a list."""
    return "key" if pointer and isinstance(pointer[-1], str) else "value"


def _every_clash(members: Sequence[Member], graph: Graph) -> Iterator[Diagnostic]:
    """Yield every further statement of what stands already; official ids come first."""
    first, *others = sorted(members, key=lambda one: len(one.value) > 1)
    for other in others:
        yield _clash(other, first, graph)


NAMES = Group(DUPLICATE_ID, (), _names, _clashes)
"""Ids and aliases of one kind that people would take for each other."""

CLASSES = Group(TAKEN, ("architecture",), _classes, _every_clash)
"""Model classes that stand in several files."""

SPELLINGS = Group("spellings", ("pipeline", "pipeline-aliases"), _spellings, _every_clash)
"""Spellings of pipeline types that are official ids, or stand in both tables."""


def wire_name(entry: Entry, _graph: Graph) -> Iterator[Diagnostic]:
    """Yield a wire name that is not the path in another case."""
    name, path_name = entry.data.get("wire_name"), entry.id.partition(":")[2]
    if entry.kind != "deployment" or name is None or (name.lower() == path_name != name):
        return
    if name == path_name:
        message, hint = "`wire_name` repeats the path", "delete the field"
        fix = Fix("delete line", "wire_name")
    else:
        fix = None
        message = f"`{name}` is not `{path_name}` in another case"
        hint = "rename the file, or mend the field"
    path, pointer = entry.place_of(("wire_name",))
    yield Diagnostic(path, WIRE_NAME, message, pointer, hint=hint, fix=fix)


def foreign_alias(entry: Entry, _graph: Graph) -> Iterator[Diagnostic]:
    """Yield aliases of a deployment that name another provider."""
    if entry.kind != "deployment":
        return
    provider = entry.id.partition(":")[0]
    for position, alias in enumerate(entry.data.get("aliases", ())):
        if alias.partition(":")[0] != provider:
            path, pointer = entry.place_of(("aliases", position))
            message = f"`{alias}` is a name at another provider"
            hint = f"start it with `{provider}:`"
            yield Diagnostic(path, FOREIGN_ALIAS, message, pointer, hint=hint)

"""A graph -> for each field of a subject: its value, who states it where, and what it replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from modelbook.decode import NESTED_FACTS, PLAIN_FACTS
from modelbook.names import fold, nearest

from . import packed
from .discover import place
from .link import link
from .lower import BOOKKEEPING
from .merge import merge
from .positions import Positions
from .references import DISPUTES
from .report.relocate import seen
from .schemas import KINDS
from .texts import Texts
from .values import Document, Entry, Graph, Json, Layer, Origin, Pointer, Statement, at

FIRST = ("deployment", "model", "provider", "pipeline", "architecture", "policy", "secret")
"""Kinds whose ids people ask for first; of other kinds there is one file, by the kind's name."""

ASKED = (*FIRST, *(kind for kind in KINDS if kind not in (*FIRST, *DISPUTES)))


@dataclass(frozen=True, slots=True)
class Word:
    """What one file says of a field."""

    value: Json
    """None where the file takes the field away."""
    layer: str
    path: str
    line: int
    operation: str | None
    """`set`, `add`, `remove` or `retire`; None where a whole record states it."""
    reason: str | None
    """Why, where the file of operations says so."""


@dataclass(frozen=True, slots=True)
class Known:
    """One field of a subject."""

    field: str
    """Dotted name."""
    said: Word
    """Who states it."""
    replaced: tuple[Word, ...]
    """What the layers below state, the strongest first."""
    inherited: str | None
    """The model that a deployment has it from; None where it is its own."""
    through: str | None = None
    """The deployment that a moving name has it from, by its `points_to`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an id stands for."""

    entry: Entry
    below: Pointer = ()
    """The part of the file that is asked for: one class of several."""


def find(id: str, graph: Graph) -> Asked | None:
    """Return what an id, an alias or the name of a class stands for."""
    for kind in ASKED:
        entry = graph.kind(kind).get(id)
        if entry is not None:
            return Asked(entry)
    if id in graph.classes:
        return Asked(graph.classes[id][0], ("classes", id))
    for kind in ("deployment", "model"):
        for entry in graph.kind(kind).values():
            if id in entry.data.get("aliases", ()):
                return Asked(entry)
    folded = fold(id)
    return next(
        (Asked(one) for one in graph.kind("pipeline").values() if fold(one.id) == folded), None
    )


def near(id: str, graph: Graph) -> tuple[str, ...]:
    """Return the known ids that are most like one that is not known."""
    return nearest(id, [*(one for kind in ASKED for one in graph.kind(kind)), *graph.classes])


def known(asked: Asked, graph: Graph, positions: Positions) -> Iterator[Known]:
    """Yield the fields of a subject, in the order of its file; inherited ones come last."""
    entry = asked.entry
    for pointer in _fields(entry, asked.below):
        yield _known(entry, pointer, asked.below, positions, None)
    if entry.kind == "deployment":
        model = graph.kind("model").get(entry.data["model"])
        if model is not None:
            for pointer in _inherited(entry, model):
                yield _known(model, pointer, (), positions, model.id)
        yield from _through(entry, graph, positions)


def _fields(entry: Entry, below: Pointer) -> list[Pointer]:
    """Return the fields of an entry, lists whole, and those that were taken away."""
    stated = [one for one in _leaves(entry.data, ()) if one[0] not in BOOKKEEPING]
    gone = [field for field, said in entry.history.items() if said[-1].value is None]
    return [one for one in [*stated, *gone] if one[: len(below)] == below]


def _leaves(value: Json, pointer: Pointer) -> Iterator[Pointer]:
    """Yield pointers to everything in a record that is not a mapping with content."""
    if isinstance(value, dict) and value:
        for name in value:
            yield from _leaves(value[name], (*pointer, name))
    else:
        yield pointer


def _inherited(entry: Entry, model: Entry) -> Iterator[Pointer]:
    """Yield the fields of a model that a deployment of it does not state itself."""
    for pointer in _leaves(model.data, ()):
        own = at(entry.data, pointer)
        if pointer[0] in (*PLAIN_FACTS, *NESTED_FACTS) and own is None:
            yield pointer


def _through(entry: Entry, graph: Graph, positions: Positions) -> Iterator[Known]:
    """Yield the prices of what a moving name points to, if it has none of its own."""
    for step in entry.data.get("points_to", ()) if "prices" not in entry.data else ():
        target = graph.kind("deployment").get(step["deployment"])
        if target is not None and "prices" in target.data:
            found = _known(target, ("prices",), (), positions, None)
            yield replace(found, through=target.id)


def _known(
    entry: Entry, pointer: Pointer, below: Pointer, positions: Positions, inherited: str | None
) -> Known:
    """Return what is known of one field."""
    said = entry.history.get(pointer)
    if said is None:
        document = entry.document_of(pointer)
        said = (Statement(document, pointer, at(entry.data, pointer)),)
    words = [_word(one, positions) for one in said]
    name = ".".join(map(str, pointer[len(below) :]))
    return Known(name, words[-1], tuple(words[-2::-1]), inherited)


def relocated(one: Known, base: str) -> Known:
    """Return what is known of a field with paths as they are seen from a folder."""
    words = (replace(word, path=seen(word.path, base)) for word in one.replaced)
    said = replace(one.said, path=seen(one.said.path, base))
    return replace(one, said=said, replaced=tuple(words))


def _word(one: Statement, positions: Positions) -> Word:
    """Return what one file says of a field."""
    source = one.document.source
    whole = one.pointer[:1] not in (("set",), ("add",), ("remove",), ("retire",))
    return Word(
        one.value,
        source.layer,
        source.path,
        positions.span(source.path, one.pointer, "key").line,
        None if whole else str(one.pointer[0]),
        one.document.data.get("reason") if not whole else None,
    )


def unpacked(layer: Layer) -> tuple[Graph, Positions]:
    """Return what a packed catalog says; raise `DamagedError` where it cannot be read."""
    documents = list(_documents(layer))
    texts = Texts([layer], {one.source.path for one in documents}, {})
    return link(merge(documents), frozenset()), Positions(texts)


def _documents(layer: Layer) -> Iterator[Document]:
    """Yield what a packed catalog says."""
    for path, _, data in packed.data(layer.place):
        placed = place(path)
        if not isinstance(placed, str):
            yield Document(Origin(layer.shown + path, *placed, layer.name), data)

"""Documents -> entries: the files of several layers about one subject become one record.

The lowest file is a whole record; each one above holds operations (see `operations`). Which layer
is above which the manifest says, never the order of files. What an operation replaces is kept, with
who stated it, for `modelbook why`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from . import codes
from .diagnostics import Diagnostic, Note
from .operations import NO_CHANGE, Change, Fault, applied, changes, is_overlay, other_units
from .values import Document, Entry, Pointer, Statement, Subject, at

WHOLE_TWICE = codes.register(
    "MB206",
    "a whole record of what a lower layer has",
    """A whole record would hide everything the layer below says, and all it will say. Say what
    differs, with operations: `set`, `add`, `remove`, `retire`.""",
    bad="# catalog/models/openai/gpt-4o.yaml, on top of the public book\nname: GPT-4o",
    good="set: {name: GPT-4o in our words}",
)
NOTHING_BELOW = codes.register(
    "MB207",
    "operations on a subject that no lower layer has",
    """`set`, `add`, `remove` and `retire` change what a layer below says. What no layer has yet is
    written as a whole record.""",
    bad="# catalog/models/openai/gpt-4oo.yaml\nset: {limits: {context: 64000}}",
    good="# catalog/models/openai/gpt-4o.yaml\nset: {limits: {context: 64000}}",
)

NOTHING_SAID = "say what differs with `set`, `add`, `remove` or `retire`, or delete the file"

Shape: TypeAlias = Callable[[Document], Sequence[Diagnostic]]
"""Returns what is wrong with the shape of a whole record."""

CURATED = "curated"
"""Who claims what files of people state."""


@dataclass(frozen=True, slots=True)
class Merged:
    """One subject after the merge."""

    entry: Entry | None
    """None where there are only operations."""
    problems: tuple[Diagnostic, ...]
    left_out: tuple[Document, ...]
    """The files with problems, whose operations are not carried out."""


def merge(documents: Iterable[Document], layers: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Return one entry for each subject, sorted by kind and id.

    `layers` are the names of all layers, the weakest first.
    """
    found = by_subject(documents)
    merged = (_entry(found[subject], layers) for subject in sorted(found))
    return tuple(one for one in merged if one)


def by_subject(documents: Iterable[Document]) -> dict[Subject, list[Document]]:
    """Return documents by what they speak of."""
    subjects: dict[Subject, list[Document]] = {}
    for document in documents:
        subjects.setdefault((document.source.kind, document.source.id), []).append(document)
    return subjects


def merged(documents: Iterable[Document], layers: Sequence[str], shape: Shape) -> Merged:
    """Return what becomes of the files about one subject, and what is wrong with them.

    The record must be of the right shape after every file, so that the file at fault is found.
    """
    lowest, *above = in_order(documents, layers)
    if lowest.source.kind == "manifest":  # each layer has its own, and the last is the catalog's
        return Merged(_own([lowest, *above]), (), ())
    problems: list[Diagnostic] = []
    left_out: list[Document] = []
    entry: Entry | None = None
    for document in (lowest, *above):
        further, wrong = _above(entry, document, shape)
        problems += wrong
        left_out += [document] if wrong else []
        entry = entry if wrong else further
    return Merged(entry, tuple(problems), tuple(left_out))


def in_order(documents: Iterable[Document], layers: Sequence[str]) -> list[Document]:
    """Return documents by their layers, the weakest first."""
    place = {name: position for position, name in enumerate(layers)}
    return sorted(documents, key=lambda one: place.get(one.source.layer, -1))


def said_by(document: Document) -> str:
    """Return who claims what a file states: the sources it was imported from, or a person."""
    imported = document.data.get("imported")
    return ", ".join(imported["from"]) if imported else CURATED


def _entry(documents: list[Document], layers: Sequence[str]) -> Entry | None:
    """Return the entry of one subject; most have one file."""
    if len(documents) == 1 and not is_overlay(documents[0].data):
        return _whole(documents[0])
    return merged(documents, layers, lambda _: ()).entry


def _whole(document: Document) -> Entry:
    """Return the entry of a subject that one file speaks of."""
    own = document.source
    return Entry(own.kind, own.id, document.data, (document,))


def _own(documents: list[Document]) -> Entry:
    """Return the entry of a kind of which each layer has its own file: what the last one states."""
    last = documents[-1]
    own: dict[Pointer, tuple[Statement, ...]] = {
        (name,): (Statement(last, (name,), value),) for name, value in last.data.items()
    }
    return replace(_whole(last), documents=tuple(documents[::-1]), history=own)


def _above(
    below: Entry | None, document: Document, shape: Shape
) -> tuple[Entry | None, list[Diagnostic]]:
    """Return the entry after one more file, and what is wrong with that file."""
    path = document.source.path
    if below is None:
        if is_overlay(document.data):
            message = f"no lower layer has {_called(document)}"
            return None, [Diagnostic(path, NOTHING_BELOW, message)]
        return _whole(document), []
    if not is_overlay(document.data):
        return below, [_whole_twice(below, document)]
    outcome = list(changes(document.data, below.data))
    made = [one for one in outcome if isinstance(one, Change)]
    faults = [one for one in outcome if isinstance(one, Fault)]
    faults += other_units(made, below.data) if below.kind == "units" else ()
    if not faults and all(one.field == ("sources",) for one in made):
        faults = [Fault(NO_CHANGE, "the file holds no operation", (), NOTHING_SAID)]
    if faults:
        return below, [one.diagnostic(path) for one in faults]
    entry = _changed(below, document, made)
    record = Document(document.source, dict(entry.data))
    return entry, [_at_fault(one, entry, document) for one in shape(record)]


def _changed(below: Entry, document: Document, made: list[Change]) -> Entry:
    """Return an entry with the changes of one more file."""
    history = dict(below.history)
    for one in made:
        before = history.get(one.field) or tuple(_first(below, one.field))
        history[one.field] = *before, Statement(document, one.pointer, one.value)
    documents = (document, *below.documents)
    return Entry(below.kind, below.id, applied(below.data, made), documents, history)


def _first(below: Entry, field: Pointer) -> Iterator[Statement]:
    """Yield what the lowest file states of a field, if it does."""
    value = at(below.data, field)
    if value is not None:
        yield Statement(below.documents[-1], field, value)


def _whole_twice(below: Entry, document: Document) -> Diagnostic:
    """Return the diagnostic of a whole record above another one."""
    first = below.documents[-1].source
    return Diagnostic(
        document.source.path,
        WHOLE_TWICE,
        f"the layer `{first.layer}` has {_called(document)} already",
        hint="say what differs: `set: {…}`, `add: {…}`, `remove: {…}`",
        notes=(Note(first.path, "the record below"),),
    )


def _at_fault(one: Diagnostic, entry: Entry, document: Document) -> Diagnostic:
    """Return what is wrong with a merged record at the place in the file that made it so."""
    path, pointer = entry.place_of(one.pointer)
    if path != document.source.path:  # something was taken away there
        gone = (said[-1] for said in entry.history.values() if said[-1].document is document)
        places = [said.pointer for said in gone if said.value is None]
        pointer = next((place for place in places if f"`{place[-1]}`" in one.message), ())
    hint = one.hint if path == document.source.path else None
    if one.code == codes.MISSING_FIELD and hint is None and pointer:
        hint = "a whole record needs it: replace it with `set`"
    return replace(one, path=document.source.path, pointer=pointer, at="key", hint=hint, fix=None)


def _called(document: Document) -> str:
    """Return a subject as messages call it."""
    kind, id = document.source.subject
    return f"the {kind} `{id}`" if kind != id else f"a file of {kind}"

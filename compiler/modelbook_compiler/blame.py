"""Findings in files of lower layers -> the same at the file above that changed what they looked at.

A rule may find something in a file below because of what a file above says: a name that points
to what the layer above retires. Nobody here can mend the file below, but whoever changed the other
can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace

from .diagnostics import Diagnostic, Note
from .examine import Findings, Unit, units_of
from .traced import ANY
from .values import Entry, Pointer, Subject

Needs = Callable[[Unit], Set[Subject]]
"""Returns what a unit asked for."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """An entry that the catalog's own file changes."""

    entry: Entry
    subjects: frozenset[Subject]
    """As what others ask for it."""
    units: frozenset[Unit]
    """The entry by itself, and its groups."""


def moved(
    findings: Findings, layered: Iterable[Entry], below: tuple[str, ...], needs: Needs
) -> Mapping[Diagnostic, Diagnostic]:
    """Return findings in files of lower layers, each as it is told at a file above.

    `below` are the beginnings of the paths in lower layers. What nothing above changed is left out.
    """
    own = [_changed(one) for one in layered if not _top(one).startswith(below)]
    found: dict[Diagnostic, Diagnostic] = {}
    for unit, told in findings.items() if own else ():
        for one in told:
            if one.path.startswith(below):
                causes = _causes(unit, one, own, needs(unit))
                found |= {one: _at(causes[0], one)} if causes else {}
    return found


def _changed(entry: Entry) -> _Changed:
    """Return what is asked for where an entry is."""
    classes = entry.data["classes"] if entry.kind == "architecture" else ()
    subjects = {entry.subject, (entry.kind, ANY), *(("class", name) for name in classes)}
    return _Changed(entry, frozenset(subjects), frozenset({entry.subject, *units_of(entry)}))


def _causes(
    unit: Unit, one: Diagnostic, own: Iterable[_Changed], asked: Set[Subject]
) -> list[Entry]:
    """Return the changed entries that a finding depends on, those that it names first."""
    found = [c.entry for c in own if unit in c.units or not asked.isdisjoint(c.subjects)]
    others = [entry for entry in found if one.path not in _paths(entry)]
    return sorted(others, key=lambda entry: f"`{entry.id}`" not in one.message)


def _at(cause: Entry, one: Diagnostic) -> Diagnostic:
    """Return a finding as it is told at the file that caused it."""
    hint = f"in operations on that file: {one.hint}" if one.hint else None
    note = Note(one.path, "what this breaks", one.pointer, one.at)
    path, place = _top(cause), _operation(cause)
    moved = replace(one, path=path, pointer=place, at="key", span=None, fix=None)
    return replace(moved, hint=hint, notes=(note, *one.notes))


def _operation(entry: Entry) -> Pointer:
    """Return what all changes of an entry's highest file share: the operation, if it is one."""
    top = entry.documents[0]
    made = [one for said in entry.history.values() for one in said if one.document is top]
    places = [one.pointer for one in made if one.pointer[0] != "sources"]
    shared: list[str | int] = []
    for steps in zip(*places, strict=False):
        if len({*steps}) > 1:
            break
        shared.append(steps[0])
    return tuple(shared)


def _top(entry: Entry) -> str:
    """Return the path of an entry's highest file."""
    return entry.documents[0].source.path


def _paths(entry: Entry) -> set[str]:
    """Return the paths of an entry's files."""
    return {one.source.path for one in entry.documents}

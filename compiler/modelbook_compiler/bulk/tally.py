"""Results and clashes of all sources -> what is wrong, by source and row, as it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .. import codes
from ..diagnostics import FILE_START, Diagnostic, Note, Span
from ..naming import FIRST, clash
from ..positions import Positions
from ..rules.exceptions import stale
from ..rules.models import shared_weights
from ..values import Graph
from .checking import SAME_WEIGHTS
from .clashes import CATALOG, Clash, Named
from .locating import located, spot
from .sources import lines
from .values import MOST, Excuse, Result, Source


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog that rows are checked against."""

    graph: Graph
    positions: Positions
    layer: str
    base: str
    """What stands before paths of the catalog in messages."""


class Tally:
    """What is wrong so far, by source and row."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self.good = self.lost = self.digest = 0
        self._unreadable: list[Diagnostic] = []
        self._located: dict[tuple[int, int], list[Diagnostic]] = defaultdict(list)
        self._late: dict[tuple[int, int], list[Diagnostic]] = defaultdict(list)
        self._bad: dict[int, set[int]] = defaultdict(set)
        self._noted: dict[tuple[int, str], set[int]] = defaultdict(set)
        self._excuses: list[Excuse] = []

    def add(self, result: Result) -> None:
        """Note what was found in a chunk, which follows those before."""
        self.good += result.good
        self.lost += result.lost
        self.digest += result.digest
        self._excuses += result.excuses
        number = result.chunk.source.number
        room = MOST - len(self._bad[number])
        self._bad[number].update(result.bad)
        shown = set(result.bad[: max(0, room)])
        for one in result.problems:
            row = (one.span or FILE_START).line
            if row in shown:
                self._located[number, row].append(one)

    def unreadable(self, one: Diagnostic) -> None:
        """Note a source that cannot be read."""
        self._unreadable.append(one)
        self.lost += 1

    def excuses(self) -> Mapping[tuple[int, int, str], list[int]]:
        """Return source, row and rule to the positions of the exceptions from it."""
        found: dict[tuple[int, int, str], list[int]] = defaultdict(list)
        for one in self._excuses:
            found[one.source, one.row, one.code].append(one.position)
        return found

    def clash(self, one: Clash, catalog: Catalog) -> None:
        """Note two rows that state what only one may."""
        self._add_late(one.later.source, one.later.row, one.code, lambda: self._told(one, catalog))

    def stale(self, source: int, row: int, code: str, position: int) -> None:
        """Note an exception that was not needed."""
        found = stale(self._sources[source].shown, code, ("exceptions", position))
        self._add_late(source, row, found.code, lambda: found)

    def _add_late(self, source: int, row: int, code: str, told: Callable[[], Diagnostic]) -> None:
        """Note a problem that only all rows together show."""
        self._bad[source].add(row)
        noted = self._noted[source, code]
        if len(noted) < MOST or row in noted:
            noted.add(row)
            self._late[source, row].append(told())

    def _told(self, one: Clash, catalog: Catalog) -> Diagnostic:
        """Return what a clash is, in the words that files are told in."""
        later, first = one.later, one.first
        path = self._sources[later.source].shown
        if one.code == SAME_WEIGHTS:
            found = shared_weights(first.id)
            return Diagnostic(path, one.code, found.message, found.pointer, hint=found.hint)
        noted = self._first(first, catalog)
        return clash(path, later.name, first.name, later.pointer, "value", noted)

    def _first(self, first: Named, catalog: Catalog) -> Note:
        """Return where a name was first declared."""
        if first.source != CATALOG:
            span = Span(first.row, 1, first.row, 1)
            return Note(self._sources[first.source].shown, FIRST, first.pointer, span=span)
        entry = catalog.graph.kind("model")[first.id]
        path, pointer = entry.place_of(first.pointer)
        span = catalog.positions.span(path, pointer, "value")
        return Note(catalog.base + path, FIRST, pointer, span=span)

    def finished(self) -> tuple[tuple[Diagnostic, ...], dict[str, dict[int, str]]]:
        """Return all that is shown, located, and the lines it is about."""
        late = self._late
        bad = {one.number: sorted(self._bad[one.number]) for one in self._sources}
        told = {(number, row): late[number, row] for number in bad for row in bad[number][:MOST]}
        texts = self._texts(bad, told.values())
        kept: list[Diagnostic] = list(self._unreadable)
        for (number, row), found in told.items():
            source = self._sources[number]
            kept += self._located[number, row]
            located_late = located(source, row, texts[source.shown].get(row), found)
            kept += (self._with_notes(one, texts) for one in located_late)
        for source in self._sources:
            rows = bad[source.number]
            kept += [_more(source, rows[MOST], len(rows) - MOST)] if len(rows) > MOST else []
        return tuple(kept), texts

    def _texts(
        self, bad: Mapping[int, list[int]], told: Iterable[list[Diagnostic]]
    ) -> dict[str, dict[int, str]]:
        """Return the lines of the rows that are shown, by source, and of those that notes name."""
        wanted = {one.shown: set(bad[one.number][:MOST]) for one in self._sources}
        for note in (note for found in told for one in found for note in one.notes):
            if note.path in wanted and note.span:
                wanted[note.path].add(note.span.line)
        return {one.shown: lines(one, wanted[one.shown]) for one in self._sources}

    def _with_notes(self, one: Diagnostic, texts: Mapping[str, Mapping[int, str]]) -> Diagnostic:
        """Return a diagnostic with the exact range of notes about other rows."""
        notes = tuple(
            replace(note, span=spot(texts[note.path].get(note.span.line), note))
            if note.span and note.path in texts
            else note
            for note in one.notes
        )
        return replace(one, notes=notes)


def _more(source: Source, row: int, count: int) -> Diagnostic:
    """Return the diagnostic that counts the rows whose problems are not shown."""
    message = f"and {count:,} more row{'s' if count > 1 else ''} with problems"
    hint = "mend those that are shown, and compile again"
    return Diagnostic(source.shown, codes.MORE_ROWS, message, span=Span(row, 1, row, 1), hint=hint)

"""Results and clashes of all sources -> what is wrong, by source and row, as it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .. import codes
from ..diagnostics import FILE_START, Diagnostic, Note, Span
from ..positions import Positions
from ..rules.exceptions import STALE
from ..values import Graph
from .checking import SAME_WEIGHTS
from .clashes import CATALOG, Clash, Named
from .locating import located
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
        pointer = ("exceptions", position, "rule")
        message, path = f"nothing here breaks {code}", self._sources[source].shown
        found = Diagnostic(path, STALE, message, pointer, hint="delete it")
        self._add_late(source, row, STALE, lambda: found)

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
            message = f"`{first.id}` has the same weights"
            hint = "keep one model, and let an alias lead to it"
            return Diagnostic(path, one.code, message, ("weights", "hf"), hint=hint)
        same = "is taken already" if later.name == first.name else f"is too like `{first.name}`"
        hint, notes = "keep one of the two, or rename one", (self._first(first, catalog),)
        return Diagnostic(
            path, one.code, f"`{later.name}` {same}", later.pointer, hint=hint, notes=notes
        )

    def _first(self, first: Named, catalog: Catalog) -> Note:
        """Return where a name was first declared."""
        words = "first declared here"
        if first.source != CATALOG:
            span = Span(first.row, 1, first.row, 1)
            return Note(self._sources[first.source].shown, words, first.pointer, span=span)
        entry = catalog.graph.kind("model")[first.id]
        path = entry.document_of(first.pointer).source.path
        span = catalog.positions.span(path, first.pointer, "value")
        return Note(catalog.base + path, words, first.pointer, span=span)

    def finished(self) -> tuple[tuple[Diagnostic, ...], dict[str, dict[int, str]]]:
        """Return all that is shown, located, and the lines it is about."""
        texts: dict[str, dict[int, str]] = {}
        kept: list[Diagnostic] = list(self._unreadable)
        for source in self._sources:
            bad = sorted(self._bad[source.number])
            shown = bad[:MOST]
            found = texts[source.shown] = lines(source, set(shown))
            for row in shown:
                kept += self._located[source.number, row]
                kept += located(source, row, found.get(row), self._late[source.number, row])
            if len(bad) > MOST:
                kept.append(_more(source, bad[MOST], len(bad) - MOST))
        return tuple(kept), texts


def _more(source: Source, row: int, count: int) -> Diagnostic:
    """Return the diagnostic that counts the rows whose problems are not shown."""
    message = f"and {count:,} more row{'s' if count > 1 else ''} with problems"
    hint = "mend those that are shown, and compile again"
    return Diagnostic(source.shown, codes.MORE_ROWS, message, span=Span(row, 1, row, 1), hint=hint)

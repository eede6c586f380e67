"""The stages in order: a catalog folder in, diagnostics and (if it is sound) a book out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .book import Book
from .diagnostics import Diagnostic, has_errors, ordered
from .discover import discover
from .link import link
from .lower import lower
from .merge import merge
from .parse import parse
from .positions import Positions
from .rules import check_meaning
from .rules.exceptions import excused
from .shape import Shapes, Units
from .values import Document, Graph, SourceFile

Progress = Callable[[str, int, int], None]
"""Told of the stage, how much of it is done, and of how much."""


class CannotRunError(Exception):
    """The compiler cannot start; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check."""

    sources: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    """Located, in reading order."""
    positions: Positions
    graph: Graph

    @property
    def sound(self) -> bool:
        """Tell whether there is no error, so that the graph can be lowered."""
        return not has_errors(self.diagnostics)

    def book(self) -> Book:
        """Return the lowered catalog of a sound check."""
        return lower(self.graph)


def check(root: Path, progress: Progress = lambda *_: None) -> Checked:
    """Return everything that is wrong with the catalog in a folder.

    Raises `CannotRunError` if there is no catalog.
    """
    if not (root / "catalog.yaml").is_file():
        there = "there is no such folder" if not root.is_dir() else "it has no `catalog.yaml`"
        raise CannotRunError(f"`{root}` is no catalog: {there}", "name its folder with `--catalog`")
    with _without_collector():
        found = discover(root, _layer(root))
        documents, problems = _documents(found.files, progress)
        broken = found.broken | {(one.kind, one.id) for one in found.files} - {
            (one.source.kind, one.source.id) for one in documents
        }
        graph, names = link(merge(documents), broken)
        meaning = [*names, *check_meaning(graph)]
        kept = excused(meaning, documents, complete=not broken)
        positions = Positions(found.files)
        all_found = [*found.problems, *problems, *kept]
        diagnostics = ordered(positions.located(one) for one in all_found)
    return Checked(found.files, diagnostics, positions, graph)


def _documents(
    files: tuple[SourceFile, ...], progress: Progress
) -> tuple[list[Document], list[Diagnostic]]:
    """Return the files that are well-formed and of the right shape, and what the others lack."""
    parsed: list[Document] = []
    problems: list[Diagnostic] = []
    for done, source in enumerate(files):
        if done % 200 == 0:
            progress("read", done, len(files))
        outcome = parse(source)
        if isinstance(outcome, Document):
            parsed.append(outcome)
        else:
            problems.append(outcome)
    shapes = Shapes(_units(parsed))
    good: list[Document] = []
    for document in parsed:
        wrong = shapes.problems(document)
        problems.extend(wrong)
        if not wrong:
            good.append(document)
    return good, problems


def _units(documents: Iterable[Document]) -> Units | None:
    """Return the unit registry among documents, None if there is none of the right shape."""
    for document in documents:
        if document.source.kind == "units" and not Shapes(None).problems(document):
            units: Units = document.data["units"]
            return units
    return None


def _layer(root: Path) -> str:
    """Return the name that claims of a catalog folder are recorded under."""
    return root.resolve().name


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hold the cyclic garbage collector still: node trees make it slower than the work itself."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

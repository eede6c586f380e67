"""The stages in order: a catalog folder in, diagnostics and (if it is sound) a book out."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import codes
from .book import Book
from .credentials import LOOKS_LIKE_SECRET, credentials, redacted
from .diagnostics import Diagnostic, has_errors, ordered
from .discover import Discovered, discover, read_file
from .link import link
from .lower import lower
from .merge import merge
from .parse import parse
from .positions import Positions
from .remember import Memory
from .rules import check_meaning
from .rules.exceptions import excused
from .rules.today import check_today
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
        with _without_collector():
            return lower(self.graph)


def check(
    root: Path,
    progress: Progress = lambda *_: None,
    at: date | None = None,
    memory: Memory | None = None,
) -> Checked:
    """Return everything that is wrong with the catalog in a folder.

    With a day, also warnings about what has become wrong by then. With a memory, files that were in
    order and have not changed are not parsed again, and the memory keeps what this check saw.
    Raises `CannotRunError` if there is no catalog.
    """
    if not (root / "catalog.yaml").is_file():
        there = "it has no `catalog.yaml`" if root.is_dir() else "it is not a folder"
        raise CannotRunError(f"`{root}` is no catalog: {there}", "name its folder with `--catalog`")
    root = root.resolve()  # the name that messages show, also for `--catalog .`
    with _without_collector():
        found = discover(root, _layer(root))
        documents, problems = _documents(found, progress, memory)
        broken = found.broken | {(one.kind, one.id) for one in found.files} - {
            (one.source.kind, one.source.id) for one in documents
        }
        graph, names = link(merge(documents), broken)
        meaning = [*names, *check_meaning(graph)]
        late = list(check_today(graph, at)) if at else []
        kept = excused(meaning, documents, broken)
        positions = Positions(found.files)
        all_found = [*found.problems, *problems, *kept, *late]
        diagnostics = ordered(redacted(positions.located(one)) for one in all_found)
        if memory:
            clean = len(all_found) == len(late)
            unsafe = {one.path for one in problems if one.code == LOOKS_LIKE_SECRET}
            safe = [one for one in documents if one.source.path not in unsafe]
            memory.keep(safe, clean=clean, files=len(found.files))
    return Checked(found.files, diagnostics, positions, graph)


def _documents(
    found: Discovered, progress: Progress, memory: Memory | None
) -> tuple[list[Document], list[Diagnostic]]:
    """Return the files that are well-formed and of the right shape, and what the others lack."""
    registry = [parse(one) for one in found.files if one.kind == "units"]
    units = _units(one for one in registry if isinstance(one, Document))
    there = ("units", "units") in found.broken | {(one.kind, one.id) for one in found.files}
    unknown = units is None and there
    shapes = Shapes(None if unknown else units or {})
    if memory:
        memory.under(json.dumps(units))
    good: list[Document] = []
    problems: list[Diagnostic] = []
    for done, source in enumerate(found.files):
        if done % 200 == 0:
            progress("read", done, len(found.files))
        known = memory.recall(source) if memory else None
        if not known:
            problems.extend(credentials(source))
        outcome = known or parse(source)
        if isinstance(outcome, Diagnostic):
            problems.append(outcome)
            continue
        wrong = () if known else shapes.problems(outcome)
        wrong = tuple(one for one in wrong if not (unknown and _names_unit(one)))
        problems.extend(wrong)
        if not wrong:
            good.append(outcome)
    return good, problems


def _layer(root: Path) -> str:
    """Return the name that the manifest gives to a catalog, or else its folder's."""
    raw = read_file(root / "catalog.yaml")
    if isinstance(raw, bytes):
        read = parse(SourceFile(f"{root.name}/catalog.yaml", "manifest", "manifest", raw, ""))
        name = read.data.get("name") if isinstance(read, Document) else None
        if isinstance(name, str):
            return name
    return root.name


def _units(documents: Iterable[Document]) -> Units | None:
    """Return the unit registry among documents, None if there is none of the right shape."""
    for document in documents:
        if document.source.kind == "units" and not Shapes(None).problems(document):
            units: Units = document.data["units"]
            return units
    return None


def _names_unit(one: Diagnostic) -> bool:
    """Tell whether a problem is about the name of a unit, which only the registry can decide."""
    at_key = one.code == codes.UNKNOWN_FIELD and len(one.pointer) == 3
    lists = one.pointer[2:3] in (("units",), ("minimum",), ("allowance",))
    return one.pointer[:1] == ("prices",) and (at_key or lists)


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

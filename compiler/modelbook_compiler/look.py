"""Catalog folder (and what is remembered of it) -> the files that changed, as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from . import codes
from .credentials import LOOKS_LIKE_SECRET, credentials
from .diagnostics import Diagnostic
from .discover import discover, read_file
from .parse import parse
from .shape import Shapes, Units
from .store import Store
from .values import Document, SourceFile, Subject

Progress = Callable[[str, int, int], None]
"""Told of the stage, how much of it is done, and of how much."""

RESHAPING = frozenset({"units", "manifest"})
"""Kinds that every file's shape or layer depends on."""


@dataclass
class Looked:
    """What a look at the files of a catalog found."""

    store: Store | None
    """What is remembered and still holds."""
    known: set[str] = field(default_factory=set)
    """Paths of files that have not changed."""
    new: dict[str, tuple[bytes, Document]] = field(default_factory=dict)
    """Path to digest and document of files that are in order."""
    texts: dict[str, bytes] = field(default_factory=dict)
    """What was read, by path."""
    problems: list[Diagnostic] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    """Paths below the catalog of files that are not in order."""
    broken: set[Subject] = field(default_factory=set)
    """What files speak of that are there and not in order."""

    @property
    def documents(self) -> list[Document]:
        """Return the documents that are not remembered."""
        return [one for _, one in self.new.values()]

    @property
    def safe(self) -> bool:
        """Tell whether all may be remembered: no secret, and units that can be told."""
        secret = any(one.code == LOOKS_LIKE_SECRET for one in self.problems)
        return not secret and ("units", "units") not in self.broken

    @cached_property
    def gone(self) -> Mapping[str, Subject]:
        """Return the remembered files that are not there any more, or not in order."""
        if self.store is None:
            return {}
        paths = self.store.paths() - self.known - self.new.keys()
        return {path: self.store.subject(path) for path in paths}


def look(
    root: Path, paths: Iterable[str], settled: set[str], store: Store | None, progress: Progress
) -> Looked:
    """Return what the files at some paths below a catalog folder say that is not remembered.

    A `settled` file has the stamp under which it is remembered, so it need not be read.
    """
    above = f"{root.name}/"
    found = Looked(store, {above + path for path in settled})
    layer = _layer(root)
    unread = [path for path in paths if path not in settled]
    discovered = discover(root, layer, unread)
    found.problems += discovered.problems
    found.broken |= discovered.broken
    found.texts = {one.path: one.raw for one in discovered.files}
    changed = [one for one in discovered.files if not _remembered(one, found)]
    shapes, unknown = _shapes(changed, found)
    for done, source in enumerate(changed):
        if done % 200 == 0:
            progress("read", done, len(changed))
        _take(source, shapes, unknown=unknown, found=found)
    in_order = found.known | found.new.keys()
    found.left_out = {path for path in unread if above + path not in in_order}
    return found


def _remembered(source: SourceFile, found: Looked) -> bool:
    """Tell whether a file has the bytes under which it is remembered, and take note of that."""
    same = found.store is not None and found.store.digest(source.path) == digest(source.raw)
    if same:
        found.known.add(source.path)
    return same


def _take(source: SourceFile, shapes: Shapes, *, unknown: bool, found: Looked) -> None:
    """Take note of what a file says, or of what is wrong with it."""
    found.problems += credentials(source)
    outcome = parse(source)
    if isinstance(outcome, Diagnostic):
        wrong: tuple[Diagnostic, ...] = (outcome,)
    else:
        wrong = shapes.problems(outcome)
        wrong = tuple(one for one in wrong if not (unknown and _names_unit(one)))
    found.problems += wrong
    if wrong:
        found.broken.add(source.subject)
    elif isinstance(outcome, Document):
        found.new[source.path] = digest(source.raw), outcome


def _shapes(changed: Iterable[SourceFile], found: Looked) -> tuple[Shapes, bool]:
    """Return the shapes by the unit registry, and whether there is one that cannot be read."""
    files = [one for one in changed if one.kind == "units"]
    if not files and found.store:
        known = found.store.documents(("units", "units"))
        return Shapes(known[0].data["units"] if known else {}), False
    units = _units(one for one in map(parse, files) if isinstance(one, Document))
    unknown = units is None and bool(files or ("units", "units") in found.broken)
    return Shapes(None if unknown else units or {}), unknown


def _units(documents: Iterator[Document]) -> Units | None:
    """Return the unit registry among documents, None if there is none of the right shape."""
    for document in documents:
        if not Shapes(None).problems(document):
            units: Units = document.data["units"]
            return units
    return None


def _names_unit(one: Diagnostic) -> bool:
    """Tell whether a problem is about the name of a unit, which only the registry can decide."""
    at_key = one.code == codes.UNKNOWN_FIELD and len(one.pointer) == 3
    lists = one.pointer[2:3] in (("units",), ("minimum",), ("allowance",))
    return one.pointer[:1] == ("prices",) and (at_key or lists)


def _layer(root: Path) -> str:
    """Return the name that the manifest gives to a catalog, or else its folder's."""
    raw = read_file(root / "catalog.yaml")
    if isinstance(raw, bytes):
        read = parse(SourceFile(f"{root.name}/catalog.yaml", "manifest", "manifest", "", raw))
        name = read.data.get("name") if isinstance(read, Document) else None
        if isinstance(name, str):
            return name
    return root.name


def digest(raw: bytes) -> bytes:
    """Return the digest of a file's bytes."""
    return blake2b(raw, digest_size=16).digest()

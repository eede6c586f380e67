"""Layers (and what is remembered of them) -> the files that changed, as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from . import codes, packed
from .credentials import LOOKS_LIKE_SECRET, credentials
from .diagnostics import Diagnostic
from .discover import discover, place
from .layers import reader
from .merge import merge
from .parse import parse
from .shape import Shapes
from .store import Store
from .values import Document, Layer, Origin, SourceFile, Subject

Progress = Callable[[str, int, int], None]
"""Told of the stage, how much of it is done, and of how much."""

RESHAPING = frozenset({"units", "manifest"})
"""Kinds that every file's shape or layer depends on."""

UNITS = ("units", "units")
PACK = ":"
"""What the path of a packed catalog ends in, and that of no file."""


@dataclass
class Looked:
    """What a look at the files of all layers found."""

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
    """Paths of files that are not in order."""
    refused: set[str] = field(default_factory=set)
    """Paths of files that cannot be merged with those below."""
    broken: set[Subject] = field(default_factory=set)
    """What files speak of that are there and not in order."""
    shapes: Shapes = field(default_factory=lambda: Shapes(None))
    """By the units of the catalog."""

    @property
    def documents(self) -> list[Document]:
        """Return the documents that are not remembered."""
        return [one for _, one in self.new.values()]

    @property
    def paths(self) -> set[str]:
        """Return the paths of all files that have a text."""
        return {*self.known, *self.new, *self.texts, *self.refused}

    @property
    def safe(self) -> bool:
        """Tell whether all may be remembered: no secret, and units that can be told."""
        secret = any(one.code == LOOKS_LIKE_SECRET for one in self.problems)
        return not secret and UNITS not in self.broken

    @property
    def gone(self) -> Mapping[str, Subject]:
        """Return the remembered files that are not there any more, or not in order."""
        if self.store is None:
            return {}
        paths = self.store.paths() - self.known - self.new.keys()
        return {path: self.store.subject(path) for path in paths}


def look(
    layers: Sequence[Layer],
    walked: Iterable[str],
    settled: set[str],
    store: Store | None,
    progress: Progress,
) -> Looked:
    """Return what the files of some layers say that is not remembered.

    `walked` are their paths as messages show them. A `settled` file has the stamp under which it is
    remembered, so it need not be read.
    """
    found = Looked(store, _files_of(settled, layers, store))
    unread = [path for path in walked if path not in settled]
    changed = _read(layers, unread, found)
    order = tuple(one.name for one in layers)
    found.shapes, unknown = _shapes([*found.documents, *changed], found, order)
    for done, source in enumerate(changed):
        if done % 200 == 0:
            progress("read", done, len(changed))
        _take(source, found.shapes, unknown=unknown, found=found)
    in_order = found.known | found.new.keys()
    found.left_out = {path for path in unread if path not in in_order and path[-1] != PACK}
    return found


def _files_of(settled: set[str], layers: Iterable[Layer], store: Store | None) -> set[str]:
    """Return the settled files; of a packed catalog that is settled, all that it holds."""
    packs = tuple(one.shown for one in layers if one.kind == "packed" and one.shown in settled)
    if not packs or store is None:
        return set(settled)
    held = {path for path in store.paths() if path.startswith(packs)}
    return {*settled, *held}.difference(packs)


def _read(layers: Iterable[Layer], unread: Sequence[str], found: Looked) -> list[SourceFile]:
    """Return the files that are not remembered; of packed catalogs take note of what they say."""
    changed: list[SourceFile] = []
    by_layer = _by_layer(unread, layers)
    for layer in layers:
        paths = by_layer[layer.shown]
        if layer.kind == "packed":
            if paths:
                _unpack(layer, found)
            continue
        discovered = discover(layer, paths, reader(layer, iter(paths)))
        found.problems += discovered.problems
        found.broken |= discovered.broken
        found.texts |= {one.path: one.raw for one in discovered.files}
        changed += [one for one in discovered.files if not _remembered(one, found)]
    return changed


def _by_layer(paths: Iterable[str], layers: Iterable[Layer]) -> Mapping[str, list[str]]:
    """Return paths below their layers, by what messages show of a layer."""
    found: dict[str, list[str]] = {one.shown: [] for one in layers}
    known = sorted(found, key=len, reverse=True)  # a layer may be inside the folder of another
    for path in paths:
        above = next(one for one in known if path.startswith(one))
        found[above].append(path[len(above) :])
    return found


def _unpack(layer: Layer, found: Looked) -> None:
    """Take note of what a packed catalog says; its shape was checked when it was packed."""
    try:
        held = list(packed.data(layer.place))
    except packed.DamagedError as error:
        name = layer.shown.removesuffix(PACK)
        raise packed.DamagedError(f"the package `{name}`: {error}", error.hint) from None
    for path, mark, data in held:
        shown, placed = layer.shown + path, place(path)
        if found.store is not None and found.store.digest(shown) == mark:
            found.known.add(shown)
        elif not isinstance(placed, str):
            found.new[shown] = mark, Document(Origin(shown, *placed, layer.name), data)


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


def _shapes(
    changed: Iterable[SourceFile | Document], found: Looked, order: Sequence[str]
) -> tuple[Shapes, bool]:
    """Return the shapes by the unit registry, and whether there is one that cannot be read."""
    files = [one for one in changed if _source(one).kind == "units"]
    if not files and found.store:
        known = merge(found.store.documents(UNITS), order)
        return Shapes(known[0].data["units"] if known else {}), False
    read = [one if isinstance(one, Document) else parse(one) for one in files]
    good = [one for one in read if isinstance(one, Document) and not Shapes(None).problems(one)]
    stands = merge(good, order)
    unknown = len(good) < len(files) or (not stands and UNITS in found.broken)
    return Shapes(None if unknown else stands[0].data["units"] if stands else {}), unknown


def _source(one: SourceFile | Document) -> Origin:
    """Return what a file, or a document, is by its place."""
    return one.source if isinstance(one, Document) else one


def _names_unit(one: Diagnostic) -> bool:
    """Tell whether a problem is about the name of a unit, which only the registry can decide."""
    pointer = one.pointer[one.pointer[:1] in (("set",), ("add",), ("remove",)) :]
    at_key = one.code == codes.UNKNOWN_FIELD and len(pointer) == 3
    lists = pointer[2:3] in (("units",), ("minimum",), ("allowance",))
    return pointer[:1] == ("prices",) and (at_key or lists)


def digest(raw: bytes) -> bytes:
    """Return the digest of a file's bytes."""
    return blake2b(raw, digest_size=16).digest()

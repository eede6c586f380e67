"""The stages in order: a catalog folder in, diagnostics and (if it is sound) a book out."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from .blame import Needs, moved
from .credentials import held_in, redacted
from .diagnostics import Diagnostic, has_errors, ordered
from .examine import ONE_BY_ONE, Examined, Unit, examine, examine_again
from .files import Stamp
from .git import GitError
from .guarded import guarded
from .layers import Resolved, resolve, stamps
from .link import link
from .look import RESHAPING, Looked, Progress, look
from .merge import merge
from .operations import is_overlay
from .packed import DamagedError
from .positions import Positions
from .recall import recalled
from .remember import Memory
from .rules.exceptions import STALE, excusable, excused
from .rules.today import check_today
from .settle import settle
from .store import Store
from .texts import Texts
from .traced import BROKEN
from .values import Document, Entry, Graph, Layer, Subject

if TYPE_CHECKING:
    from .book import Book


FEW = 100
"""So many changed files are read anew every time before all is written down again: to write what is
remembered of ten thousand files takes longer than to look at a few."""


class CannotRunError(Exception):
    """The compiler cannot start; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check."""

    sources: Mapping[str, bytes]
    """The files of the catalog by path, as bytes."""
    diagnostics: tuple[Diagnostic, ...]
    """Located, in reading order."""
    positions: Positions
    graph: Graph
    layers: tuple[Layer, ...] = ()
    """The weakest first; the last is the catalog itself."""

    @property
    def sound(self) -> bool:
        """Tell whether there is no error, so that the graph can be lowered."""
        return not has_errors(self.diagnostics)

    def book(self) -> Book:
        """Return the lowered catalog of a sound check."""
        from .lower import lower

        with _without_collector():
            return lower(self.graph)


def check(
    root: Path,
    progress: Progress = lambda *_: None,
    at: date | None = None,
    memory: Memory | None = None,
) -> Checked:
    """Return everything that is wrong with the catalog in a folder.

    With a day, also warnings about what has become wrong by then. With a memory, only files that
    have changed are read, and only what they concern is examined; the memory keeps what this check
    saw. Raises `CannotRunError` if there is no catalog.
    """
    if not (root / "catalog.yaml").is_file():
        there = "it has no `catalog.yaml`" if root.is_dir() else "it is not a folder"
        raise CannotRunError(f"`{root}` is no catalog: {there}", "name its folder with `--catalog`")
    root = root.resolve()  # the name that messages show, also for `--catalog .`
    resolved = memory.resolved if memory else resolve(root)
    if resolved.problems:
        return _without_layers(resolved)
    with _without_collector(), _readable():
        looked, touched = _look(resolved, memory, progress)
        graph, examined = _examine(looked, touched, resolved.order)
        late = list(check_today(graph, at)) if at else []
        layered, broken = _layered(looked, graph), frozenset(looked.broken)
        elsewhere = moved(examined.findings, layered, _below(resolved), _needs(looked, examined))
        homes = _homes(layered)
        kept = excused(examined.all(), _excusing(looked), broken, homes, elsewhere)
        texts = Texts(resolved.layers, looked.paths, looked.texts)
        positions = Positions(texts)
        own = [*_ours([*kept, *late], layered, resolved), *guarded(root, graph)]
        all_found = [*looked.problems, *own]
        diagnostics = ordered(_without_secrets(map(positions.located, all_found), texts))
        if memory and looked.safe:
            today = set(late)  # its warnings are worked out anew every time
            clean = all(one in today for one in all_found)
            _keep(memory, looked, examined, clean=clean)
    return Checked(texts, diagnostics, positions, graph, tuple(resolved.layers))


def _without_secrets(
    found: Iterable[Diagnostic], texts: Mapping[str, bytes]
) -> Iterator[Diagnostic]:
    """Yield diagnostics without what must not be shown of their files."""
    held: dict[str, tuple[str, ...]] = {}
    for one in found:
        if one.path not in held:
            held[one.path] = held_in(texts.get(one.path, b"").decode("utf-8", "replace"))
        yield redacted(one, held[one.path])


def _without_layers(resolved: Resolved) -> Checked:
    """Return the outcome for a catalog whose layers cannot be had: nothing else can be told."""
    texts = Texts(resolved.layers, resolved.texts.keys(), resolved.texts)
    positions = Positions(texts)
    diagnostics = ordered(positions.located(one) for one in resolved.problems)
    return Checked(texts, diagnostics, positions, Graph({}), tuple(resolved.layers))


@contextmanager
def _readable() -> Iterator[None]:
    """Turn a layer that went away or is damaged into `CannotRunError`."""
    try:
        yield
    except DamagedError as error:
        raise CannotRunError(
            f"a packed layer cannot be read: {error}", "install it again"
        ) from None
    except GitError as error:
        raise CannotRunError(f"a layer in git cannot be read: {error}", "mend it there") from None


def _look(
    resolved: Resolved, memory: Memory | None, progress: Progress
) -> tuple[Looked, frozenset[Subject]]:
    """Return the files that changed since the last check, and what they speak of."""
    layers = resolved.layers
    if memory is None:
        walked = {path: one for layer in layers for path, one in stamps(layer).items()}
        return _all(layers, walked, progress), frozenset()
    store = memory.store()
    known = store.stamps if store else {}
    same = {path for path, one in memory.walked.items() if known.get(path) == one}
    looked = look(layers, memory.walked, same, store, progress)
    touched = _touched(looked)
    if store is None or any(kind in RESHAPING for kind, _ in touched):
        again = looked if store is None else None
        return _all(layers, memory.walked, progress, again), frozenset()
    settle(looked, layers, touched)
    return looked, _touched(looked)


def _all(
    layers: Sequence[Layer],
    walked: Mapping[str, Stamp],
    progress: Progress,
    looked: Looked | None = None,
) -> Looked:
    """Return what all files say, whatever is remembered; `looked` is that already, if given."""
    found = looked or look(layers, walked, set(), None, progress)
    settle(found, layers, frozenset())
    return found


def _layered(looked: Looked, graph: Graph) -> list[Entry]:
    """Return the entries that files of operations change."""
    above = [one for one in looked.documents if is_overlay(one.data)]
    if looked.store:
        above += [one for one in looked.store.overlays() if one.source.path in looked.known]
    subjects = dict.fromkeys(one.source.subject for one in above)
    entries = (graph.kind(kind).get(id) for kind, id in subjects)
    return [one for one in entries if one]


def _homes(layered: Iterable[Entry]) -> dict[str, str]:
    """Return path of each file of operations, and of the whole record that it changes."""
    return {
        document.source.path: entry.documents[-1].source.path
        for entry in layered
        for document in entry.documents[:-1]
    }


def _below(resolved: Resolved) -> tuple[str, ...]:
    """Return what stands before the paths of all files of lower layers."""
    return tuple(one.shown for one in resolved.layers[:-1])


def _needs(looked: Looked, examined: Examined) -> Needs:
    """Return who can tell what a unit asked for, now or when it was last looked at."""
    store = looked.store

    def needs(unit: Unit) -> Set[Subject]:
        known = examined.needs.get(unit)
        return known if known is not None else store.needs(unit) if store else frozenset()

    return needs


def _ours(
    found: Iterable[Diagnostic], layered: Iterable[Entry], resolved: Resolved
) -> Iterator[Diagnostic]:
    """Yield what is wrong in the catalog's own files, and what nothing can be made with.

    Lower layers are checked where they are kept. What is wrong there with a record that the catalog
    changes is told at the file that does; what it breaks elsewhere was `moved` to that file before.
    """
    below = _below(resolved)
    own = {
        document.source.path: entry.documents[0].source.path
        for entry in layered
        if not entry.documents[0].source.path.startswith(below)
        for document in entry.documents[1:]
    }
    for one in found:
        may_stand = excusable(one.code) or one.code == STALE or one.severity == "warning"
        if one.path in own and one.severity == "error":
            yield replace(one, path=own[one.path], pointer=(), span=None, fix=None)
        elif not (may_stand and one.path.startswith(below)):
            yield one


def _touched(looked: Looked) -> frozenset[Subject]:
    """Return what is not as it is remembered."""
    if looked.store is None:
        return frozenset()
    changed = {one.source.subject for one in looked.documents if not looked.store.says(one)}
    was_broken = looked.store.broken()
    return frozenset({*changed, *looked.gone.values(), *looked.broken, *was_broken})


def _examine(
    looked: Looked, touched: frozenset[Subject], order: Sequence[str]
) -> tuple[Graph, Examined]:
    """Return the graph, and what is wrong with it."""
    store = looked.store
    if store is None:
        graph = link(merge(looked.documents, order), looked.broken)
        return graph, examine(graph)
    now = _of(looked, store, touched)
    graph = recalled(store, touched, now, looked.broken, order)
    if any(kind not in ONE_BY_ONE for kind, _ in touched):
        return graph, examine(graph)
    broken = {BROKEN} if looked.broken != store.broken() else set()
    return graph, examine_again(graph, touched | broken, store)


def _of(looked: Looked, store: Store, subjects: Set[Subject]) -> Iterator[Document]:
    """Yield the documents that now speak of some subjects."""
    yield from (one for one in looked.documents if one.source.subject in subjects)
    for subject in subjects:
        yield from (one for one in store.documents(subject) if one.source.path in looked.known)


def _excusing(looked: Looked) -> Iterable[Document]:
    """Return the documents that make exceptions; of those that are not remembered, all."""
    kept = looked.store.excusing() if looked.store else ()
    return [*looked.documents, *(one for one in kept if one.source.path in looked.known)]


def _keep(memory: Memory, looked: Looked, examined: Examined, *, clean: bool) -> None:
    """Let a memory keep what a check saw."""
    changed = len(looked.texts) + len(looked.gone)
    if looked.store is not None and not examined.whole and changed <= FEW:
        memory.keep(None, clean=clean)
        return
    store = looked.store or Store()
    stamps = {path: one for path, one in memory.walked.items() if path not in looked.left_out}
    store.keep_files(looked.new, looked.gone, stamps, looked.broken)
    store.keep_examined(examined)
    memory.keep(store, clean=clean)


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

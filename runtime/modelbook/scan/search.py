"""What was asked for -> a report: caches, folders and files are told apart and read."""

from __future__ import annotations

import os
from pathlib import Path

from . import hub
from .files import File, is_folder, refusal, tree
from .folder import Place, models
from .found import Found, Problem, Report
from .weights import SHARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from ..catalog import Catalog

    Mark: TypeAlias = tuple[int, int]
    """Device and number of a file or folder there."""

MARKS = ("config.json", "model_index.json", "adapter_config.json", "modules.json")
"""Files by which a folder is known to be a model."""
COMPOSITE = frozenset(MARKS[1:])
"""Those whose models have parts in folders below."""
ENDINGS = (".gguf", ".safetensors", ".bin", ".onnx")
MAX_DEPTH = 6
"""How deep models are looked for below a folder."""
MAX_FOLDERS = 20_000
"""How many are looked into; cached repositories aside."""


def scan(
    paths: Sequence[Path],
    catalog: Catalog,
    context: int | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Report:
    """Return the models at some paths; `progress` is told the name of each before it is read.

    A path may be a HuggingFace cache, one repository in it, a model's folder, a folder with such
    folders, or a GGUF file. `context` is what memory is estimated for, in tokens.
    """
    found: list[Found] = []
    problems: list[Problem] = []
    taken: dict[Mark, str] = {}
    others = 0
    for one in _places(paths):
        if isinstance(one, Problem):
            problems.append(one)
        elif isinstance(one, hub.Repository) and one.kind != "model":
            others += 1
            problems += one.problems
        else:
            place = _once(_cached(one) if isinstance(one, hub.Repository) else one, taken)
            if place is not None:
                progress(place.name)
                found += models(place, catalog, context)
    return Report(
        places=tuple(map(str, paths)),
        models=tuple(sorted(found, key=lambda one: (one.name.lower(), one.where))),
        problems=tuple(problems),
        others=others,
    )


def _once(place: Place, taken: dict[Mark, str]) -> Place | None:
    """Return a place without the GGUF files that were read before; None if no weights are left.

    `taken` holds the kind of place that each was read in. Only where one of the two places is a
    file that was asked for by itself are they the same model: a folder may share its weights.
    """
    marks = {name: _mark(file.blob) for name, file in place.files.items() if _is_gguf(name)}
    again = {
        name
        for name, mark in marks.items()
        if mark in taken and "gguf" in (place.kind, taken[mark])
    }
    taken.update({mark: place.kind for name, mark in marks.items() if mark and name not in again})
    if not again:
        return place
    files = {name: file for name, file in place.files.items() if name not in again}
    held = any(name.lower().endswith(ENDINGS) for name in files)
    return place._replace(files=files) if held else None


def _is_gguf(name: str) -> bool:
    """Tell whether a file is named as GGUF files are."""
    return name.lower().endswith(ENDINGS[0])


def _mark(path: str) -> Mark | None:
    """Return what tells a file or folder from all others; None for one that is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _places(paths: Sequence[Path]) -> Iterator[hub.Repository | Place | Problem]:
    """Yield everything to read at some paths, no folder twice."""
    walk = _Walk()
    for path in paths:
        if path.is_file():
            yield _single(path)
        elif hub.is_repository(path):
            yield from walk.repository(path)
        else:
            yield from walk.below(path, 0)


def _single(path: Path) -> Place | Problem:
    """Return the place of one file, with its series; refuse what is no model."""
    if path.suffix.lower() != ".gguf":
        return Problem(place=str(path), text="is neither a folder nor a GGUF file")
    shard = SHARD.fullmatch(path.name)
    beside = tree(str(path.parent)).files if shard else {}
    files = {name: file for name, file in beside.items() if shard and name.startswith(shard[1])}
    try:
        found = path.stat()
    except OSError as error:
        return Problem(place=str(path), text=refusal(error))
    own = File(str(path), found.st_size, str(path), found.st_mtime)
    return Place(path.stem, "gguf", str(path), {**files, path.name: own})


class _Walk:
    """A search through folders, which knows where it has been."""

    def __init__(self) -> None:
        self.seen: set[Mark | None] = set()
        self.folders = 0

    def repository(self, folder: Path) -> Iterator[hub.Repository]:
        """Yield a cached repository that was not read before."""
        mark = _mark(str(folder))
        if mark is None or mark not in self.seen:
            self.seen.add(mark)
            yield hub.repository(folder)

    def below(self, folder: Path, depth: int) -> Iterator[hub.Repository | Place | Problem]:
        """Yield the models in a folder, cached or not, and below; loops of links are not run."""
        try:
            mark = _mark(str(folder))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield Problem(place=str(folder), text=refusal(error))
            return
        names = {entry.name for entry in entries}
        if mark in self.seen or hub.SHARED in names:
            return
        self.seen.add(mark)
        self.folders += 1
        if self.folders > MAX_FOLDERS:
            if self.folders == MAX_FOLDERS + 1:
                text = f"more than {MAX_FOLDERS:,} folders: this and those after it are not read"
                yield Problem(place=str(folder), text=text)
            return
        cache = any(hub.is_repository(Path(name)) for name in names)
        if _has_model(names):
            yield _model(folder, alone=cache)
        if cache or not _is_whole(names):
            for entry in entries:
                if entry.name[0] != "." and is_folder(entry, follow=True):
                    yield from self._inside(Path(entry.path), depth)

    def _inside(self, folder: Path, depth: int) -> Iterator[hub.Repository | Place | Problem]:
        """Yield what is in a folder of a folder."""
        if hub.is_repository(folder):
            yield from self.repository(folder)
        elif depth < MAX_DEPTH:
            yield from self.below(folder, depth + 1)


def _has_model(names: set[str]) -> bool:
    """Tell whether files of these names may be a model."""
    return bool(names & set(MARKS)) or any(one.lower().endswith(ENDINGS[:2]) for one in names)


def _is_whole(names: set[str]) -> bool:
    """Tell whether a model with files of these names has its parts below, and nothing else is."""
    weights = any(name.lower().endswith(ENDINGS) for name in names)
    return _has_model(names) and (weights or bool(names & COMPOSITE))


def _model(folder: Path, *, alone: bool) -> Place:
    """Return the place of a model's own folder; `alone`: what is below is not part of it."""
    found = tree(str(folder), below=not alone)
    name = folder.name or folder.resolve().name
    return Place(name, "folder", str(folder), found.files, found.missing, problems=found.problems)


def _cached(repository: hub.Repository) -> Place:
    """Return the place of a cached repository: the revision that is used by default."""
    chosen = repository.chosen()
    return Place(
        name=repository.id,
        kind="hub",
        where=chosen.path if chosen else repository.path,
        files=chosen.files if chosen else {},
        missing=chosen.missing if chosen else (),
        repo=repository.id,
        revision=chosen.commit if chosen else None,
        refs=chosen.refs if chosen else (),
        revisions=tuple(one.commit for one in repository.revisions),
        problems=repository.problems,
    )

"""What was asked for -> a report: caches, folders and files are told apart and read."""

from __future__ import annotations

import os
from pathlib import Path

from . import hub
from .files import File, refusal, tree
from .folder import Place, models
from .found import Found, Problem, Report
from .weights import SHARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..catalog import Catalog

MARKS = ("config.json", "model_index.json", "adapter_config.json", "modules.json")
"""Files by which a folder is known to be a model."""
COMPOSITE = frozenset(MARKS[1:])
"""Those whose models have parts in folders below."""
ENDINGS = (".gguf", ".safetensors", ".bin", ".onnx")
MAX_DEPTH = 6
"""How deep models are looked for below a folder."""
MAX_FOLDERS = 20_000


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
    others = 0
    for one in _places(paths):
        if isinstance(one, Problem):
            problems.append(one)
        elif isinstance(one, hub.Repository) and one.kind != "model":
            others += 1
            problems += one.problems
        else:
            place = _cached(one) if isinstance(one, hub.Repository) else one
            progress(place.name)
            found += models(place, catalog, context)
    return Report(
        places=tuple(map(str, paths)),
        models=tuple(sorted(found, key=lambda one: (one.name.lower(), one.where))),
        problems=tuple(problems),
        others=others,
    )


def _places(paths: Sequence[Path]) -> Iterator[hub.Repository | Place | Problem]:
    """Yield everything to read at some paths, nothing twice."""
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path.is_file():
            yield _single(path)
        elif hub.is_repository(path):
            yield hub.repository(path)
        else:
            yield from _below(path, seen, 0)


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


def _below(
    folder: Path, seen: set[tuple[int, int]], depth: int
) -> Iterator[hub.Repository | Place | Problem]:
    """Yield the caches and models in a folder and below; links are followed, loops are not."""
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Problem(place=str(folder), text=refusal(error))
        return
    mark = (status.st_dev, status.st_ino)
    if mark in seen or len(seen) > MAX_FOLDERS:
        return
    seen.add(mark)
    if any(hub.is_repository(Path(entry.name)) for entry in entries):
        yield from hub.repositories(folder)
        return
    names = {entry.name for entry in entries}
    weights = any(name.lower().endswith(ENDINGS) for name in names)
    if names & set(MARKS) or any(name.lower().endswith(ENDINGS[:2]) for name in names):
        yield _model(folder)
        if weights or names & COMPOSITE:
            return
    for entry in entries:
        if entry.name[0] != "." and _is_folder(entry) and depth < MAX_DEPTH:
            yield from _below(Path(entry.path), seen, depth + 1)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _model(folder: Path) -> Place:
    """Return the place of a model's own folder."""
    found = tree(str(folder))
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

"""A HuggingFace cache folder -> its repositories, revisions and files.

`models--org--name/` holds `refs/<branch or tag>` (a commit), `snapshots/<commit>/…` (links into
`blobs/`, or the files themselves where there are no links) and `blobs/<etag>`. A blob may itself
be a link into a store that several repositories share.
"""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

from ..record import FrozenDict, Record
from .files import File, UnreadableError, read_bytes, refusal, tree
from .found import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS = {"models": "model", "datasets": "dataset", "spaces": "space", "kernels": "kernel"}
"""First part of a repository's folder to what it holds."""
SHARED = ".huggingface-shared-blobs"
"""File that marks the store of blobs that repositories share."""
MAX_REF = 4_096
"""Bytes of a ref file; a commit has 40."""


class Revision(Record):
    """One cached commit."""

    commit: str
    path: str
    files: Mapping[str, File]
    """By path in the repository."""
    refs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Files whose content is not there."""
    size: int = 0
    """Bytes, every blob counted once."""
    modified: float = 0
    """Seconds since the epoch, of the newest file."""


class Repository(Record):
    """One cached repository."""

    id: str
    """`org/name`, or a bare name."""
    kind: str
    path: str
    revisions: tuple[Revision, ...] = ()
    size: int = 0
    """Bytes, every blob counted once."""
    files: int = 0
    """Number of blobs."""
    problems: tuple[Problem, ...] = ()

    def chosen(self) -> Revision | None:
        """Return the revision that `main` names, else the newest; None if there is none."""
        named = (one for one in self.revisions if "main" in one.refs)
        newest = sorted(self.revisions, key=lambda one: (-one.modified, one.commit))
        return next(chain(named, newest), None)


def is_repository(folder: Path) -> bool:
    """Tell whether a folder is named as a cached repository is."""
    kind, mark, rest = folder.name.partition("--")
    return bool(kind in KINDS and mark and rest)


def repository(folder: Path) -> Repository:
    """Return a cached repository, with what is wrong in it."""
    kind, _, rest = folder.name.partition("--")
    problems: list[Problem] = []
    refs = _refs(folder / "refs", problems)
    revisions = tuple(_revisions(folder, refs, problems))
    blobs = {file.blob: file.size for one in revisions for file in one.files.values()}
    problems += _dangling(folder, refs, {one.commit for one in revisions})
    problems += _unfinished(folder / "blobs")
    return Repository(
        id=rest.replace("--", "/"),
        kind=KINDS[kind],
        path=str(folder),
        revisions=revisions,
        size=sum(blobs.values()),
        files=len(blobs),
        problems=tuple(problems),
    )


def _refs(folder: Path, problems: list[Problem]) -> dict[str, str]:
    """Return branches and tags, each with the commit it names."""
    refs: dict[str, str] = {}
    if not folder.exists():
        return refs
    found = tree(str(folder))
    problems += found.problems
    for name, file in found.files.items():
        if name.rpartition("/")[2] == ".DS_Store":
            continue
        try:
            refs[name] = read_bytes(file.path, MAX_REF).decode("utf-8", "replace").strip()
        except UnreadableError as error:
            problems.append(Problem(place=file.path, text=str(error)))
    return refs


def _revisions(
    folder: Path, refs: Mapping[str, str], problems: list[Problem]
) -> Iterator[Revision]:
    """Yield the snapshots of a repository, sorted by commit."""
    place = folder / "snapshots"
    try:
        entries = sorted(place.iterdir())
    except OSError as error:
        problems.append(Problem(place=str(place), text=refusal(error)))
        return
    for entry in entries:
        if entry.is_dir():
            yield _revision(entry, refs, problems)
        elif entry.name != ".DS_Store":
            problems.append(Problem(place=str(entry), text="stands where only snapshots should"))


def _revision(folder: Path, refs: Mapping[str, str], problems: list[Problem]) -> Revision:
    """Return one snapshot."""
    found = tree(str(folder))
    problems += found.problems
    if found.missing:
        first = f"`{found.missing[0]}`" + (" and others" if len(found.missing) > 1 else "")
        problems.append(Problem(place=str(folder), text=f"the content of {first} is not there"))
    blobs = {file.blob: file.size for file in found.files.values()}
    times = [file.modified for file in found.files.values()] or [_modified(folder)]
    return Revision(
        commit=folder.name,
        path=str(folder),
        files=FrozenDict(found.files),
        refs=tuple(sorted(name for name, commit in refs.items() if commit == folder.name)),
        missing=found.missing,
        size=sum(blobs.values()),
        modified=max(times),
    )


def _modified(folder: Path) -> float:
    """Return when a folder last changed, 0 where that is not known."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0


def _dangling(folder: Path, refs: Mapping[str, str], commits: set[str]) -> Iterator[Problem]:
    """Yield the refs that name a commit that is not cached."""
    for name, commit in sorted(refs.items()):
        if commit not in commits:
            text = f"names the commit `{commit[:40]}`, which is not cached"
            yield Problem(place=str(folder / "refs" / name), text=text)


def _unfinished(blobs: Path) -> Iterator[Problem]:
    """Yield a problem if downloads into a folder of blobs were interrupted."""
    try:
        entries = [one for one in os.scandir(blobs) if one.name.endswith(".incomplete")]
        size = sum(one.stat().st_size for one in entries)
    except OSError:
        return
    if entries:
        text = f"interrupted downloads: {len(entries)}, {size:,} bytes"
        yield Problem(place=str(blobs), text=text)

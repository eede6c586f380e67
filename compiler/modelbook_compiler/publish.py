"""Artefacts -> disk: written, compared or shown. Old or new, never a mixture of both.

Every file is whole (temporary file, fsync, rename). The set goes through a journal: it lists what
will be written and removed, the temporary files are complete before it appears, and the next run
that finds one carries it out first.
"""

from __future__ import annotations

import difflib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import codes
from .artifacts import Artifact
from .diagnostics import Diagnostic
from .files import SUFFIX, sync_folder, write_whole

JOURNAL = ".journal.json"
CACHE = "__pycache__"
UNOWNED = frozenset({CACHE, JOURNAL})

Steps = Mapping[str, list[str]]
"""What a journal holds: the files to `write` and to `remove`, below its folder."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between a folder and what should be in it."""

    folder: Path
    write: tuple[Artifact, ...]
    """Files that are absent or differ."""
    remove: tuple[str, ...]
    """Files that nothing compiles to."""

    @property
    def changes(self) -> int:
        """Return how many files would change."""
        return len(self.write) + len(self.remove)


def plan(folder: Path, artifacts: Iterable[Artifact], owned: Iterable[str] | None = None) -> Plan:
    """Return what must change in a folder; files outside `owned` subfolders are left alone."""
    wanted = {artifact.path: artifact for artifact in artifacts}
    write = tuple(one for path, one in sorted(wanted.items()) if _differs(folder / path, one))
    present = _present(folder) if owned is None else _owned(folder, owned)
    return Plan(folder, write, tuple(sorted(set(present) - set(wanted))))


def check(plan: Plan, shown: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every file that is stale, missing or left over."""
    hint = "run `modelbook compile` and commit what it writes"
    if (plan.folder / JOURNAL).exists():
        message = "a compile was interrupted while it wrote its output"
        yield Diagnostic(f"{shown}/{JOURNAL}", codes.UNFINISHED, message, hint=hint)
    for artifact in plan.write:
        there = (plan.folder / artifact.path).exists()
        message = "differs from what the catalog compiles to" if there else "has not been written"
        yield Diagnostic(f"{shown}/{artifact.path}", codes.DRIFT, message, hint=hint)
    for path in plan.remove:
        message = "no part of the catalog compiles to this file"
        yield Diagnostic(f"{shown}/{path}", codes.ORPHAN, message, hint=hint)


def diff(plan: Plan, shown: str) -> str:
    """Return what a compile would change, as a unified diff."""
    out: list[str] = []
    for artifact in plan.write:
        new = artifact.content.decode("utf-8").splitlines(keepends=True)
        out += _diff(plan.folder / artifact.path, f"{shown}/{artifact.path}", new)
    for path in plan.remove:
        out += _diff(plan.folder / path, f"{shown}/{path}", [])
    return "".join(out)


def carry_out(plan: Plan) -> None:
    """Make a folder what the plan says. A crash at any moment is mended by `recover`."""
    recover(plan.folder)
    if not plan.changes:
        return
    for artifact in plan.write:
        path = plan.folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path.with_name(path.name + SUFFIX), artifact.content)
    last = sorted((one.path for one in plan.write), key=_leads_to_others)
    steps = {"write": last, "remove": list(plan.remove)}
    journal = plan.folder / JOURNAL
    write_whole(journal.with_name(JOURNAL + SUFFIX), json.dumps(steps, indent=1).encode())
    journal.with_name(JOURNAL + SUFFIX).replace(journal)
    sync_folder(plan.folder)
    _follow(plan.folder, steps)
    journal.unlink()


def recover(folder: Path) -> bool:
    """Carry out the journal of an interrupted run; clear what was prepared without one.

    Return whether there was a journal.
    """
    journal = folder / JOURNAL
    found = journal.exists()
    _follow(folder, _read_journal(folder))
    for left in list(folder.rglob(f"*{SUFFIX}")) if folder.is_dir() else []:
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    journal.unlink(missing_ok=True)
    return found


def _follow(folder: Path, steps: Steps) -> None:
    """Put what is prepared in its place and remove what is to go; repeating it changes nothing."""
    for path in steps["write"]:
        prepared = folder / (path + SUFFIX)
        if prepared.exists():
            prepared.replace(folder / path)
            _forget_bytecode(folder / path)
            sync_folder((folder / path).parent)
    for path in steps["remove"]:
        if (folder / path).is_file():
            (folder / path).unlink()
        _prune((folder / path).parent, folder)


def _leads_to_others(path: str) -> bool:
    """Tell whether a module names other modules or their ids, and so is put in its place last."""
    return path.rpartition("/")[2].startswith("_")


def _forget_bytecode(module: Path) -> None:
    """Remove what Python compiled of a module: it tells versions apart only by second and size."""
    for compiled in (module.parent / "__pycache__").glob(f"{module.stem}.*.pyc"):
        compiled.unlink(missing_ok=True)


def _read_journal(folder: Path) -> Steps:
    """Return the steps of a folder's journal; one that is absent or damaged has none."""
    try:
        steps = json.loads((folder / JOURNAL).read_text(encoding="utf-8"))
        return {
            name: [_inside(folder, path) for path in steps[name]] for name in ("write", "remove")
        }
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {"write": [], "remove": []}


def _inside(folder: Path, path: object) -> str:
    """Return a path below a folder; raise `ValueError` for anything else, links followed."""
    parts = path.split("/") if isinstance(path, str) else []
    if not isinstance(path, str) or not all(parts) or {".", ".."} & set(parts):
        raise ValueError(path)
    if not (folder / path).parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError(path)
    return path


def _differs(path: Path, artifact: Artifact) -> bool:
    """Tell whether a file is absent or has other bytes."""
    try:
        return path.read_bytes() != artifact.content
    except OSError:
        return True


def _present(folder: Path) -> Iterator[str]:
    """Yield the relative paths of the files in a folder, without caches and journals."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        relative = path.relative_to(folder)
        if path.is_file() and not UNOWNED & set(relative.parts) and SUFFIX not in str(relative):
            yield relative.as_posix()


def _owned(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the relative paths of files in some subfolders."""
    for name in names:
        yield from (f"{name}/{path}" for path in _present(folder / name))


def _diff(path: Path, shown: str, new: list[str]) -> Iterator[str]:
    """Yield the unified diff of one file."""
    old = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    yield from difflib.unified_diff(old.splitlines(keepends=True), new, shown, shown)


def _prune(folder: Path, root: Path) -> None:
    """Remove folders that are empty but for caches, up to a root that stays."""
    while folder != root and folder.is_dir() and {one.name for one in folder.iterdir()} <= {CACHE}:
        shutil.rmtree(folder)
        folder = folder.parent

"""`modelbook secrets scan`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import CLEAN, PROBLEMS, json_option, print_json
from . import here
from .quiet import Quiet
from .telling import refuse, told

if TYPE_CHECKING:
    from modelbook_compiler.scanning import Known

USUAL = ("catalog", "secrets", "generated", "dist")
"""Folders that are looked through where nothing is named, beside what is staged."""
SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})
LARGEST = 64 * 2**20
"""Bytes of the largest file that is looked through."""
STAGED = "staged: "
"""What stands before the path of a file whose staged content is meant."""
REASONS = {
    "known": "is a stored key",
    "form": "looks like a key by its form",
    "name": "looks like a key by the name before it",
    "entropy": "is random enough to be a key",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A place at which something that looks like a key stands; never its text."""

    path: str
    line: int
    column: int
    reason: str
    id: str
    """The stored key, where it is one."""

    def __str__(self) -> str:
        """Return the place and the reason."""
        who = f" ({self.id})" if self.id else ""
        return f"{self.path}:{self.line}:{self.column}: {self.reason}{who}"


@click.command("scan", cls=Quiet)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option("--staged", is_flag=True, help="What the next commit would hold.")
@click.option("--known", is_flag=True, help="Look for the stored keys too, in any form; decrypts.")
@here.folder_options
@json_option
def command(
    paths: tuple[Path, ...],
    staged: bool,
    known: bool,
    environment: str | None,
    root: Path | None,
    as_json: bool,
) -> None:
    """Find keys that stand in plain text; what is found is never shown, only where.

    Without a PATH it looks at catalog/, secrets/, generated/, dist/ and what is staged. A line that
    says `modelbook: no secret: REASON` is left out, unless it holds a stored key. Exit codes: 0
    nothing was found, 1 something was, 2 could not run.

    \b
    Examples:
      modelbook secrets scan
      modelbook secrets scan --staged
      modelbook secrets scan . --known --json
    """
    with told():
        given = _known(root, environment) if known else ()
        hits, files = list[Hit](), 0
        for name, raw in _contents(paths, staged=staged):
            files += 1
            hits += _hits(name, raw, given)
    if as_json:
        fields = ("path", "line", "column", "reason", "id")
        print_json([{name: getattr(hit, name) or None for name in fields} for hit in hits])
    else:
        _show(hits, files)
    raise SystemExit(PROBLEMS if hits else CLEAN)


def _show(hits: list[Hit], files: int) -> None:
    """Print what was found, and in how many files it was looked for."""
    from modelbook_compiler.report.escape import printable

    for hit in hits:
        click.echo(printable(str(hit)))
    todo = ": take each out, and revoke it at its vendor" if hits else ""
    click.echo(f"{len(hits):,} found in {files:,} file{'s' * (files != 1)}{todo}", err=True)


def _contents(paths: tuple[Path, ...], *, staged: bool) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of everything that is looked through."""
    usual = not paths and not staged
    for path in (Path(name) for name in USUAL) if usual else paths:
        if path.exists() or not usual:
            yield from _below(path)
    if staged or usual:
        yield from _index(must=staged)


def _below(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files at or below a path; links are not followed."""
    if not path.is_dir():
        yield str(path), _read(path)
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(files):
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield str(file), _read(file)


def _read(path: Path) -> bytes:
    """Return the bytes of a file; end with a message for one that cannot be looked through."""
    from modelbook_compiler.files import read_regular

    if path.stat().st_size > LARGEST:
        refuse("system", f"`{path}` is larger than {LARGEST // 2**20} MiB", "name other paths")
    return read_regular(path)


def _index(*, must: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the files that are staged, as the next commit would have them.

    Outside a repository there are none; if there must be one, end with a message.
    """
    from modelbook_compiler import git

    try:
        changed = ("diff", "--cached", "--name-only", "-z", "--diff-filter=ACMRT", "--no-renames")
        names = git.run(Path(), *changed).decode("utf-8", "surrogateescape").split("\0")[:-1]
        for name in names:
            yield f"{STAGED}{name}", git.run(Path(), "cat-file", "blob", f":{name}")
    except git.GitError as error:
        if must:
            refuse("git", str(error), "run it in a repository")


def _hits(name: str, raw: bytes, given: tuple[Known, ...]) -> Iterator[Hit]:
    """Yield what looks like a key in a file."""
    from modelbook_compiler.scanning import scan

    for one in scan(raw, given):
        yield Hit(name, one.span.line, one.span.column, REASONS[one.rule], one.id)


def _known(root: Path | None, environment: str | None) -> tuple[Known, ...]:
    """Return the stored keys of one environment, or of all, in every form they may have."""
    from modelbook_compiler.scanning import known

    values: dict[str, str] = {}
    for folder in here.folders(root, environment):
        for vendor in folder.vendors():
            for one in folder.read(vendor).values():
                for slot, key in one.slots().items():
                    values[f"{one.id} {slot} of {folder.environment}"] = key.value
    return known(values)

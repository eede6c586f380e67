"""`modelbook adopt`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from .shared import catalog_option, fail, json_option, needs, print_json

if TYPE_CHECKING:
    from modelbook_compiler.values import Document, SourceFile

LONGEST = 4096
"""Characters of a path; no file system has longer ones."""

HAND = "open the file and delete its field `imported`"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that goes into people's hands."""

    file: Path
    shown: str
    text: str


@click.command("adopt")
@click.argument("files", nargs=-1, metavar="[PATH|ID]...")
@click.option(
    "--edited",
    is_flag=True,
    help="Only files that were edited since an import wrote them, of all if none is named.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be adopted, write nothing.")
@catalog_option
@json_option
def command(
    files: tuple[str, ...], edited: bool, dry_run: bool, catalog: Path, as_json: bool
) -> None:
    """Take imported files over: from now on people keep them, and no import writes them.

    Takes the field `imported` out; every other byte of the file stays. An id is that of a
    deployment, model, provider or model type; files of disputes go by their paths.

    \b
    Examples:
      modelbook adopt openai:gpt-4o
      modelbook adopt catalog/models/openai/gpt-4o.yaml --dry-run
      modelbook adopt --edited             # whatever was edited by hand
    """
    if not files and not edited:
        raise click.UsageError("name a file or an id, or use --edited")
    with needs("compiler"):
        import modelbook_compiler.adopt  # noqa: F401  # PyYAML may be missing
    if not (catalog / "catalog.yaml").is_file():
        fail(f"`{catalog}` is no catalog", "name its folder with `--catalog`")
    root = catalog.resolve()
    places = dict.fromkeys(_place(root, one) for one in files) if files else _all(root)
    taken = [one for place in places for one in _take(root, place, edited=edited)]
    if not dry_run:
        _write(taken)
    if as_json:
        print_json({"adopted": [one.shown for one in taken], "written": not dry_run})
        return
    verb = "would be adopted" if dry_run else "adopted"
    click.echo("\n".join([*(f"{one.shown} {verb}" for one in taken), f"{len(taken):,} {verb}"]))


def _place(root: Path, asked: str) -> str:
    """Return the path inside the catalog that a path or an id means."""
    if len(asked) > LONGEST or "\0" in asked:
        fail(f"there is no file `{asked[:80]}…`")
    if asked.endswith((".yaml", ".yml")):
        given = Path(asked).parent.resolve() / Path(asked).name
        if not given.is_relative_to(root):
            fail(f"`{asked}` is not in the catalog `{root.name}`", "see --catalog")
        return given.relative_to(root).as_posix()
    found = [one for one in _paths(asked) if _is_there(root / one)]
    return found[0] if found else _unknown(root, asked)


def _is_there(file: Path) -> bool:
    """Tell whether a file is there; a name that no file can have is not."""
    try:
        return file.is_file()
    except OSError:
        return False


def _paths(id: str) -> list[str]:
    """Return where the file of an id may stand."""
    from modelbook_importers.reconcile.paths import path_of

    if ":" in id or "/" in id:
        return [path_of(("deployment" if ":" in id else "model", id))]
    return [path_of(("provider", id)), f"architectures/{id}.yaml"]


def _unknown(root: Path, asked: str) -> NoReturn:
    """End with the ids that are nearest to an unknown one."""
    from modelbook.names import hint, nearest
    from modelbook_compiler.discover import place

    placed = map(place, _all(root))
    kinds = ("deployment", "model", "provider", "architecture")
    ids = {one[1] for one in placed if isinstance(one, tuple) and one[0] in kinds}
    fail(f"there is no file of `{asked}`{hint(nearest(asked, ids))}")


def _all(root: Path) -> Iterable[str]:
    """Return the paths of all files of a catalog."""
    from modelbook_compiler.files import walk

    return sorted(walk(root))


def _take(root: Path, relative: str, *, edited: bool) -> Iterable[Taken]:
    """Yield a file to adopt; with `edited` nothing for one that is as the import wrote it."""
    from modelbook_compiler.adopt import adopted
    from modelbook_compiler.imported import is_owned
    from modelbook_compiler.parse import parse
    from modelbook_compiler.values import Document

    source = _read(root, relative, lenient=edited)
    read = parse(source) if source and (b"imported" in source.raw or not edited) else None
    if source is None or read is None:
        return
    if not isinstance(read, Document):
        if edited:  # `modelbook check` says what is wrong with it
            return
        fail(f"`{source.path}` cannot be read: {read.message}", "run `modelbook check`")
    if not _is_imported(read):
        if edited:
            return
        fail(f"`{source.path}` is in people's hands already", "there is nothing to adopt")
    if edited and is_owned(read.data):
        return
    text = adopted(source)
    if text is None:
        fail(f"`imported` cannot be taken out of `{source.path}`", HAND)
    yield Taken(root / relative, source.path, text)


def _is_imported(document: Document) -> bool:
    """Tell whether a file says that an import wrote it, as the schema wants it said."""
    owner = document.data.get("imported")
    return isinstance(owner, dict) and "digest" in owner


def _read(root: Path, relative: str, *, lenient: bool) -> SourceFile | None:
    """Return a file of the catalog as it is; None for one that is none, where that is no matter."""
    from modelbook_compiler.discover import place, read_file
    from modelbook_compiler.values import SourceFile

    shown, placed = f"{root.name}/{relative}", place(relative)
    raw = read_file(root / relative) if isinstance(placed, tuple) else "it has no place there"
    if isinstance(raw, bytes) and isinstance(placed, tuple):
        return SourceFile(shown, *placed, "", raw)
    if not lenient:
        fail(f"`{shown}` is no file of the catalog: {raw!s}", "check the spelling")
    return None


def _write(taken: Iterable[Taken]) -> None:
    """Write the files, each whole or not at all."""
    from modelbook_compiler.files import write_file

    try:
        for one in taken:
            write_file(one.file, one.text.encode())
    except OSError as error:
        fail(f"cannot write `{error.filename}`: {error.strerror}")

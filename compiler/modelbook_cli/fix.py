"""`modelbook check --fix`."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .check import chosen
from .shared import fail

if TYPE_CHECKING:
    from modelbook_compiler.build import Checked


def mend(checked: Checked, catalog: Path, only: tuple[str, ...], *, yes: bool) -> None:
    """Show the mends that are certain as a diff, and write them if that is confirmed."""
    from modelbook_compiler.files import write_file
    from modelbook_compiler.fixes import mended

    old = checked.sources
    own = f"{catalog.resolve().name}/"  # files of other layers are not this catalog's to mend
    found = [one for one in chosen(checked, only) if one.path.startswith(own)]
    texts = mended(found, old)
    for path, text in texts.items():
        click.echo(_diff(path, old[path].decode(), text), nl=False)
    if not texts:
        click.echo("nothing can be mended for certain")
        return
    count = f"{len(texts):,} file{'' if len(texts) == 1 else 's'}"
    if not yes and not click.confirm(f"write {count}?", default=False):
        return
    above = catalog.resolve().parent
    try:
        for path, text in texts.items():
            if (above / path).read_bytes() != old[path]:
                fail(f"`{path}` was changed meanwhile", "run the command again")
            write_file(above / path, text.encode())
    except OSError as error:
        fail(f"cannot write `{error.filename}`: {error.strerror}")
    click.echo(f"{count} mended")


def _diff(path: str, before: str, after: str) -> str:
    """Return the unified diff of a file, safe to print: no control characters, no secrets."""
    from modelbook_compiler.credentials import hide
    from modelbook_compiler.report.escape import printable

    sides = before.split("\n"), after.split("\n")
    lines = difflib.unified_diff(*sides, path, path, lineterm="")
    return "".join(f"{printable(hide(line))}\n" for line in lines)

"""`modelbook secrets import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import json_option, print_json
from . import here
from .quiet import Quiet
from .set import About, checked, store
from .telling import refuse, told

if TYPE_CHECKING:
    from modelbook.secrets.declared import Declaration
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.keyfile import Values


@click.command("import", cls=Quiet)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--owner", help="Who is asked about them.  [default: you]")
@click.option("--replace", is_flag=True, help="Overwrite keys that are stored.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored, write nothing.")
@here.folder_options
@json_option
def command(
    file: Path,
    owner: str | None,
    replace: bool,
    dry_run: bool,
    environment: str | None,
    root: Path | None,
    as_json: bool,
) -> None:
    """Store the keys of a .env file (or TOML, YAML, JSON): every variable that is declared.

    Others are left out and listed by name. The file stays as it is.

    \b
    Examples:
      modelbook secrets import .env --dry-run
      modelbook secrets import .env --env dev --owner platform
    """
    with told():
        folder = here.folder(root, environment)
        checked(About(owner=owner), ())
        read = _read(file)
        meant, left = sorted_out(read.names(), here.declarations(root))
        taken = _stored(folder, meant)
        if taken and not replace:
            hint = "--replace overwrites them; `modelbook secrets rotate` keeps both for a while"
            refuse("secret-state", f"stored already: {', '.join(taken)}", hint)
        _agree(read, meant)
        if not dry_run:
            _write(folder, {id: read.get(names[0]) for id, names in meant.items()}, owner, replace)
    facts = {"environment": folder.environment, "stored": list(meant), "left_out": left}
    if as_json:
        print_json({**facts, "dry_run": dry_run})
    else:
        _tell(file, meant, left, dry_run=dry_run)


def sorted_out(
    names: tuple[str, ...], declared: dict[str, Declaration]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return the keys that some variables hold, each with their names, and the variables left out.

    A variable of several keys is left out: nobody can tell which of them it holds. A name may also
    be that of a key itself.
    """
    owners: dict[str, list[str]] = {}
    for id, one in declared.items():
        for name in (id, *one.env):
            owners.setdefault(name, []).append(id)
    meant: dict[str, tuple[str, ...]] = {}
    for name in names:
        if len(ids := owners.get(name, [])) == 1:
            meant[ids[0]] = (*meant.get(ids[0], ()), name)
    taken = {name for listed in meant.values() for name in listed}
    return meant, [name for name in names if name not in taken]


def _read(file: Path) -> Values:
    """Return what a file says; end with a message for one that cannot be read."""
    from modelbook.secrets.keyfile import values
    from modelbook.secrets.reading import Fault, content

    read = content(str(file), own=False)
    if read is None:
        refuse("secret-source", f"there is no file `{file}`")
    found = read if isinstance(read, Fault) else values(read, str(file))
    if isinstance(found, Fault):
        place = f"{file}:{found.line}" if found.line else f"{file}"
        refuse("secret-source", f"{place} {found.words}", found.hint or None)
    return found


def _agree(read: Values, meant: dict[str, tuple[str, ...]]) -> None:
    """End with a message where two variables of one key differ, or a value can be no key."""
    from modelbook.secrets.errors import SecretValueError
    from modelbook.secrets.secret import valid

    for id, names in meant.items():
        if len({read.get(name) for name in names}) > 1:
            refuse("secret-source", f"{' and '.join(names)} differ, and both are for {id}")
        try:
            valid(read.get(names[0]))
        except SecretValueError as error:
            refuse(error.code, f"{names[0]}: {error}", error.hint)


def _stored(folder: Folder, meant: dict[str, tuple[str, ...]]) -> list[str]:
    """Return those of some keys that are stored already."""
    there = set(folder.vendors()) & {id.split("/")[0] for id in meant}
    kept = {one.id for vendor in there for one in folder.metadata(vendor).values()}
    return [id for id in meant if id in kept]


def _write(folder: Folder, values: dict[str, str], owner: str | None, replace: bool) -> None:
    """Store keys, each vendor's at once."""
    for vendor in sorted({id.split("/")[0] for id in values}):
        of_vendor = {id: value for id, value in values.items() if id.split("/")[0] == vendor}
        store(folder, of_vendor, About(owner=owner), replace=replace)


def _tell(file: Path, meant: dict[str, tuple[str, ...]], left: list[str], *, dry_run: bool) -> None:
    """Print what was stored and what was left out."""
    from modelbook_compiler.report.escape import printable

    done = "would be stored" if dry_run else "stored"
    click.echo(f"{len(meant):,} {done}")
    for id, names in meant.items():
        click.echo(f"  {id} from {', '.join(names)}")
    if left:
        click.echo(f"{len(left):,} left out, since no secret is declared for them alone")
        click.echo("".join(f"  {printable(name)}\n" for name in left), nl=False)
    if meant and not dry_run:
        click.echo(f"`{file}` still holds them in plain text: delete it")

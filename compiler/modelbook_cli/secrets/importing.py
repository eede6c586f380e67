"""`modelbook secrets import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import json_option, print_json
from . import here
from .quiet import Quiet
from .set import About, checked
from .telling import refuse, told

if TYPE_CHECKING:
    from modelbook.secrets.declared import Declaration
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.keyfile import Values


@click.command("import", cls=Quiet)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--owner", default="unknown", show_default=True, help="Who is asked about them.")
@click.option("--replace", is_flag=True, help="Overwrite keys that are stored.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored, write nothing.")
@here.folder_options
@json_option
def command(
    file: Path,
    owner: str,
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

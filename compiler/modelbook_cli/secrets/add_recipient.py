"""`modelbook secrets add-recipient`."""

from __future__ import annotations

from pathlib import Path

import click

from ..shared import json_option, print_json
from . import here, keepers
from .quiet import Quiet
from .telling import told


@click.command("add-recipient", cls=Quiet)
@click.argument("recipient", metavar="AGE1…")
@click.option("--name", help="Whose it is; written beside it, as a comment.")
@here.folder_options
@json_option
def command(
    recipient: str, name: str | None, environment: str | None, root: Path | None, as_json: bool
) -> None:
    """Let one more identity read an environment: adds its public key and encrypts anew.

    Other environments under the same rule of .sops.yaml are changed with it.

    \b
    Examples:
      modelbook secrets add-recipient age1… --name alice --env dev
    """
    with told():
        from modelbook.secrets.keepers import add_recipient

        from .identities import valid_recipient

        public = valid_recipient(recipient)
        who = keepers.checked_name(name) if name is not None else None
        folder = here.folder(root, environment)
        paths = add_recipient(
            folder.root, folder.environment, public, folder.tool, keepers.progress
        )
        written = who is None or keepers.write_name(folder.root, public, who)
    if as_json:
        print_json({"recipient": public, "environment": folder.environment, "rekeyed": list(paths)})
        return
    click.echo(f"{folder.environment}: {who or public} may read it; {keepers.rekeyed(paths)}")
    if not written:
        click.echo("the name is not written: it needs a list with one public key a line", err=True)

"""`modelbook secrets remove-recipient`."""

from __future__ import annotations

from pathlib import Path

import click

from ..shared import json_option, print_json
from . import here, keepers
from .quiet import Quiet
from .telling import told


@click.command("remove-recipient", cls=Quiet)
@click.argument("recipient", metavar="AGE1…|NAME")
@here.folder_options
@json_option
def command(recipient: str, environment: str | None, root: Path | None, as_json: bool) -> None:
    """Take an identity out of an environment: removes its public key and encrypts anew.

    Whoever could read the keys has them still, and git keeps the old files: rotate the keys at
    their vendors too.

    \b
    Examples:
      modelbook secrets remove-recipient alice --env prod
      modelbook secrets remove-recipient age1… --env prod
    """
    with told():
        from modelbook.secrets.keepers import remove_recipient

        folder = here.folder(root, environment)
        public = keepers.meant(folder.root, folder, recipient)
        paths = remove_recipient(
            folder.root, folder.environment, public, folder.tool, keepers.progress
        )
        keys = keepers.keys_in(folder.root, paths)
    if as_json:
        facts = {"recipient": public, "environment": folder.environment, "rekeyed": list(paths)}
        print_json({**facts, "rotate": keys})
        return
    click.echo(f"{folder.environment}: {public} is taken out; {keepers.rekeyed(paths)}")
    if keys:
        click.echo("whoever had that identity has these keys still; rotate each at its vendor:")
        click.echo("".join(f"  modelbook secrets rotate {key} --stage\n" for key in keys), nl=False)

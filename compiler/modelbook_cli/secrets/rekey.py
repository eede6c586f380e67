"""`modelbook secrets rekey`."""

from __future__ import annotations

from pathlib import Path

import click

from ..shared import json_option, print_json
from . import here, keepers
from .quiet import Quiet
from .telling import told


@click.command("rekey", cls=Quiet)
@here.folder_options
@json_option
def command(environment: str | None, root: Path | None, as_json: bool) -> None:
    """Encrypt every file of an environment anew, for the recipients that .sops.yaml names.

    Each file gets a new data key too: without one, who was taken out could still read what is
    written from now on. The API keys themselves stay as they are.

    \b
    Examples:
      modelbook secrets rekey
      modelbook secrets rekey --env prod
    """
    with told():
        from modelbook.secrets.keepers import rekey

        folder = here.folder(root, environment)
        paths = rekey(folder, progress=keepers.progress)
    if as_json:
        print_json({"environment": folder.environment, "rekeyed": list(paths)})
    else:
        click.echo(f"{folder.environment}: {keepers.rekeyed(paths)}")

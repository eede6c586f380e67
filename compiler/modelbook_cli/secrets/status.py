"""`modelbook secrets status`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import PROBLEMS, json_option, print_json, table
from . import here
from .quiet import Quiet
from .telling import told

if TYPE_CHECKING:
    from modelbook.secrets.status import Status

@click.command("status", cls=Quiet)
@click.option("--at", metavar="DATE", help="As of this UTC day, YYYY-MM-DD; default today.")
@here.folder_options
@json_option
def command(at: str | None, environment: str | None, root: Path | None, as_json: bool) -> None:
    """Show which keys are due for rotation, expire or are rotating; needs no identity.

    Exit codes: 0 nothing is to be done, 1 a key is due, has expired or should be revoked by now,
    2 could not run.

    \b
    Examples:
      modelbook secrets status
      modelbook secrets status --env prod --at 2027-01-01 --json
    """
    from modelbook.secrets.status import status

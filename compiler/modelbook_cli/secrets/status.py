"""`modelbook secrets status`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import CLEAN, PROBLEMS, json_option, print_json, table
from . import here
from .quiet import Quiet
from .telling import told

if TYPE_CHECKING:
    from modelbook.secrets.status import Status

COLUMNS = ("environment", "id", "owner", "slots", "created", "due", "expires", "state", "")


@click.command("status", cls=Quiet)
@click.option("--at", metavar="DATE", help="As of this UTC day, YYYY-MM-DD; default today.")
@here.folder_options
@json_option
def command(at: str | None, environment: str | None, root: Path | None, as_json: bool) -> None:
    """Show which keys are due for a new one, expire or are rotating; needs no identity.

    What is shown stands in the files in plain text; `modelbook secrets verify` proves it. Exit
    codes: 0 nothing is to be done, 1 something is, 2 could not run.

    \b
    Examples:
      modelbook secrets status
      modelbook secrets status --env prod --at 2027-01-01 --json
    """
    with told():
        from modelbook.secrets.status import statuses

        day = here.today() if at is None else here.day(at, "--at")
        found = [one for folder in here.folders(root, environment) for one in statuses(folder, day)]
    if as_json:
        print_json([_plain(one) for one in found])
    elif found:
        table([(name, False) for name in COLUMNS], [_row(one) for one in found])
    else:
        click.echo("no key is stored: `modelbook secrets set ID` stores one", err=True)
    raise SystemExit(PROBLEMS if any(one.urgent for one in found) else CLEAN)


def _row(one: Status) -> list[str]:
    """Return how a key stands as the cells of the table."""
    days = (one.created_at, one.due_on, one.expires_at)
    told = "" if one.state == "ok" else one.told
    owner, slots = one.owner or "-", ", ".join(one.slots) or "-"
    return [one.environment, one.id, owner, slots, *(day or "-" for day in days), one.state, told]


def _plain(one: Status) -> dict[str, object]:
    """Return how a key stands as plain data; what is not known is null."""
    return {
        "environment": one.environment,
        "id": one.id,
        "state": one.state,
        "urgent": one.urgent,
        "told": one.told,
        "owner": one.owner,
        "slots": list(one.slots),
        "created_at": one.created_at,
        "due_on": one.due_on,
        "expires_at": one.expires_at,
        "revoke_after": one.revoke_after,
    }

"""`modelbook secrets list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import CANNOT_RUN, json_option, print_json, table
from . import here
from .quiet import Quiet
from .telling import say, told

if TYPE_CHECKING:
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.record import Kept

COLUMNS = ("environment", "id", "owner", "slots", "created", "expires", "ends in")


@click.command("list", cls=Quiet)
@here.folder_options
@json_option
def command(environment: str | None, root: Path | None, as_json: bool) -> None:
    """List the keys that are stored, of one environment or of all; needs no identity.

    What is shown stands in the files in plain text. It is proven only when a key is read.

    \b
    Examples:
      modelbook secrets list
      modelbook secrets list --env prod --json
    """
    with told():
        found, failed = [], False
        for folder in here.folders(root, environment):
            kept, broken = read_all(folder)
            found += kept
            failed = failed or broken
    rows = [_facts(one) for one in found]
    if as_json:
        print_json(rows)
    elif rows:
        cells = [[_words(row[name.replace(" ", "_")]) for name in COLUMNS] for row in rows]
        table([(name, False) for name in COLUMNS], cells)
    elif not failed:
        click.echo("no key is stored: `modelbook secrets set ID` stores one", err=True)
    if failed:
        raise SystemExit(CANNOT_RUN)


def read_all(folder: Folder) -> tuple[list[Kept], bool]:
    """Return what is stored in an environment, and whether a file in it could not be read.

    Each such file is told at once.
    """
    from modelbook.secrets.errors import SecretError

    found: list[Kept] = []
    failed = False
    for vendor in folder.vendors():
        try:
            found += folder.metadata(vendor).values()
        except SecretError as error:
            say(error.code, str(error), error.hint)
            failed = True
    return found, failed


def _facts(one: Kept) -> dict[str, object]:
    """Return what is known of a stored key, by name."""
    current = one.current
    return {
        "environment": one.environment,
        "id": one.id,
        "owner": one.owner,
        "slots": list(one.slots()),
        "created": current.created_at if current else None,
        "expires": current.expires_at if current else None,
        "ends_in": current.hint if current else None,
        "revoked_on": one.revoked_on,
    }


def _words(value: object) -> str:
    """Return a fact as it is shown."""
    if isinstance(value, list):
        return ", ".join(value) or "revoked"
    return "-" if value is None else str(value)

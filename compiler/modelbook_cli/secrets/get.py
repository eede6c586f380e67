"""`modelbook secrets get`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import PROBLEMS, json_option, print_json
from . import here
from .quiet import Quiet
from .telling import aligned, refuse, told

if TYPE_CHECKING:
    from modelbook.secrets.explained import Explanation
    from modelbook.secrets.record import Kept


@click.command("get", cls=Quiet)
@click.argument("id", shell_complete=here.ids)
@click.option("--reveal", is_flag=True, help="Print the value, and nothing else.")
@here.slot_option
@here.folder_options
@json_option
def command(
    id: str,
    reveal: bool,
    slot: str,
    environment: str | None,
    root: Path | None,
    as_json: bool,
) -> None:
    """Show what is known of a key and which source answers; with --reveal, its value.

    \b
    Examples:
      modelbook secrets get openai/api_key
      modelbook secrets get openai/api_key --env prod --reveal | wc -c
    """
    if reveal and as_json:
        refuse("usage", "`--reveal` and `--json` exclude each other", "give one of the two")
    with told(), here.chosen(root):
        from modelbook.secrets import explain, get

        declared = here.catalog(root)
        if reveal:
            key = get(id, environment=environment, slot=slot, catalog=declared)
            click.echo(key.reveal())
            return
        found = explain(id, environment=environment, slot=slot, catalog=declared)
        facts = _facts(found, here.declaration(id, root).env, _kept(id, root, environment), slot)
    if as_json:
        print_json(facts)
    else:
        rows = [[name.replace("_", " "), _words(value)] for name, value in facts.items() if value]
        aligned(rows)
    if found.answer is None:
        raise SystemExit(PROBLEMS)


def _kept(id: str, root: Path | None, environment: str | None) -> Kept | None:
    """Return what is stored of a key, as it can be read without an identity; None if nothing is."""
    from modelbook.secrets.errors import SecretError

    if here.found(root) is None:
        return None
    try:
        vendor, name = id.split("/")
        folder = here.folder(root, environment)
        return folder.metadata(vendor).get(name) if vendor in folder.vendors() else None
    except SecretError:
        return None  # what is wrong with it, the explanation says


def _facts(
    found: Explanation, env: tuple[str, ...], kept: Kept | None, slot: str
) -> dict[str, object]:
    """Return what is known of a key, by name; what is not known is None."""
    stored = kept.slots().get(slot) if kept else None
    return {
        "id": found.id,
        "environment": found.environment,
        "answered_by": found.answer,
        "fails_with": found.code,
        "slot": slot,
        "owner": kept.owner if kept else None,
        "created": stored.created_at if stored else None,
        "expires": stored.expires_at if stored else None,
        "rotate_every_days": kept.rotate_every_days if kept else None,
        "ends_in": stored.hint if stored else None,
        "revoked_on": kept.revoked_on if kept else None,
        "allowed_hosts": list(found.allowed_hosts),
        "variables": list(env),
    }


def _words(value: object) -> str:
    """Return a fact as it is shown."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

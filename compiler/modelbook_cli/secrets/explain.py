"""`modelbook secrets explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import PROBLEMS, json_option, print_json
from . import here
from .quiet import Quiet
from .telling import aligned, told

if TYPE_CHECKING:
    from modelbook.secrets.explained import Explanation


@click.command("explain", cls=Quiet)
@click.argument("id", shell_complete=here.ids)
@here.slot_option
@here.folder_options
@json_option
def command(id: str, slot: str, environment: str | None, root: Path | None, as_json: bool) -> None:
    """Show where a key is looked for, in order, and what each source says; never a value.

    Exit codes: 0 a source answers, 1 none does, 2 could not run.

    \b
    Examples:
      modelbook secrets explain openai/api_key
      modelbook secrets explain openai/api_key --env prod --json
    """
    with told(), here.chosen(root):
        from modelbook.secrets import explain

        declared = here.catalog(root)
        found = explain(id, environment=environment, slot=slot, catalog=declared)
        around = _around(root)
    if as_json:
        print_json({**_plain(found), **around})
    else:
        _show(found, around)
    if found.answer is None:
        raise SystemExit(PROBLEMS)


def _around(root: Path | None) -> dict[str, object]:
    """Return which files decide where is looked, by what they are."""
    from modelbook.secrets.settings import config_path

    from .identities import found

    place = here.found(root)
    config = config_path()
    return {
        "folder": str(place.root) if place else None,
        "folder_how": place.how if place else "none here or above",
        "identities": [one.place for one in found()],
        "configuration": config if Path(config).exists() else None,
    }


def _plain(found: Explanation) -> dict[str, object]:
    """Return an explanation as plain data."""
    fields = ("source", "state", "words", "code", "hint")
    return {
        "id": found.id,
        "environment": found.environment,
        "answered_by": found.answer,
        "fails_with": found.code,
        "allowed_hosts": list(found.allowed_hosts),
        "steps": [{name: getattr(one, name) or None for name in fields} for one in found.steps],
    }


def _show(found: Explanation, around: dict[str, object]) -> None:
    """Print an explanation for people."""
    click.echo(f"{found.id}: {found.answer or f'no source answers ({found.code})'}\n")
    aligned([[one.source, one.state, one.words] for one in found.steps])
    for one in found.steps:
        if one.state == "fails" and one.hint:
            click.echo(f"hint: {one.hint}")
    identities = around["identities"]
    listed = ", ".join(identities) if isinstance(identities, list) else ""
    click.echo(f"\nmay be sent to: {', '.join(found.allowed_hosts) or 'no host'}")
    click.echo(f"folder: {around['folder'] or 'none'} ({around['folder_how']})")
    click.echo(f"identities: {listed or 'none'}")

"""`modelbook secrets rotate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import here
from .quiet import Quiet
from .set import About, checked
from .telling import refuse, told
from .values import read_value, value_options

if TYPE_CHECKING:
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.record import Kept

STEPS = ("stage", "promote", "revoke", "abort")
NEXT = {
    "stage": "the new key is stored as the next one; `--promote` makes it current",
    "promote": "the new key is current, and the old one previous; `--revoke` drops it",
    "revoke": "dropped here; revoke it at its vendor too",
    "abort": "the next key is dropped; revoke it at its vendor too",
}


@click.command("rotate", cls=Quiet)
@click.argument("id", shell_complete=here.ids)
@click.option("--stage", is_flag=True, help="Store a new key beside the current one.")
@click.option("--promote", is_flag=True, help="Make the new key current, the old one previous.")
@click.option("--revoke", is_flag=True, help="Drop the previous key; with --current, the last one.")
@click.option("--abort", is_flag=True, help="Drop the new key that was staged.")
@click.option("--current", is_flag=True, help="With --revoke: no key is left.")
@click.option(
    "--overlap",
    type=click.IntRange(0, 365),
    metavar="DAYS",
    help="With --promote: days for which both are valid; default 7.",
)
@click.option("--expires", metavar="DATE|never", help="With --stage: day of the new key's expiry.")
@value_options
@here.folder_options
def command(
    id: str,
    overlap: int | None,
    current: bool,
    expires: str | None,
    from_env: str | None,
    from_file: Path | None,
    environment: str | None,
    root: Path | None,
    **steps: bool,
) -> None:
    """Take one step from an old key to a new one; both are valid while programs change over.

    Stage the new key, promote it, and revoke the old one when nobody uses it any more. Each step
    is one change of one file. The value of the new key is read as `secrets set` reads it.

    \b
    Examples:
      modelbook secrets rotate openai/api_key --stage --expires 2027-05-01
      modelbook secrets rotate openai/api_key --promote --overlap 14
      modelbook secrets rotate openai/api_key --revoke
    """
    step = _step(steps)
    _fits(step, {"--overlap": overlap, "--current": current or None, "--expires": expires})
    _fits(step, {"--from-env": from_env, "--from-file": from_file})
    with told():
        here.declaration(id, root)
        folder = here.folder(root, environment)
        if step == "stage":
            about = checked(About(expires=expires), ())
            value = read_value(f"new {id} in {folder.environment}", from_env, from_file)
            change = _stage(value, about.expires)
        else:
            change = _change(step, overlap, current=current)
        _write(folder, id, change)
    click.echo(f"{id}: {NEXT[step]}")


GOES_WITH = {
    "--overlap": "promote",
    "--current": "revoke",
    "--expires": "stage",
    "--from-env": "stage",
    "--from-file": "stage",
}


def _step(steps: dict[str, bool]) -> str:
    """Return the one step that is asked for."""
    asked = [name for name in STEPS if steps[name]]
    if len(asked) != 1:
        words = " or ".join(f"--{name}" for name in STEPS)
        refuse("usage", "say which step of the rotation", f"exactly one of {words}")
    return asked[0]


def _fits(step: str, given: dict[str, object]) -> None:
    """End with a message for an option that goes with another step."""
    for option, value in given.items():
        if value is not None and GOES_WITH[option] != step:
            refuse("usage", f"`{option}` goes with --{GOES_WITH[option]}")


def _stage(value: str, expires: str | None) -> Callable[[Kept], Kept]:
    """Return the change that stores a new key."""
    from modelbook.secrets import changes

    key = changes.slot(value, here.today(), expires)
    return lambda one: changes.stage(one, key)


def _change(step: str, overlap: int | None, *, current: bool) -> Callable[[Kept], Kept]:
    """Return the change of any other step."""
    from modelbook.secrets import changes

    day, days = here.today(), changes.OVERLAP if overlap is None else overlap
    if step == "promote":
        return lambda one: changes.promote(one, day, days)
    if step == "revoke" and current:
        return lambda one: changes.revoke_current(one, day)
    return changes.revoke if step == "revoke" else changes.abort


def _write(folder: Folder, id: str, change: Callable[[Kept], Kept]) -> None:
    """Change what is stored of one key."""
    from modelbook.secrets.errors import SecretNotFoundError
    from modelbook.secrets.writing import write

    vendor, name = id.split("/")

    def changed(kept: dict[str, Kept]) -> dict[str, Kept]:
        if name not in kept:
            hint = f"`modelbook secrets set {id} --env {folder.environment}` stores a first one"
            raise SecretNotFoundError(
                f"`{id}` is not stored in {folder.environment}", id=id, hint=hint
            )
        return {**kept, name: change(kept[name])}

    write(folder, vendor, changed)

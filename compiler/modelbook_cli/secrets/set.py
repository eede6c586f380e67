"""`modelbook secrets set`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from . import here
from .quiet import Quiet
from .telling import refuse, told
from .values import looks_like_key, read_value, value_options

if TYPE_CHECKING:
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.record import Kept


@dataclass(frozen=True, slots=True)
class About:
    """What is written beside a key, in plain text; None for what is not said."""

    owner: str | None = None
    expires: str | None = None
    every: int | None = None
    hosts: tuple[str, ...] = ()


@click.command("set", cls=Quiet)
@click.argument("id", shell_complete=here.ids)
@click.option("--owner", help="Who is asked about it: a team or a person.  [default: you]")
@click.option("--expires", metavar="DATE|never", help="UTC day from which its vendor refuses it.")
@click.option(
    "--rotate-every", type=click.IntRange(1, 9999), metavar="DAYS", help="Age at which it is due."
)
@click.option("--host", "hosts", multiple=True, help="Allow only this host; repeat for several.")
@click.option("--replace", is_flag=True, help="Overwrite the key that is stored.")
@value_options
@here.folder_options
def command(
    id: str,
    owner: str | None,
    expires: str | None,
    rotate_every: int | None,
    hosts: tuple[str, ...],
    replace: bool,
    from_env: str | None,
    from_file: Path | None,
    environment: str | None,
    root: Path | None,
) -> None:
    """Store a key, encrypted for the recipients of its environment.

    The value comes from standard input, a hidden prompt, a variable or a file; it is no argument,
    since other users can see those. The catalog declares which keys there are. Owner, dates and
    hosts are written in plain text, for people to review.

    \b
    Examples:
      modelbook secrets set openai/api_key --owner platform
      pass show openai | modelbook secrets set openai/api_key --env prod --expires 2027-02-01
      modelbook secrets set openai/api_key --from-env OPENAI_API_KEY --owner me
    """
    with told():
        declared = here.declaration(id, root)
        folder = here.folder(root, environment)
        about = checked(About(owner, expires, rotate_every, hosts), declared.allowed_hosts)
        value = read_value(f"{id} in {folder.environment}", from_env, from_file)
        store(folder, {id: value}, about, replace=replace)
    place = f"secrets/{folder.environment}/{id.partition('/')[0]}.sops.yaml"
    click.echo(f"{id}: stored in {place}")


def checked(about: About, declared: tuple[str, ...]) -> About:
    """Return what is written in plain text; end with a message for what must not or cannot be."""
    from modelbook.secrets.record import NEVER, OWNER

    for text in (about.owner, about.expires, *about.hosts):
        if text is not None and looks_like_key(text):
            hint = "the value is read from standard input; revoke a key that is in your history"
            refuse("usage", "what is written in plain text looks like a key", hint)
    if about.owner is not None and not OWNER.match(about.owner):
        refuse("usage", "`--owner` is no name", "write a team or a person, up to 100 characters")
    if about.expires not in (None, NEVER):
        here.day(about.expires or "", "--expires")
    if any(host not in declared for host in about.hosts):
        hint = f"the catalog allows {', '.join(declared)}"
        refuse("usage", "`--host` names one that the catalog does not allow", hint)
    return about


def store(folder: Folder, values: Mapping[str, str], about: About, *, replace: bool) -> None:
    """Write keys of one vendor as the current ones; refuse to overwrite any unless told to."""
    from modelbook.secrets import changes
    from modelbook.secrets.writing import write

    def change(kept: dict[str, Kept]) -> dict[str, Kept]:
        found = dict(kept)
        for id, value in values.items():
            name = id.split("/")[1]
            before = kept.get(name)
            if before is not None and before.current is not None and not replace:
                _refuse(id)
            found[name] = changes.put(before, _made(folder.environment, id, value, about, before))
        return found

    write(folder, next(iter(values)).split("/")[0], change)


def _made(environment: str, id: str, value: str, about: About, before: Kept | None) -> Kept:
    """Return a key as it is stored; what is not said of it is as it was."""
    from modelbook.secrets.changes import slot
    from modelbook.secrets.record import Kept

    return Kept(
        id=id,
        environment=environment,
        owner=about.owner or (before.owner if before else _user()),
        allowed_hosts=about.hosts or (before.allowed_hosts if before else None),
        rotate_every_days=about.every or (before.rotate_every_days if before else None),
        current=slot(value, here.today(), about.expires),
    )


def _user() -> str:
    """Return who stores a key, as the system calls him."""
    from getpass import getuser

    from modelbook.secrets.record import OWNER

    try:
        name = getuser()
    except (OSError, KeyError):
        return "unknown"
    return name if OWNER.match(name) else "unknown"


def _refuse(id: str) -> NoReturn:
    """Raise the error of a key that would be overwritten."""
    from modelbook.secrets.errors import SecretStateError

    hint = f"`modelbook secrets rotate {id} --stage` keeps both; --replace overwrites it"
    raise SecretStateError(f"`{id}` is stored already", id=id, hint=hint)

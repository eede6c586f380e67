"""`modelbook secrets doctor`."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ..shared import CLEAN, PROBLEMS, json_option, print_json
from . import here, identities
from .quiet import Quiet
from .telling import aligned, told


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    """ok, or problem."""
    about: str
    hint: str = ""


@click.command("doctor", cls=Quiet)
@here.folder_options
@json_option
def command(environment: str | None, root: Path | None, as_json: bool) -> None:
    """Show which sops, identity, folder and configuration are used, and what is wrong with them.

    Exit codes: 0 all is well, 1 something is not, 2 could not run.

    \b
    Examples:
      modelbook secrets doctor
      modelbook secrets doctor --env prod --json
    """
    with told():
        found = [*_sops(), *_configuration(), *_identities(), *_folder(root, environment)]
    if as_json:
        fields = ("what", "state", "about", "hint")
        print_json([{name: getattr(one, name) or None for name in fields} for one in found])
    else:
        aligned([[one.what, one.state, one.about] for one in found])
        for one in found:
            if one.hint:
                click.echo(f"hint: {one.what}: {one.hint}")
    raise SystemExit(PROBLEMS if any(one.state == "problem" for one in found) else CLEAN)


def _sops() -> Iterator[Finding]:
    """Yield which sops is run, and the digest by which a build is told from others."""
    from modelbook.secrets.errors import SecretError
    from modelbook.secrets.sops.executable import find

    try:
        found = find(here.settings().sops)
    except SecretError as error:
        yield Finding("sops", "problem", str(error), error.hint)
        return
    version = ".".join(map(str, found.version))
    with Path(found.path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    yield Finding("sops", "ok", f"{version} {found.path}")
    yield Finding("its sha256", "ok", digest)


def _configuration() -> Iterator[Finding]:
    """Yield where the user's own settings come from."""
    from modelbook.secrets.errors import SecretError
    from modelbook.secrets.settings import config_path

    path = config_path()
    try:
        settings = here.settings()
    except SecretError as error:
        yield Finding("configuration", "problem", str(error), error.hint)
        return
    there = path if os.path.lexists(path) else f"none ({path})"
    yield Finding("configuration", "ok", there)
    for field, origin in sorted(settings.origins.items()):
        if origin != path:
            yield Finding("set by", "ok", f"{origin} ({field})")
    yield Finding("sources", "ok", ", ".join(settings.chain))


def _identities() -> Iterator[Finding]:
    """Yield every identity: where it is, and its public key."""
    found = identities.found()
    if not found:
        path = identities.keys_file()
        hint = "`modelbook secrets init` makes one"
        yield Finding("identity", "problem", f"there is none, {path} neither", hint)
    for one in found:
        for key in one.recipients:
            yield Finding("identity", "ok", f"{one.place}: {key}")
        if one.wrong:
            yield Finding("identity", "problem", f"{one.place}: {one.wrong}", _mend(one))
    for name in ("SOPS_AGE_KEY_CMD", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"):
        if os.environ.get(name):
            hint = "it would run a program; put the identity into SOPS_AGE_KEY_FILE"
            yield Finding("identity", "problem", f"{name} is set, and never passed on", hint)


def _mend(one: identities.Found) -> str:
    """Return what to do about a place of identities."""
    path = one.place.removeprefix("SOPS_AGE_KEY_FILE=")
    return f"chmod 600 {path}" if one.wrong and "mode" in one.wrong else ""


def _folder(root: Path | None, environment: str | None) -> Iterator[Finding]:
    """Yield where the files are, and for each environment whether we can read it."""
    from modelbook.secrets.errors import SecretError

    try:
        place = here.found(root)
        if place is None:
            hint = "`modelbook secrets init` makes one"
            yield Finding("folder", "problem", "none with .sops.yaml and secrets/ here", hint)
            return
        yield Finding("folder", "ok", f"{place.root} ({place.how})")
        folders = here.folders(root, environment)
    except SecretError as error:
        yield Finding("folder", "problem", str(error), error.hint)
        return
    mine = set(identities.recipients())
    for one in folders:
        yield from _environment(one.environment, one.path, mine, place.root)
    if not folders:
        yield Finding("environments", "problem", "there is none", "`modelbook secrets init`")


def _environment(name: str, path: Path, mine: set[str], root: Path) -> Iterator[Finding]:
    """Yield who may read an environment, and whether others may write its folder."""
    from modelbook.secrets import ids
    from modelbook.secrets.errors import SecretError
    from modelbook.secrets.folder import Folder

    what = f"secrets/{name}/"
    try:
        readers = Folder(root, name).rules().rule_for(ids.place(name, "vendor")).recipients
    except SecretError as error:
        yield Finding(what, "problem", str(error), error.hint)
        return
    count = f"{len(readers):,} recipient{'s' * (len(readers) != 1)}"
    if mine & readers:
        yield Finding(what, "ok", f"{count}, you are one")
    elif any(one.startswith("ssh-") for one in readers):
        yield Finding(what, "ok", f"{count}, some by SSH, which is not looked into")
    else:
        hint = "somebody who can read it runs `modelbook secrets add-recipient`"
        yield Finding(what, "problem", f"{count}, you are none of them", hint)
    if path.stat().st_mode & stat.S_IWOTH:
        yield Finding(what, "problem", "everybody may write it", f"chmod o-w {path}")

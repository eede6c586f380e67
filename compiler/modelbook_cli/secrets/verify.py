"""`modelbook secrets verify`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import CLEAN, PROBLEMS, json_option, print_json
from . import here, since
from .quiet import Quiet
from .telling import told

if TYPE_CHECKING:
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.sops.policy import Fault

AT_ONCE = 4
"""Files that are decrypted at the same time."""


@click.command("verify", cls=Quiet)
@click.option(
    "--key/--no-key",
    default=None,
    help="Fail where a file cannot be decrypted; or decrypt none.  [default: what can be]",
)
@click.option("--since", "rev", metavar="REV", help="Also what has changed since a commit.")
@here.folder_options
@json_option
def command(
    key: bool | None, rev: str | None, environment: str | None, root: Path | None, as_json: bool
) -> None:
    """Check every file of secrets: form, recipients, dates, what the catalog declares.

    That needs no identity. With one, what it opens is decrypted too, which proves that values and
    what stands beside them are as they were written. With --since a file that went back to an older
    state is a problem, and changes of recipients are listed for review. Exit codes: 0 all is well,
    1 something is not, 2 could not run.

    \b
    Examples:
      modelbook secrets verify
      modelbook secrets verify --no-key --since origin/main
      modelbook secrets verify --env prod --key
    """
    with told():
        top = here.root_of(root)
        folders = here.folders(root, environment)
        wrong = list(_gate(top, root, environment))
        shut: list[str] = []
        proven = 0 if key is False else _prove(folders, wrong, shut, must=key is True)
        old, review = since.compared(top, rev, environment) if rev is not None else ([], [])
    wrong += old
    files = sum(len(folder.vendors()) for folder in folders)
    if as_json:
        facts = {"files": files, "proven": proven, "not_proven": shut}
        print_json({**facts, "problems": [_plain(one) for one in wrong], "review": review})
    else:
        _show(wrong, review, shut, f"{files:,} files, {proven:,} proven")
    raise SystemExit(PROBLEMS if wrong else CLEAN)


def _gate(top: Path, root: Path | None, environment: str | None) -> Iterator[Fault]:
    """Yield what is wrong with the files as anybody can read them."""
    from modelbook.secrets.gate import gate

    declared = {id: one.allowed_hosts for id, one in here.declarations(root).items()}
    allow = here.settings().allow_key_services
    for one in gate(top, declared, allow_key_services=allow):
        if environment is None or one.path.startswith((f"secrets/{environment}/", ".sops")):
            yield one


def _prove(folders: list[Folder], wrong: list[Fault], shut: list[str], *, must: bool) -> int:
    """Decrypt every file that is not known to be wrong; return how many are as they were written.

    What is wrong is added to `wrong`, and the files that no identity opens to `shut`, or to `wrong`
    too if they must open.
    """
    from concurrent.futures import ThreadPoolExecutor

    bad = {one.path for one in wrong}
    pairs = [
        (folder, vendor)
        for folder in folders
        for vendor in folder.vendors()
        if folder.place(vendor) not in bad and ".sops.yaml" not in bad
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(_opened, pairs))
    for one in found:
        if one is not None and one.code == "sops-key" and not must:
            shut.append(one.path)
        elif one is not None:
            wrong.append(one)
    return found.count(None)


def _opened(pair: tuple[Folder, str]) -> Fault | None:
    """Return why a file does not decrypt to what its writer sealed; None if it does."""
    from modelbook.secrets.errors import SecretError
    from modelbook.secrets.sops.policy import Fault

    folder, vendor = pair
    place = folder.place(vendor)
    try:
        folder.read(vendor)
    except SecretError as error:
        message = str(error).removeprefix(f"{place}: ")
        return Fault(code=error.code, message=message, hint=error.hint, path=place)
    return None


def _plain(one: Fault) -> dict[str, object]:
    """Return what is wrong as plain data."""
    fields = ("code", "path", "line", "column", "message", "hint")
    return {name: getattr(one, name) or None for name in fields}


def _show(wrong: list[Fault], review: list[str], shut: list[str], summary: str) -> None:
    """Print what is wrong, what is to be reviewed, and what could not be looked into."""
    from modelbook_compiler.report.escape import printable

    for one in wrong:
        click.echo(f"error[{one.code}]: {printable(one.message)}")
        click.echo(f" --> {printable(one.path)}:{one.line}:{one.column}")
        if one.hint:
            click.echo(f"hint: {printable(one.hint)}")
    for line in review:
        click.echo(f"review: {printable(line)}")
    for path in shut:
        click.echo(f"not proven: {printable(path)}: no identity of yours opens it", err=True)
    click.echo(f"{summary}, {len(wrong):,} problem{'s' * (len(wrong) != 1)}", err=True)

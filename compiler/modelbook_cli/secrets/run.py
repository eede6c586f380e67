"""`modelbook secrets run`."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from . import here
from .quiet import Quiet
from .telling import refuse, say, told

if TYPE_CHECKING:
    from modelbook.secrets.declared import Declaration

NOT_FOUND, NOT_RUN = 127, 126
"""What a shell returns for a program that is not there, and for one that it may not run."""


@click.command(
    "run",
    cls=Quiet,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--secret", "asked", multiple=True, metavar="ID", help="Only this key; repeat for several."
)
@click.option(
    "--provider", "providers", multiple=True, metavar="ID", help="Only what this provider needs."
)
@here.folder_options
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- PROGRAM…")
def command(
    asked: tuple[str, ...],
    providers: tuple[str, ...],
    environment: str | None,
    root: Path | None,
    program: tuple[str, ...],
) -> None:
    """Run a program with keys in its environment: those of a folder, or the ones that are named.

    Each goes into the variables that the catalog declares for it. Every other variable of any
    declared key is taken out, and so are your identities: the program gets what it was given, and
    nothing else. Keys that are stored go before those in your own environment. The exit code is the
    program's; 127 if there is none.

    \b
    Examples:
      modelbook secrets run -- python app.py
      modelbook secrets run --env prod --secret openai/api_key -- ./deploy --now
      modelbook secrets run --provider groq -- sh -c 'echo ${#GROQ_API_KEY}'
    """
    with told():
        known = here.declarations(root)
        wanted = _wanted(asked, providers, environment, root, known)
        values = _values(wanted, environment, root)
        variables = assigned({id: known[id].env for id in values}, values)
        child = without(os.environ, (name for one in known.values() for name in one.env))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        _replace(program, {**child, **variables})


def _wanted(
    asked: tuple[str, ...],
    providers: tuple[str, ...],
    environment: str | None,
    root: Path | None,
    known: Mapping[str, Declaration],
) -> list[str]:
    """Return the keys that the program gets: those that are named, or all of a folder."""
    if not asked and not providers:
        folder = here.folder(root, environment)
        stored = [one for vendor in folder.vendors() for one in folder.metadata(vendor).values()]
        return [one.id for one in stored if one.current is not None]
    ids = [*asked, *(id for one in providers for id in here.secrets_of(one, root))]
    return list(dict.fromkeys(here.declaration(id, root).id for id in ids))


def _values(ids: list[str], environment: str | None, root: Path | None) -> dict[str, str]:
    """Return the values of some keys."""
    from modelbook.secrets import get

    with here.chosen(root, stored_first=True):
        catalog = here.catalog(root)
        found = {id: get(id, environment=environment, catalog=catalog) for id in ids}
    return {id: secret.reveal() for id, secret in found.items()}


def assigned(names: Mapping[str, tuple[str, ...]], values: Mapping[str, str]) -> dict[str, str]:
    """Return variables and values: each key in all of its own, the first of each before others'.

    Ends with a message where two keys with different values want the same first variable.
    """
    first: dict[str, str] = {}
    for id, listed in names.items():
        other = first.get(listed[0]) if listed else None
        if other is not None and values[other] != values[id]:
            hint = "choose one with --secret"
            refuse("usage", f"`{other}` and `{id}` both go into {listed[0]}", hint)
        if listed:
            first[listed[0]] = id
    others = {name: id for id, listed in names.items() for name in listed}
    return {name: values[id] for name, id in {**others, **first}.items()}


def without(ours: Mapping[str, str], declared: Iterable[str]) -> dict[str, str]:
    """Return an environment without any key or identity in it, or the file of one."""
    taken = {end for name in declared for end in (name, f"{name}_FILE")}
    return {
        name: text
        for name, text in ours.items()
        if name not in taken and not name.startswith("SOPS_AGE_")
    }


def _replace(program: tuple[str, ...], environment: dict[str, str]) -> NoReturn:
    """Become the program; end with a message if that cannot be."""
    for name in ("SIGPIPE", "SIGXFSZ"):  # which Python ignores, and a program would inherit
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(program[0], program, environment)  # noqa: S606  # no shell is the point
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        missing = number in (errno.ENOENT, errno.ENOTDIR)
        reason = "there is no such program" if missing else os.strerror(number or errno.EINVAL)
        say("not-found" if missing else "system", f"the program cannot be run: {reason}")
        raise SystemExit(NOT_FOUND if missing else NOT_RUN) from None

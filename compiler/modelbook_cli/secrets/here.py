"""What the commands about stored keys share: which folder and environment, and what is declared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ..shared import F, own_package
from .stated import stated
from .telling import refuse

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook.secrets.declared import Declaration
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.places import Place
    from modelbook.secrets.settings import Settings


def folder_options(function: F) -> F:
    """Add `--env ENV` and `--root DIR`."""
    function = click.option(
        "--root",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Where .sops.yaml and secrets/ are.  [default: MODELBOOK_SECRETS, or here and above]",
    )(function)
    return click.option(
        "--env",
        "environment",
        metavar="ENV",
        help="Environment.  [default: MODELBOOK_ENV, or the only one there is]",
    )(function)


def settings() -> Settings:
    """Return the user's settings."""
    from modelbook.secrets.settings import load

    return load()


def slot_option(function: F) -> F:
    """Add `--slot current|next|previous`."""
    return click.option(
        "--slot",
        type=click.Choice(("current", "next", "previous")),
        default="current",
        show_default=True,
        help="Which key of a rotation.",
    )(function)


@contextmanager
def chosen(root: Path | None, *, stored_first: bool = False) -> Iterator[None]:
    """Let the chain of sources look in a folder that was given, and there first if that is asked.

    The chain takes both from variables, which are as they were afterwards.
    """
    ours: dict[str, str] = {}
    if root is not None:
        ours["MODELBOOK_SECRETS"] = str(root)
    if stored_first:
        usual = [one for one in settings().chain if one != "sops"]
        ours["MODELBOOK_CHAIN"] = ",".join(["sops", *usual])
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, text in before.items():
            os.environ.pop(name) if text is None else os.environ.update({name: text})


def found(root: Path | None) -> Place | None:
    """Return where .sops.yaml and secrets/ are; None where there are none."""
    from modelbook.secrets import places

    return places.find(settings(), root)


def root_of(root: Path | None) -> Path:
    """Return the folder that holds .sops.yaml and secrets/; end with a message if there is none."""
    place = found(root)
    if place is None:
        message = "there is no folder with .sops.yaml and secrets/ here or above"
        refuse("sops-config", message, "`modelbook secrets init` makes one; or give --root")
    return place.root


def folder(root: Path | None, environment: str | None) -> Folder:
    """Return the folder of an environment's keys, which must be there."""
    from modelbook.secrets import places
    from modelbook.secrets.sources.sops import folder_of

    top = root_of(root)
    there = places.environments(top)
    if environment is None and settings().environment is None and len(there) > 1:
        message = f"which environment is meant is not said: {' or '.join(there)}"
        refuse("secret-settings", message, "give --env, or set MODELBOOK_ENV")
    name = places.environment(settings(), top, environment)
    return folder_of(settings(), top, places.present(top, name))


def folders(root: Path | None, environment: str | None) -> list[Folder]:
    """Return the folder of one environment, or of each there is."""
    from modelbook.secrets import places
    from modelbook.secrets.sources.sops import folder_of

    top = root_of(root)
    if environment is not None:
        return [folder(root, environment)]
    return [folder_of(settings(), top, name) for name in places.environments(top)]


def catalog(root: Path | None) -> Catalog | None:
    """Return the catalog that declares secrets; None for the packages that the user configured.

    One that was compiled beside `.sops.yaml` or here is read, not imported.
    """
    if settings().origins.get("packages") not in (None, "MODELBOOK_PACKAGE"):
        return None
    folder = _beside(root) or Path()
    asked, own = os.environ.get("MODELBOOK_PACKAGE"), stated(folder)
    if own is None or asked not in (None, "", own_package(folder)):
        return None
    return cast("Catalog", own)  # all that is asked of one


def _beside(root: Path | None) -> Path | None:
    """Return the folder of .sops.yaml if a catalog stands beside it; None for this folder."""
    place = found(root)
    return place.root if place and (place.root / "catalog/catalog.yaml").is_file() else None


def declarations(root: Path | None) -> dict[str, Declaration]:
    """Return every secret that is declared, by its name."""
    from modelbook.secrets.declared import every

    return dict(every(settings().packages, catalog(root)))


def declaration(reference: str, root: Path | None) -> Declaration:
    """Return a secret as it is declared; raise `SecretUnknownError` with the nearest."""
    from modelbook.secrets.declared import declared
    from modelbook.secrets.errors import SecretUnknownError

    try:
        return declared(reference, settings().packages, catalog(root))
    except SecretUnknownError as error:
        if error.nearest:
            error.hint += f" If not, declare it in catalog/secrets/{reference}.yaml and compile"
        raise


def secrets_of(provider: str, root: Path | None) -> list[str]:
    """Return the secrets that the ways to reach a provider name."""
    from modelbook.errors import NotFoundError
    from modelbook.names import nearest
    from modelbook.secrets.declared import opened

    book = catalog(root) or opened(settings().packages[0])
    providers = book.table("_more").PROVIDERS
    if provider not in providers:
        near = nearest(provider, providers)
        raise NotFoundError(f"there is no provider `{provider}`", id=provider, nearest=near)
    needed = [way["secret"] for way in providers[provider].get("access", ()) if "secret" in way]
    if not needed:
        refuse("not-found", f"`{provider}` needs no secret that is declared")
    return list(dict.fromkeys(needed))


def today() -> str:
    """Return the day it is, UTC, as YYYY-MM-DD."""
    from modelbook.secrets.chain import day

    return day(None)


def day(text: str, option: str) -> str:
    """Return a day that was given; end with a message for what is none, which is not repeated."""
    from modelbook.secrets.record import is_day

    if not is_day(text):
        refuse("usage", f"`{option}` is no day", "write YYYY-MM-DD")
    return text


def ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the secrets whose names begin like what was typed, for the shell."""
    return [id for id in declarations(None) if id.startswith(incomplete)]

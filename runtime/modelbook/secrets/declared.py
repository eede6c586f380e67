"""What catalogs declare: the name of a secret -> its variables and hosts."""

from __future__ import annotations

import re

from ..names import nearest
from ..record import Record
from .errors import SecretSettingsError, SecretUnknownError
from .ids import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from ..catalog import Catalog
    from ..rows import Row, Rows

PACKAGE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z", re.ASCII)


class Declaration(Record):
    """A secret as a catalog declares it: never a value."""

    id: str
    env: tuple[str, ...]
    """Environment variables that may hold it, the preferred one first."""
    allowed_hosts: tuple[str, ...]
    """The only hosts it may be sent to."""
    description: str = ""


def declared(
    reference: str, packages: tuple[str, ...], catalog: Catalog | None = None
) -> Declaration:
    """Return a secret as the catalogs declare it; a given catalog is the only one that counts.

    Raises `SecretNameError` for what is no name, `SecretUnknownError` with the nearest names where
    none declares it, `SecretSettingsError` for a package that is not there, and where two packages
    do not agree about a secret or about whose a variable is.
    """
    split(reference)
    if catalog is None and len(packages) == 1:
        catalog = opened(packages[0])
    if catalog is not None:
        row = secrets_of(catalog).get(reference)
    else:
        row = _agreed(reference, {name: secrets_of(opened(name)) for name in packages})
    if row is None:
        raise _unknown(reference, [id for id, _ in every(packages, catalog)])
    return declaration(reference, row)


def every(
    packages: tuple[str, ...], catalog: Catalog | None = None
) -> Iterator[tuple[str, Declaration]]:
    """Yield all secrets that the catalogs declare, by name, each once; the first package counts."""
    found: dict[str, Row] = {}
    for one in [catalog] if catalog is not None else map(opened, packages):
        found = {**secrets_of(one), **found}
    yield from ((id, declaration(id, found[id])) for id in sorted(found))


def secrets_of(catalog: Catalog) -> Rows:
    """Return the rows of the secrets that a catalog declares."""
    rows: Rows = getattr(catalog.table("_registry"), "SECRETS", {})
    return rows


def opened(package: str) -> Catalog:
    """Return the open catalog of a package; raise `SecretSettingsError` if there is none."""
    from importlib import import_module

    if not PACKAGE.match(package):
        raise SecretSettingsError("a name in `packages` is no name of a Python package")
    try:
        found: ModuleType | None = import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{package}.".startswith(f"{error.name}."):
            raise
        found = None
    make = getattr(found, "catalog", None)
    if make is not None:
        catalog: Catalog = make()
        return catalog
    raise SecretSettingsError(
        f"`{package}` is no installed catalog package",
        hint="install it, or say which one is meant with MODELBOOK_PACKAGE",
    )


def declaration(id: str, row: Row) -> Declaration:
    """Return a secret from its row in a generated package."""
    return Declaration.of(
        {
            "id": id,
            "env": tuple(row.get("env", ())),
            "allowed_hosts": tuple(row.get("allowed_hosts", ())),
            "description": row.get("description", ""),
        }
    )


def _agreed(reference: str, tables: dict[str, Rows]) -> Row | None:
    """Return the row that all packages which have it agree on; None where none has it.

    A variable that another package gives to another secret would hand one vendor's key to the
    other.
    """
    having = {name: rows[reference] for name, rows in tables.items() if reference in rows}
    if not having:
        return None
    first, row = next(iter(having.items()))
    for name, rows in tables.items():
        other = having.get(name, row)
        if any(other.get(field) != row.get(field) for field in ("env", "allowed_hosts")):
            raise _disagree(first, name, f"`{reference}` is not the same in both")
        names = {*row.get("env", ())}
        for id, one in rows.items():
            if id != reference and not names.isdisjoint(one.get("env", ())):
                raise _disagree(first, name, f"a variable of `{reference}` is also one of `{id}`")
    return row


def _disagree(first: str, second: str, what: str) -> SecretSettingsError:
    """Return the error of two packages that contradict each other."""
    return SecretSettingsError(
        f"`{first}` and `{second}` do not agree: {what}",
        hint="name one of them in `packages`, or MODELBOOK_PACKAGE",
    )


def _unknown(reference: str, known: list[str]) -> SecretUnknownError:
    """Return the error of a secret that no catalog declares."""
    near = nearest(reference, known)
    return SecretUnknownError(
        f"no catalog declares the secret `{reference}`",
        id=reference,
        hint=f"did you mean {' or '.join(f'`{one}`' for one in near[:2])}?"
        if near
        else f"declare it in catalog/secrets/{reference}.yaml",
        nearest=near,
    )

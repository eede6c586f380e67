"""A DuckDB catalog on disk -> a connection that can only read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .shared import F, fail, needs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "lock_configuration": True,
}
"""A query reads the catalog and nothing else: no files, no network, no other settings."""


def database_option(function: F) -> F:
    """Add `--database FILE`."""
    return click.option(
        "--database",
        type=click.Path(path_type=Path),
        default=Path("generated/catalog.duckdb"),
        show_default=True,
        help="The DuckDB catalog that `modelbook compile` wrote.",
    )(function)


AGAIN = "run `modelbook compile`: the catalog may be one of an older version"
"""What to do where a table or column is not there."""


@contextmanager
def opened(database: Path, hint: str | None = None) -> Iterator[DuckDBPyConnection]:
    """Open a catalog to read it. What DuckDB refuses ends the command with its words and a hint."""
    with needs("compiler"):
        import duckdb
    if not database.is_file():
        fail(f"there is no catalog `{database}`", "run `modelbook compile`")
    try:
        with duckdb.connect(str(database), read_only=True, config=LOCKED) as connection:
            yield connection
    except duckdb.Error as error:
        fail(str(error).strip(), hint)


def beside(package: ModuleType, read: Callable[[DuckDBPyConnection], T]) -> T | None:
    """Return what is read from the catalog beside a generated package, None where none is.

    An installed package has none; one of an older version lacks what is asked for.
    """
    file = Path(str(package.__file__)).parent.parent / "catalog.duckdb"
    try:
        import duckdb
    except ImportError:
        return None
    if not file.is_file():
        return None
    try:
        with duckdb.connect(str(file), read_only=True, config=LOCKED) as connection:
            return read(connection)
    except duckdb.Error:
        return None


def rows(connection: DuckDBPyConnection, query: str, *values: object) -> list[dict[str, Any]]:
    """Return the rows that answer a query, by the names of their columns."""
    answer = connection.execute(query, values)
    names = [one[0] for one in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

"""Registered models in a DuckDB file: whole rows as JSON text, and typed columns for SQL.

`registered` is what is read back. `providers`, `models`, `deployments` and `prices` say the same in
plain columns, for whoever asks in SQL; `meta` says which layout it is.
"""

from __future__ import annotations

import json

from ..decode import PRICE_WORDS
from ..errors import StorageError
from .facts import plain, stated
from .files import FORMAT, foreign, newer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import duckdb

    from ..rows import Row
    from .facts import Kind
    from .state import Key

KINDS: tuple[Kind, ...] = ("provider", "model", "deployment")

TABLES: Mapping[str, Sequence[tuple[str, str]]] = {
    "registered": (("kind", "VARCHAR"), ("id", "VARCHAR"), ("row", "VARCHAR")),
    "providers": (
        ("id", "VARCHAR"),
        ("name", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("runtime", "VARCHAR"),
    ),
    "models": (
        ("id", "VARCHAR"),
        ("name", "VARCHAR"),
        ("family", "VARCHAR"),
        ("released", "VARCHAR"),
        ("context", "BIGINT"),
        ("max_output", "BIGINT"),
        ("pipelines", "VARCHAR[]"),
        ("architecture", "VARCHAR"),
        ("license", "VARCHAR"),
        ("parameters", "BIGINT"),
    ),
    "deployments": (
        ("id", "VARCHAR"),
        ("provider_id", "VARCHAR"),
        ("model_id", "VARCHAR"),
        ("wire_name", "VARCHAR"),
        ("status", "VARCHAR"),
        ("retired_on", "DATE"),
        ("context", "BIGINT"),
        ("max_output", "BIGINT"),
    ),
    "prices": (
        ("deployment_id", "VARCHAR"),
        ("seq", "BIGINT"),
        ("unit", "VARCHAR"),
        ("amount", "DECIMAL(18,9)"),
        ("currency", "VARCHAR"),
        ("from", "VARCHAR"),
        ("until", "VARCHAR"),
        ("tier", "VARCHAR"),
        ("context_above", "BIGINT"),
        ("region", "VARCHAR"),
    ),
}
"""Tables with their columns. A price of nothing is 0, one that is not known NULL."""

LISTS: Mapping[str, list[str]] = {"VARCHAR[]": ["VARCHAR"]}
"""Types that JSON has another name for."""

ALONE: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""How a connection is opened: files are small, and nothing is fetched."""


def needed() -> None:
    """Raise `StorageError` where DuckDB is not installed."""
    from importlib.util import find_spec

    if find_spec("duckdb") is None:
        raise StorageError(
            "to keep registered models in a DuckDB file, install `modelbook[compiler]`; "
            'or keep them as JSON: ModelManager(path=..., storage="json")'
        )


def read(path: Path) -> dict[Key, Row]:
    """Return the rows of a file; raise `StorageError` for one that does not hold such.

    The file is opened for reading only, by a connection that can reach no other file.
    """
    import duckdb

    with duckdb.connect(":memory:", config=ALONE) as connection:
        try:
            _attach(connection, path, "READ_ONLY")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            _ours(connection, path)
            found = connection.execute("SELECT kind, id, row FROM file.registered").fetchall()
        except duckdb.Error as error:
            told = str(error).partition("\n")[0]
            raise foreign(path, f"it is no DuckDB file that can be read ({told})") from None
    try:
        return {(_kind(kind), id): plain(json.loads(row)) for kind, id, row in found}
    except (ValueError, TypeError, RecursionError) as error:
        raise foreign(path, f"a row in it is damaged ({error})") from None


def _kind(name: str) -> Kind:
    """Return a kind; raise `ValueError` for what is none."""
    return KINDS[KINDS.index(name)]


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, options: str) -> None:
    """Open a file in a connection of its own: two of one name never share what they know."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS file (TYPE duckdb, {options})")


def _ours(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise `StorageError` for a file that others made, or another version."""
    named = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'file'"
    tables = {name for (name,) in connection.execute(named).fetchall()}
    if not {"meta", "registered"} <= tables:
        raise foreign(path, "it holds other tables than those of registered models")
    formats = connection.execute("SELECT modelbook_registry FROM file.meta").fetchall()
    if formats != [(FORMAT,)]:
        raise newer(path, formats[0][0] if formats else None)


def write(path: Path, rows: Mapping[Key, Row]) -> None:
    """Write rows to a new file."""
    import duckdb

    columns = _columns(rows)
    try:
        with duckdb.connect(":memory:", config=ALONE) as connection:
            _attach(connection, path, "STORAGE_VERSION 'v1.0.0'")
            connection.execute("CREATE TABLE file.meta (modelbook_registry INTEGER)")
            connection.execute("INSERT INTO file.meta VALUES (?)", [FORMAT])
            for table, fields in TABLES.items():
                listed = ", ".join(f'"{name}" {kind}' for name, kind in fields)
                connection.execute(f"CREATE TABLE file.{table} ({listed})")
                text = json.dumps(columns[table])
                shape = json.dumps([{name: LISTS.get(kind, kind) for name, kind in fields}])
                rows_of = f"SELECT unnest(from_json(?, '{shape}'), max_depth := 2)"
                connection.execute(f"INSERT INTO file.{table} {rows_of}", [text])
            connection.execute("DETACH file")
    except duckdb.Error as error:
        raise StorageError(f"cannot write `{path}`: {error}") from None


def _columns(rows: Mapping[Key, Row]) -> dict[str, list[dict[str, Any]]]:
    """Return the records of each table, by column."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for (kind, id), row in sorted(rows.items()):
        text = json.dumps(stated(row), ensure_ascii=False)
        found["registered"].append({"kind": kind, "id": id, "row": text})
        flat = {**row, **row.get("limits", {}), **row.get("lifecycle", {}), "id": id}
        if kind == "deployment":
            provider, _, wire = id.partition(":")
            flat |= {"provider_id": provider, "model_id": row["model"]}
            flat.setdefault("wire_name", wire)
            found["prices"] += _prices(id, row)
        if "parameters" in row:
            flat["parameters"] = row["parameters"]["total"]
        table = f"{kind}s"
        found[table].append({name: flat.get(name) for name, _ in TABLES[table]})
    return found


def _prices(id: str, row: Row) -> Iterator[dict[str, Any]]:
    """Yield the prices of a deployment, each unit for itself."""
    for seq, price in enumerate(row.get("prices", ())):
        when = price.get("when", {})
        for unit in price:
            if unit not in PRICE_WORDS:
                amount = {"free": "0", "unknown": None}.get(price[unit], price[unit])
                yield {
                    "deployment_id": id,
                    "seq": seq,
                    "unit": unit,
                    "amount": amount,
                    "currency": price.get("currency", "USD"),
                    **{name: price.get(name) for name in ("from", "until")},
                    **{name: when.get(name) for name in ("tier", "context_above", "region")},
                }

"""`modelbook disputes`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .claims import COLUMNS, PRICES, Claim, cells, claims, plain
from .database import AGAIN, database_option, opened
from .shared import fail, fitted, json_option, print_json, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN = 30
"""Rows of the table where nothing else is asked for."""


@click.command("disputes")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--field", help="Of one field, or of all below it: prices.input, limits, prices.")
@click.option("--provider", help="Of the deployments at one provider.")
@click.option("--source", help="What one source says: litellm, genai-prices, …")
@click.option("--quarantined", is_flag=True, help="Only what an import did not believe at all.")
@click.option("--limit", type=click.IntRange(min=0), help=f"Show at most so many [{SHOWN}].")
@database_option
@json_option
def command(
    ids: tuple[str, ...],
    field: str | None,
    provider: str | None,
    source: str | None,
    quarantined: bool,
    limit: int | None,
    database: Path,
    as_json: bool,
) -> None:
    """List what other sources say and the book does not, what is most at stake first.

    At stake is how many USD the two prices are apart, for as much as one pays for: 1M tokens, an
    image, 1,000 searches. Prices of which one is not known come after; then all other fields, by
    the difference in percent. Read from what `modelbook compile` wrote; --json lists all.

    \b
    Examples:
      modelbook disputes                                  # the 30 that matter most
      modelbook disputes openai:gpt-4o
      modelbook disputes --field prices.input --source genai-prices
      modelbook disputes --provider amazon-bedrock --limit 100
      modelbook disputes --quarantined --json
    """
    with opened(database, AGAIN) as connection:
        found = claims(connection)
        wanted = _ids(connection, ids)
        if field is not None:
            _expect("field", field, _fields(connection))
        if provider is not None:
            _expect("provider", provider, _column(connection, "SELECT id FROM providers"))
    if source is not None:
        _expect("source", source, {name for one in found for name in _names(one)})
    kept = [
        one
        for one in found
        if (not ids or one.id in wanted)
        and (field is None or one.field == field or one.field.startswith(f"{field}."))
        and (provider is None or one.id.startswith(f"{provider}:"))
        and (source is None or source in _names(one))
        and (one.quarantine or not quarantined)
    ]
    if as_json:
        print_json([plain(one) for one in kept[:limit]])
    else:
        _table(kept, SHOWN if limit is None else limit)


def _ids(connection: DuckDBPyConnection, asked: Iterable[str]) -> set[str]:
    """Return the deployments and models that are meant by ids and aliases."""
    out: set[str] = set()
    for id in asked:
        query = (
            "SELECT id FROM deployments WHERE id = $1 UNION SELECT id FROM models WHERE id = $1"
            " UNION SELECT id FROM aliases WHERE alias = $1 AND kind IN ('deployment', 'model')"
        )
        found = _column(connection, query, id)
        if not found:
            known = "SELECT id FROM deployments UNION SELECT id FROM models"
            _expect("deployment or model", id, _column(connection, known))
        out |= found
    return out


def _column(connection: DuckDBPyConnection, query: str, *values: str) -> set[str]:
    """Return the one column that answers a query."""
    return {value for (value,) in connection.execute(query, values).fetchall()}


def _fields(connection: DuckDBPyConnection) -> set[str]:
    """Return the fields of deployments and models, and the names of those that hold fields."""
    from modelbook_compiler.schemas import authored, leaves

    units = _column(connection, "SELECT id FROM units")
    names = {name for kind in ("deployment", "model") for name in leaves(authored(kind))}
    names |= {PRICES + unit for unit in units}
    return names | {name.rpartition(".")[0] for name in names} - {""}


def _names(one: Claim) -> set[str]:
    """Return how the source of a claim may be called: with its version and without."""
    return {one.source, f"{one.source} {one.version}"} if one.version else {one.source}


def _expect(what: str, name: str, known: Iterable[str]) -> None:
    """End with exit code 2 if a name is none of the known ones."""
    from modelbook.names import hint, nearest

    if name not in known:
        fail(f"there is no {what} `{name}`{hint(nearest(name, known))}")


def _table(found: Sequence[Claim], limit: int) -> None:
    """Print claims as a table that fits the terminal, and how many there are."""
    rows = [[one.id, *cells(one)] for one in found[:limit]]
    columns = [("id", False), *COLUMNS]
    if rows:
        table(columns, fitted(columns, rows))
    click.echo(_counts(found, len(rows)))


def _counts(found: Sequence[Claim], shown: int) -> str:
    """Return how many claims there are, in words."""
    if not found:
        return "no disputes"
    words = [f"{len(found):,} dispute{'' if len(found) == 1 else 's'}"]
    for kind in ("deployment", "model"):
        count = len({one.id for one in found if one.kind == kind})
        if count:
            words.append(f"{count:,} {kind}{'' if count == 1 else 's'}")
    prices = sum(one.field.startswith(PRICES) for one in found)
    refused = sum(one.quarantine is not None for one in found)
    words += [f"{prices:,} of prices", f"{refused:,} not believed"]
    more = f"; {shown:,} shown, --limit {len(found)} shows all" if shown < len(found) else ""
    return ", ".join(words) + more

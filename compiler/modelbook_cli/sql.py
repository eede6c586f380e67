"""`modelbook sql`."""

from __future__ import annotations

from pathlib import Path

import click

from .shared import fail, json_option, needs, print_json, table

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "lock_configuration": True,
}
"""A query reads the catalog and nothing else: no files, no network, no other settings."""


@click.command("sql")
@click.argument("query")
@click.option(
    "--database",
    type=click.Path(path_type=Path),
    default=Path("generated/catalog.duckdb"),
    show_default=True,
    help="The DuckDB catalog that `modelbook compile` wrote.",
)
@json_option
def command(query: str, database: Path, as_json: bool) -> None:
    r"""Ask the DuckDB catalog. Read-only, and locked down: no files, no network.

    Tables: pipelines, architectures, models, deployments, prices, aliases, providers,
    access_methods, units, disputes, provenance, meta. Views: available, standard_prices,
    current_prices, pipeline_deployments. Macro: price_at(TIMESTAMP).

    \b
    Examples:
      modelbook sql "SHOW TABLES"
      modelbook sql "SELECT id, context FROM available WHERE vision IS NULL LIMIT 5"
      modelbook sql "FROM price_at('2025-01-01') WHERE deployment_id = 'openai:gpt-4o'" --json
    """
    with needs("compiler"):
        import duckdb
    if not database.is_file():
        fail(f"there is no catalog `{database}`", "run `modelbook compile`")
    try:
        with duckdb.connect(str(database), read_only=True, config=LOCKED) as connection:
            answer = connection.execute(query)
            names = [column[0] for column in answer.description or []]
            rows = answer.fetchall()
    except duckdb.Error as error:
        fail(str(error).strip())
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        numbers = [all(isinstance(row[n], int | float) for row in rows) for n in range(len(names))]
        shown = [["" if cell is None else str(cell) for cell in row] for row in rows]
        table(list(zip(names, numbers, strict=True)), shown)

"""`modelbook schemas`."""

from __future__ import annotations

from pathlib import Path

import click

from .shared import fail, needs


@click.command("schemas")
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder to write them to.",
)
def command(folder: Path) -> None:
    """Write the JSON schemas, so that an editor completes and checks while you type.

    \b
    Examples:
      modelbook schemas --write schemas
    """
    with needs("compiler"):
        from modelbook_compiler.files import write_file
        from modelbook_compiler.resources import schema_folder
    schemas = sorted(schema_folder().glob("*.schema.json"))
    try:
        for schema in schemas:
            write_file(folder / schema.name, schema.read_bytes())
    except OSError as error:
        fail(f"cannot write to `{folder}`: {error.strerror}")
    click.echo(f"{folder}: {len(schemas)} schemas written")

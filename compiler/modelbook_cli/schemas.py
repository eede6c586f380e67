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

    Those below `overlay/` are of files that hold operations on what a lower layer says.

    \b
    Examples:
      modelbook schemas --write schemas
    """
    with needs("compiler"):
        from modelbook_compiler.files import write_file
    schemas = schema_files()
    try:
        for path, content in schemas.items():
            write_file(folder / path, content)
    except OSError as error:
        fail(f"cannot write to `{folder}`: {error.strerror}")
    click.echo(f"{folder}: {len(schemas)} schemas written")


def schema_files() -> dict[str, bytes]:
    """Return the text of each schema by its path; those of operations are below `overlay/`."""
    with needs("compiler"):
        from modelbook_compiler.partial import partial
        from modelbook_compiler.resources import schema_folder
        from modelbook_compiler.schemas import KINDS, authored, bundled, schema_of, text
    files = {path.name: path.read_bytes() for path in sorted(schema_folder().glob("*.schema.json"))}
    for kind in KINDS[1:]:  # all but the manifest: each catalog has its own
        schema = partial(bundled(authored(kind)), kind)
        files[f"overlay/{schema_of(kind)}"] = text(schema).encode()
    return files

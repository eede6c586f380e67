"""`modelbook compile`."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import ExitStack
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .bulk import Rows, bulk_option, reading
from .check import format_option, report, run
from .shared import CLEAN, PROBLEMS, catalog_option, fail, needs

if TYPE_CHECKING:
    from modelbook_compiler.book import Book
    from modelbook_compiler.build import Checked
    from modelbook_compiler.compilation import Output

OURS = frozenset({"modelbook", "modelbook_compiler", "modelbook_cli"})
AGAIN = "no file is half-written; mend this and run `modelbook compile` again"


@click.command("compile")
@catalog_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("generated"),
    show_default=True,
    help="Folder for the generated package and catalog.duckdb.",
)
@click.option(
    "--package",
    default="modelbook_catalog",
    show_default=True,
    callback=lambda _context, _option, name: _importable(name),
    help="Import name of the generated package, such as acme_models.",
)
@click.option("--check", "check_only", is_flag=True, help="Write nothing; fail on stale output.")
@click.option("--diff", "diff_only", is_flag=True, help="Write nothing; show what would change.")
@click.option("--parquet", type=click.Path(path_type=Path), help="Also write Parquet to a folder.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Also write a JSON file."
)
@bulk_option
@format_option
def command(
    catalog: Path,
    out: Path,
    package: str,
    check_only: bool,
    diff_only: bool,
    parquet: Path | None,
    json_file: Path | None,
    bulk: tuple[Path, ...],
    shape: str,
) -> None:
    """Check the catalog, then write the generated package and the DuckDB catalog.

    Needs no key, no network and no clock: the same catalog gives the same bytes everywhere. What
    is written is whole: a compile that is killed leaves the old output or a journal that the next
    one finishes.

    \b
    Examples:
      modelbook compile
      modelbook compile --check            # in CI: is the committed output up to date?
      modelbook compile --package acme_models --out src
      modelbook compile --bulk hub.ndjson  # and models by the million, one a line
      modelbook compile --parquet build/parquet --json build/catalog.json
    """
    if bulk and json_file:
        raise click.UsageError("--json has no bulk models: use --parquet")
    if check_only and diff_only:
        raise click.UsageError("--check and --diff cannot be used together")
    if catalog.resolve() in (out.resolve(), *out.resolve().parents):
        raise click.UsageError(f"--out cannot be inside the catalog: {out}")
    checked = run(catalog)
    if not checked.sound:
        report(checked, checked.diagnostics, shape, catalog)
        raise SystemExit(PROBLEMS)
    from modelbook_compiler.compilation import Output

    output = Output(out, package, _schema_folder(catalog))
    above = None if check_only or diff_only else out
    with reading(bulk, checked, shape, catalog, above) as rows:
        book = rows.book(checked.book()) if rows else checked.book()
        if check_only:
            _compare(checked, book, output, shape, catalog)
        elif diff_only:
            _diff(book, output)
        else:
            for line in _write_all(book, output, parquet, json_file, rows):
                click.echo(line)


def _compare(checked: Checked, book: Book, output: Output, shape: str, catalog: Path) -> None:
    """Report what is not written as the book has it; end with the exit code."""
    from modelbook_compiler.compilation import drift

    found = tuple(drift(book, output))
    report(checked, checked.diagnostics, shape, catalog, found)
    raise SystemExit(PROBLEMS if found else CLEAN)


def _write_all(
    book: Book,
    output: Output,
    parquet: Path | None,
    json_file: Path | None,
    rows: Rows | None,
) -> list[str]:
    """Write all output; end with a message where that cannot be done."""
    with needs("compiler"):
        from duckdb import Error
    try:
        return _write(book, output, parquet, json_file, rows)
    except OSError as error:
        name = error.filename2 or error.filename
        place = f" `{name}`" if name else ""
        fail(f"cannot write{place}: {error.strerror}", AGAIN)
    except (Error, sqlite3.Error, RuntimeError) as error:  # the latter: a path that is not UTF-8
        fail(f"cannot write the tables: {error}", AGAIN)


def _importable(name: str) -> str:
    """Return the name of a package; refuse one that cannot be imported, or that is ours."""
    taken = iskeyword(name) or name in OURS or name in sys.stdlib_module_names
    if taken or not name.isidentifier() or not name.isascii() or name.startswith("_"):
        raise click.BadParameter(f"`{name}` cannot be the name of a generated package")
    return name


def _diff(book: Book, output: Output) -> None:
    """Print what a compile would change."""
    from modelbook_compiler.compilation import targets
    from modelbook_compiler.publish import diff

    for target in targets(book, output):
        click.echo(diff(target.plan, target.shown), nl=False)


def _write(
    book: Book,
    output: Output,
    parquet: Path | None,
    json_file: Path | None,
    rows: Rows | None = None,
) -> list[str]:
    """Write all output; return what was written, in words."""
    with needs("compiler"):
        from modelbook_compiler.emit import duckdb, json
    from modelbook_compiler.compilation import DATABASE
    from modelbook_compiler.files import alone, write_file

    further = rows.tables(book) if rows else {}
    counts = f"{len(book.models):,} models, {len(book.deployments):,} deployments"
    with ExitStack() as stack:
        for folder in sorted({folder.resolve() for folder in output.folders}):
            stack.enter_context(alone(folder))
        told = _write_folders(book, output, rows)
        duckdb.write(book, output.generated / DATABASE, further)
        told.append(f"{output.generated / DATABASE}: {counts}")
        if parquet:
            told.append(f"{parquet}: {len(duckdb.parquet(book, parquet, further))} Parquet files")
    if json_file:
        write_file(json_file, json.document(book))
        told.append(f"{json_file}: written")
    return told


def _write_folders(book: Book, output: Output, rows: Rows | None) -> list[str]:
    """Write the generated package, and the deployment schema where there are schemas."""
    from modelbook_compiler.compilation import targets
    from modelbook_compiler.publish import carry_out, recover

    told: list[str] = []
    for folder in output.folders:
        if recover(folder):
            told.append(f"{folder}: finished an interrupted compile")
    told += [rows.place(output)] if rows else []
    for target in targets(book, output):
        carry_out(target.plan)
        told.append(_told(target.shown, len(target.plan.write), len(target.plan.remove)))
    return told


def _told(shown: str, written: int, removed: int) -> str:
    """Return in words what changed in a folder."""
    if not written + removed:
        return f"{shown}: up to date"
    return f"{shown}: {written} written, {removed} removed"


def _schema_folder(catalog: Path) -> Path | None:
    """Return the folder of schemas beside a catalog, if it keeps the deployment schema."""
    folder = Path(os.path.relpath(catalog.resolve().parent / "schemas"))
    return folder if (folder / "deployment.schema.json").is_file() else None

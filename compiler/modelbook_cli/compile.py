"""`modelbook compile`."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .bulk import Rows, bulk_option, reading
from .check import format_option, report, run
from .places import Further, refuse_places, refuse_wheel
from .shared import CLEAN, PROBLEMS, catalog_option, fail, needs

if TYPE_CHECKING:
    from modelbook_compiler.book import Book
    from modelbook_compiler.build import Checked
    from modelbook_compiler.compilation import Output

OURS = frozenset({"modelbook", "modelbook_cli", "modelbook_compiler", "modelbook_importers"})
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
    callback=lambda _context, _option, name: name if name is None else importable(name),
    help="Import name of the generated package, such as acme_models.  [default: catalog.yaml's]",
)
@click.option("--check", "check_only", is_flag=True, help="Write nothing; fail on stale output.")
@click.option("--diff", "diff_only", is_flag=True, help="Write nothing; show what would change.")
@click.option("--parquet", type=click.Path(path_type=Path), help="Also write Parquet to a folder.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Also write a JSON file."
)
@click.option(
    "--wheel",
    type=click.Path(path_type=Path),
    help="Also write a wheel of the package to a folder.",
)
@click.option(
    "--wheel-version",
    metavar="VERSION",
    help="Version of the wheel, such as 2026.11.1; default 0+r and the start of the revision.",
)
@bulk_option
@format_option
def command(
    catalog: Path,
    out: Path,
    package: str | None,
    check_only: bool,
    diff_only: bool,
    parquet: Path | None,
    json_file: Path | None,
    wheel: Path | None,
    wheel_version: str | None,
    bulk: tuple[Path, ...],
    shape: str,
) -> None:
    """Check the catalog, then write the generated package and the DuckDB catalog.

    Needs no key, no network and no clock: the same catalog gives the same bytes everywhere. What
    is written is whole: a compile that is killed leaves the old output or a journal that the next
    one finishes.

    A wheel lets a team install its catalog: `pip install dist/acme_models-*.whl` brings the package
    and a modelbook that can read it. The default version names the content, and pip cannot tell
    which of two is newer; state a version that grows where people upgrade.

    \b
    Examples:
      modelbook compile
      modelbook compile --check            # in CI: is the committed output up to date?
      modelbook compile --package acme_models --out src
      modelbook compile --package acme_models --out build --wheel dist --wheel-version 2026.11.1
      modelbook compile --bulk hub.ndjson  # and models by the million, one a line
      modelbook compile --parquet build/parquet --json build/catalog.json
    """
    further = Further(parquet, json_file, wheel, wheel_version)
    if bulk and json_file:
        raise click.UsageError("--json has no bulk models: use --parquet")
    if bulk and wheel:
        reason = "the package would name a file of bulk models that the wheel does not hold"
        raise click.UsageError(f"--bulk and --wheel cannot be used together: {reason}")
    if check_only and diff_only:
        raise click.UsageError("--check and --diff cannot be used together")
    if (check_only or diff_only) and further.asked:
        option, _ = further.asked[0]
        raise click.UsageError(f"--check and --diff write nothing, so {option} cannot go with them")
    package = _package(catalog) if package is None else package
    schemas = _schema_folder(catalog)
    refuse_places(catalog, out, package, schemas, further)
    refuse_wheel(package, further)
    with needs("compiler"):
        from modelbook_compiler.compilation import Output
    output = Output(out, package, schemas)
    if check_only or diff_only:
        raise SystemExit(_compared(catalog, output, bulk, shape, diff_only=diff_only))
    if not os.path.isfile(catalog / "catalog.yaml"):  # noqa: PTH113  # never raises
        run(catalog)  # says so, before any folder is made
    with _locked(output), _book(catalog, bulk, shape, out) as (_, book, rows):
        told = _write_all(book, output, further, rows)
    for line in told:
        click.echo(line)


def _sound(catalog: Path, shape: str) -> Checked:
    """Return the outcome of a check; where the catalog is not sound, report that and end."""
    checked = run(catalog)
    if not checked.sound:
        report(checked, checked.diagnostics, shape, catalog)
        raise SystemExit(PROBLEMS)
    return checked


@contextmanager
def _book(
    catalog: Path, bulk: tuple[Path, ...], shape: str, above: Path | None
) -> Iterator[tuple[Checked, Book, Rows | None]]:
    """Check the catalog and read the rows; yield the outcome, the book of all, and the rows."""
    checked = _sound(catalog, shape)
    with reading(bulk, checked, shape, catalog, above) as rows:
        book = checked.book()
        yield checked, replace(book, bulk=rows.models) if rows else book, rows


def _compared(
    catalog: Path, output: Output, bulk: tuple[Path, ...], shape: str, *, diff_only: bool
) -> int:
    """Show what a compile would change, or report which output is stale; return the exit code."""
    from modelbook_compiler.compilation import drift

    with _book(catalog, bulk, shape, None) as (checked, book, _):
        if diff_only:
            _diff(book, output)
            return CLEAN
        found = tuple(drift(book, output))
        report(checked, checked.diagnostics, shape, catalog, found)
        return PROBLEMS if found else CLEAN


@contextmanager
def _locked(output: Output) -> Iterator[None]:
    """Keep other compiles out of all output folders.

    Taken before the catalog is read: a compile that waited for another one writes what is in the
    catalog now, not what was when it started to wait.
    """
    from modelbook_compiler.files import alone

    with ExitStack() as locks:
        with _writing():
            for folder in sorted({folder.resolve() for folder in output.folders}):
                locks.enter_context(alone(folder))
        yield


@contextmanager
def _writing() -> Iterator[None]:
    """End with a message where output cannot be written."""
    with needs("compiler"):
        from duckdb import Error
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename
        place = f" `{name}`" if name else ""
        fail(f"cannot write{place}: {error.strerror}", AGAIN)
    except (Error, sqlite3.Error, RuntimeError) as error:  # the latter: a path that is not UTF-8
        fail(f"cannot write the tables: {error}", AGAIN)


def importable(name: str) -> str:
    """Return the name of a package; refuse one that cannot be imported, or that is ours."""
    taken = iskeyword(name) or name in OURS or name in sys.stdlib_module_names
    if taken or not name.isidentifier() or not name.isascii() or name.startswith("_"):
        raise click.BadParameter(f"`{name}` cannot be the name of a generated package")
    if _installed(name):
        reason = "a library is installed here under that name"
        raise click.BadParameter(f"`{name}` cannot be the name of a generated package: {reason}")
    return name


def _installed(name: str) -> bool:
    """Tell whether something that is no generated package is imported by a name."""
    try:
        found = find_spec(name)
    except (ImportError, ValueError):  # something half imported has the name
        return True
    if found is None or not found.origin:
        return False
    return not Path(found.origin).with_name("_digests.py").is_file()


def _package(catalog: Path) -> str:
    """Return the import name that a manifest states, or that of the public book."""
    with needs("compiler"):
        from modelbook_compiler.compilation import PACKAGE
        from modelbook_compiler.layers import manifest
    stated = manifest(catalog)
    name = stated.get("package")
    if name is None and "layers" in stated:
        hint = "state `package: acme_models` in it, or give --package"
        fail(f"`{catalog / 'catalog.yaml'}` names no package, and the public book has one", hint)
    if not isinstance(name, str):
        return PACKAGE
    try:
        return importable(name)
    except click.BadParameter as error:
        fail(
            f"`{catalog / 'catalog.yaml'}`: {error.message}", "choose another, such as acme_models"
        )


def _diff(book: Book, output: Output) -> None:
    """Print what a compile would change."""
    from modelbook_compiler.compilation import targets
    from modelbook_compiler.publish import diff

    for target in targets(book, output):
        click.echo(diff(target.plan, target.shown), nl=False)


def _write_all(book: Book, output: Output, further: Further, rows: Rows | None = None) -> list[str]:
    """Write all output into folders that are locked; return what was written, in words."""
    with _writing():
        from modelbook_compiler.compilation import DATABASE
        from modelbook_compiler.emit import duckdb, json, wheel
        from modelbook_compiler.files import write_file

        more = rows.tables(book) if rows else {}
        counts = f"{len(book.models):,} models, {len(book.deployments):,} deployments"
        told = _write_folders(book, output, rows)
        duckdb.write(book, output.generated / DATABASE, more)
        told.append(f"{output.generated / DATABASE}: {counts}")
        if further.parquet:
            files = duckdb.parquet(book, further.parquet, more)
            told.append(f"{further.parquet}: {len(files)} Parquet files")
        if further.json:
            write_file(further.json, json.document(book))
            told.append(f"{further.json}: written")
        if further.wheel:
            built = wheel.wheel(book, output.package, further.wheel_version)
            write_file(further.wheel / built.path, built.content)
            told.append(f"{further.wheel / built.path}: written")
    return told


def _write_folders(book: Book, output: Output, rows: Rows | None) -> list[str]:
    """Write the generated package, and the deployment schema where there are schemas."""
    from modelbook_compiler.compilation import targets
    from modelbook_compiler.publish import carry_out, recover

    told: list[str] = []
    for folder in output.folders:
        if recover(folder, [output.package]):
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

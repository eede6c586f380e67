"""`modelbook compile --bulk`: reading, reporting and writing the rows of bulk sources."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .check import report
from .shared import PROBLEMS, F, fail, needs

if TYPE_CHECKING:
    from modelbook_compiler.book import Book, BulkModels
    from modelbook_compiler.build import Checked
    from modelbook_compiler.bulk.run import Outcome
    from modelbook_compiler.bulk.values import Source, Staged
    from modelbook_compiler.compilation import Output
    from modelbook_compiler.positions import Positions

SUFFIXES = (".ndjson", ".jsonl", ".parquet")
STEP = 50_000
"""Rows between two signs of progress."""


def bulk_option(function: F) -> F:
    """Add `--bulk FILE`."""
    return click.option(
        "--bulk",
        multiple=True,
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        callback=lambda _context, _option, paths: tuple(map(_known, paths)),
        help="Also take the models of a file of rows: .ndjson, .jsonl, .parquet; may be repeated.",
    )(function)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of all bulk sources, checked and kept in a folder for a while."""

    staged: Staged
    folder: Path

    @property
    def models(self) -> BulkModels:
        """Return what a book knows of the rows."""
        from modelbook_compiler.book import BulkModels

        return BulkModels(self.staged.digest, self.staged.count)

    def tables(self, book: Book) -> dict[str, str]:
        """Return the queries for the rows that the tables have besides those of the book."""
        from modelbook_compiler.bulk.tables import queries
        from modelbook_compiler.emit.tables import TABLES

        models = next(table for table in TABLES if table.name == "models")
        return queries(self.staged, book.name, models.columns)

    def place(self, output: Output) -> str:
        """Put the file of bulk models beside the modules that will name it; tell so in words.

        Its name changes with its content, so that it disturbs nobody who reads an older one.
        """
        from modelbook_compiler.bulk import sqlite
        from modelbook_compiler.compilation import bulk_file
        from modelbook_compiler.files import replace_file

        found, built = self.staged, self.folder / "models.sqlite"
        sqlite.write(found, built)
        package = output.generated / output.package
        package.mkdir(parents=True, exist_ok=True)
        target = package / bulk_file(self.models)
        replace_file(built, target)
        return f"{target}: {found.count:,} models of bulk sources"


@contextmanager
def reading(
    paths: tuple[Path, ...], checked: Checked, shape: str, catalog: Path, above: Path | None
) -> Iterator[Rows | None]:
    """Read and check the rows of files; yield them, None where there are no files.

    They are kept in a folder below `above` (None: where the system keeps such), which is gone
    afterwards. Ends with a report where rows have problems, with a message where it cannot work.
    """
    if not paths:
        _swept(above)
        yield None
        return
    with _scratch(above) as folder:
        outcome = _read(paths, checked, folder, catalog)
        if outcome.problems:
            _report(outcome, checked, shape, catalog)
            raise SystemExit(PROBLEMS)
        yield Rows(outcome.staged, folder)


def _swept(above: Path | None) -> None:
    """Remove from a folder what killed compiles left of their rows."""
    with needs("compiler"):
        from modelbook_compiler.bulk.scratch import sweep
    if above:
        sweep(above)


@contextmanager
def _scratch(above: Path | None) -> Iterator[Path]:
    """Yield a folder to work in, below another one or where the system keeps such."""
    with needs("compiler"):
        from modelbook_compiler.bulk.scratch import scratch
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(scratch(above or Path(tempfile.gettempdir())))
        except OSError as error:
            place = f" `{error.filename}`" if error.filename else ""
            fail(f"cannot make a folder to work in{place}: {error.strerror}", "nothing was written")
        yield folder


def _read(paths: tuple[Path, ...], checked: Checked, folder: Path, catalog: Path) -> Outcome:
    """Return what came of reading the rows."""
    from duckdb import Error
    from modelbook_compiler.bulk.pool import WorkerLostError
    from modelbook_compiler.bulk.run import read
    from modelbook_compiler.bulk.tally import Catalog
    from modelbook_compiler.recall import loaded
    from modelbook_compiler.report.relocate import base_of

    sources = _sources(paths)
    layer = checked.graph.kind("manifest")["manifest"].data["name"]
    against = Catalog(loaded(checked.graph), checked.positions, layer, base_of(catalog))
    try:
        return read(sources, against, folder, _Progress())
    except WorkerLostError:
        fail("a process that reads rows was killed", "is there enough memory? nothing was written")
    except OSError as error:
        name = f" `{error.filename}`" if error.filename else ""
        fail(f"cannot read the rows{name}: {error.strerror}", "nothing was written")
    except Error as error:
        fail(f"cannot keep the rows: {error}", "nothing was written")
    finally:
        _Progress.clear()


def _sources(paths: tuple[Path, ...]) -> list[Source]:
    """Return the files as sources, in the order they were named."""
    from modelbook_compiler.bulk.values import Source

    return [
        Source(number, path, str(path), path.suffix == ".parquet")
        for number, path in enumerate(paths)
    ]


def _report(outcome: Outcome, checked: Checked, shape: str, catalog: Path) -> None:
    """Print the problems of rows like those of files."""
    from modelbook_compiler.bulk.shown import ShownRows

    files = {one.shown: b"" for one in outcome.staged.sources}
    positions: Positions = ShownRows(checked.positions, outcome.lines)
    whole = replace(checked, sources={**checked.sources, **files}, positions=positions)
    report(whole, checked.diagnostics, shape, catalog, outcome.problems)


class _Progress:
    """Shows how many rows have been read, on a terminal only."""

    def __init__(self) -> None:
        self._next = STEP

    def __call__(self, rows: int) -> None:
        """Show a number of rows, now and then."""
        if rows >= self._next and sys.stderr.isatty():
            self._next = rows + STEP
            click.echo(f"\rread {rows:,} rows\x1b[K", err=True, nl=False)

    @staticmethod
    def clear() -> None:
        """Take away what was shown."""
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)


def _known(path: Path) -> Path:
    """Return the path of a source; refuse one whose name does not say what is in it.

    Also what is no regular file: rows with problems are read again, and a pipe would never end.
    """
    if path.suffix not in SUFFIXES:
        raise click.BadParameter(f"`{path}` does not end in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise click.BadParameter(f"`{path}` is not a regular file: write the rows to one first")
    return path

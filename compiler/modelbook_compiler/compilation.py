"""Book -> the output folders of a repository: what is written, and where it belongs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import codes, publish, schemas
from .artifacts import Artifact
from .book import Book, BulkModels
from .diagnostics import Diagnostic
from .digests import revision
from .emit import python
from .partial import partial

PACKAGE = "modelbook_catalog"
DATABASE = "catalog.duckdb"


@dataclass(frozen=True, slots=True)
class Output:
    """Where a compile writes."""

    generated: Path
    """Folder of the generated package and of the DuckDB catalog."""
    package: str = PACKAGE
    """Import name of the generated package."""
    schemas: Path | None = None
    """Folder of the schemas, where a repository keeps some."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folders that a compile writes to."""
        return (self.generated, *([self.schemas] if self.schemas else []))


@dataclass(frozen=True, slots=True)
class Target:
    """One output folder with its plan, and how messages call it."""

    shown: str
    plan: publish.Plan


def targets(book: Book, output: Output) -> tuple[Target, ...]:
    """Return what a compile would do: to the generated package, and to the deployment schema.

    The schema's price fields are those of the unit registry.
    """
    modules = python.package(book, output.package)
    kept = [f"{output.package}/{bulk_file(book.bulk)}"] if book.bulk else []
    package = publish.plan(output.generated, modules, owned=[output.package], kept=kept)
    out = [Target(output.generated.as_posix(), package)]
    if output.schemas is not None:
        written = [one for one in _schemas(book) if (output.schemas / one.path).is_file()]
        plan = publish.plan(output.schemas, written, owned=[])
        out.append(Target(output.schemas.as_posix(), plan))
    return tuple(out)


def bulk_file(bulk: BulkModels) -> str:
    """Return the name of the file of bulk models; it changes with what they say."""
    return f"_bulk_{bulk.digest[:32]}.sqlite"


def drift(book: Book, output: Output) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every committed file that is not what the book compiles to."""
    for target in targets(book, output):
        yield from publish.check(target.plan, target.shown)
    if book.bulk:
        yield from _bulk_drift(book.bulk, output)
    database = output.generated / DATABASE
    if database.exists() and not _agrees(database, book):
        message = "is not what the catalog compiles to"
        hint = "run `modelbook compile`"
        yield Diagnostic(database.as_posix(), codes.DRIFT, message, hint=hint)


def _bulk_drift(bulk: BulkModels, output: Output) -> Iterator[Diagnostic]:
    """Yield a diagnostic where the file of bulk models is not there, or is not what it should be.

    Loads `sqlite3` only when there is one.
    """
    from .bulk.sqlite import holds

    path = output.generated / output.package / bulk_file(bulk)
    if path.is_file() and holds(path, bulk):
        return
    there = os.path.lexists(path)
    message = "is damaged, or holds other models" if there else "has not been written"
    hint = "run `modelbook compile` with the same `--bulk`"
    yield Diagnostic(path.as_posix(), codes.DRIFT, message, hint=hint)


def _agrees(database: Path, book: Book) -> bool:
    """Tell whether a DuckDB catalog is that of a book; loads DuckDB only when there is one."""
    from .emit.duckdb import revision_of

    return database.is_file() and revision_of(database) == revision(book)


def _schemas(book: Book) -> Iterator[Artifact]:
    """Yield the schemas of deployments, and of operations on them, with the book's units."""
    schema = schemas.with_units(schemas.authored("deployment"), book.units)
    yield Artifact("deployment.schema.json", schemas.text(schema).encode())
    overlay = partial(schemas.bundled(schema), "deployment")
    yield Artifact("overlay/deployment.schema.json", schemas.text(overlay).encode())

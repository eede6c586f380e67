"""Book -> the output folders of a repository: what is written, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import publish, schemas
from .artifacts import Artifact
from .book import Book
from .diagnostics import Diagnostic
from .emit import python

PACKAGE = "modelbook_catalog"
DATABASE = "catalog.duckdb"


@dataclass(frozen=True, slots=True)
class Target:
    """One output folder with its plan, and how messages call it."""

    shown: str
    plan: publish.Plan


def targets(book: Book, generated: Path, schema_folder: Path | None) -> tuple[Target, ...]:
    """Return what a compile would do: to the generated package, and to the deployment schema.

    The schema's price fields are those of the unit registry. `schema_folder` is None where a
    repository keeps no schemas.
    """
    package = publish.plan(generated, python.package(book, PACKAGE), owned=[PACKAGE])
    out = [Target(generated.as_posix(), package)]
    if schema_folder is not None:
        plan = publish.plan(schema_folder, _schemas(book), owned=[])
        out.append(Target(schema_folder.as_posix(), plan))
    return tuple(out)


def drift(book: Book, generated: Path, schema_folder: Path | None) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every committed file that is not what the book compiles to."""
    for target in targets(book, generated, schema_folder):
        yield from publish.check(target.plan, target.shown)


def _schemas(book: Book) -> Iterator[Artifact]:
    """Yield the deployment schema with the book's units."""
    schema = schemas.with_units(schemas.authored()["deployment"], book.units)
    yield Artifact("deployment.schema.json", schemas.text(schema).encode())

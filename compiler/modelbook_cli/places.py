"""Where a compile may write: paths a user gave -> nothing, or a usage error that says why not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True, slots=True)
class Further:
    """What a compile writes beside the package and the database, where that is asked for."""

    parquet: Path | None = None
    """Folder of Parquet files."""
    json: Path | None = None
    """File of JSON."""

    @property
    def asked(self) -> tuple[tuple[str, Path], ...]:
        """Return the options that are given, each with its path."""
        options = {"--parquet": self.parquet, "--json": self.json}
        return tuple((option, path) for option, path in options.items() if path is not None)


def refuse_places(
    catalog: Path, out: Path, package: str, schemas: Path | None, further: Further
) -> None:
    """Raise `click.UsageError` if a compile would write among files that are not its to write."""
    inputs = {"the catalog": catalog, **({"the schemas": schemas} if schemas else {})}
    _refuse("--out", out, inputs)
    _refuse("--package", out / package, inputs)
    taken = {
        **inputs,
        "the generated package": out / package,
        "the database": out / "catalog.duckdb",
        "the journal of a compile": out / ".journal.json",
    }
    for option, path in further.asked:
        _refuse(option, path, taken)


def _refuse(option: str, path: Path, taken: dict[str, Path]) -> None:
    """Raise `click.UsageError` if a path is one of some places, or inside one."""
    from modelbook_compiler.files import SUFFIX

    whole = _real(path)
    for name, place in taken.items():
        if _real(place) in (whole, *whole.parents):
            raise click.UsageError(f"{option} cannot be at or inside {name}, `{place}`: {path}")
    if path.name.endswith(SUFFIX):
        raise click.UsageError(f"{option} cannot end in `{SUFFIX}`, as unfinished files do: {path}")


def _real(path: Path) -> Path:
    """Return a path with its links followed as far as they lead; a loop is no error here."""
    return Path(os.path.realpath(path))

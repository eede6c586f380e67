"""Where a compile may write: paths a user gave -> nothing, or a usage error that says why not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from .shared import needs


@dataclass(frozen=True, slots=True)
class Further:
    """What a compile writes beside the package and the database, where that is asked for."""

    parquet: Path | None = None
    """Folder of Parquet files."""
    json: Path | None = None
    """File of JSON."""
    wheel: Path | None = None
    """Folder of the wheel."""
    wheel_version: str | None = None
    """Version of the wheel; None for one of the catalog's revision."""

    @property
    def asked(self) -> tuple[tuple[str, Path], ...]:
        """Return the options that are given, each with its path."""
        options = {"--parquet": self.parquet, "--json": self.json, "--wheel": self.wheel}
        return tuple((option, path) for option, path in options.items() if path is not None)


def refuse_places(
    catalog: Path, out: Path, package: str, schemas: Path | None, further: Further
) -> None:
    """Raise `click.UsageError` if a compile would write among files that are not its to write."""
    with needs("compiler"):
        from modelbook_compiler.compilation import DATABASE
        from modelbook_compiler.publish import JOURNAL
    inputs = {"the catalog": catalog, **({"the schemas": schemas} if schemas else {})}
    _refuse("--out", out, inputs)
    _refuse("--package", out / package, inputs)
    taken = {
        **inputs,
        "the generated package": out / package,
        "the database": out / DATABASE,
        "the journal of a compile": out / JOURNAL,
    }
    for option, path in further.asked:
        _refuse(option, path, taken)


def refuse_wheel(package: str, further: Further) -> None:
    """Raise `click.UsageError` if no wheel can be made of a package under its name and version."""
    if further.wheel is None:
        if further.wheel_version is not None:
            raise click.UsageError("--wheel-version goes with --wheel DIR")
        return
    with needs("compiler"):
        from modelbook_compiler.emit.wheel import project
        from packaging.utils import InvalidName
        from packaging.version import InvalidVersion, Version
    try:
        name, _ = project(package), Version(further.wheel_version or "0")
    except InvalidName:
        raise click.UsageError(
            f"`{package}` cannot be the name of a wheel: choose --package"
        ) from None
    except InvalidVersion:
        message = f"--wheel-version: `{further.wheel_version}` is no version, such as 2026.11.1"
        raise click.UsageError(message) from None
    if name in ("modelbook", "modelbook-catalog"):
        reason = f"`{package}` comes with modelbook itself, and two wheels cannot hold it"
        raise click.UsageError(f"{reason}: name yours with --package, such as acme_models")


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

"""Path of a release -> its files as text: an installed package, a wheel, or a feed in one file.

Nothing is imported, unpacked or fetched. Every fault is a `CannotImportError` that names the file.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from ..wheels import CannotImportError, Wheel, decoded
from .claims import Json

MAX_FEED = 64 * 1024 * 1024
"""Larger feeds are refused, in bytes."""

MAX_DATA = 16 * 1024 * 1024
"""Larger files of a package are refused, in bytes; the largest real one has 3.2 MB."""

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package or a wheel: its version and the files that were asked for."""

    version: str
    files: tuple[tuple[str, bytes], ...]
    """Path inside the package's parent folder, and bytes; sorted."""

    def text(self, name: str) -> str:
        """Return the text of one of the files."""
        return decoded(dict(self.files)[name], f"`{name}`")


def package(path: Path, project: str, pattern: str) -> Package:
    """Return the files of a package whose paths a regular expression matches whole.

    `path` is a wheel, the package's own folder, or the folder it is installed in. Raises
    `CannotImportError` if there is no such package, or no such file in it.
    """
    found = _installed(path, project, pattern) if path.is_dir() else _wheel(path, project, pattern)
    if not found.files:
        raise CannotImportError(
            f"`{path}` has no file like `{pattern}`", f"is the layout of {project} a new one?"
        )
    return found


def _wheel(path: Path, project: str, pattern: str) -> Package:
    """Return the files of a wheel."""
    with closing(Wheel(path, project.replace("_", "-"))) as wheel:
        files = tuple((name, wheel.raw(name, MAX_DATA)) for name in wheel.names(pattern))
        return Package(wheel.version, files)


def _installed(path: Path, project: str, pattern: str) -> Package:
    """Return the files of a package as it is installed."""
    places = [one for one in (path, path.parent) if (one / project).is_dir()]
    above = next((one for one in places if any(one.glob(f"{project}-*.dist-info"))), path)
    known = sorted(above.glob(f"{project}-*.dist-info"))
    if not known:
        raise CannotImportError(
            f"`{path}` holds no installed package `{project}`",
            f"name the folder that holds `{project}/` and its `.dist-info`, or a wheel",
        )
    matches = re.compile(pattern).fullmatch
    inside = (one for one in (above / project).rglob("*") if one.is_file())
    names = sorted(one.relative_to(above).as_posix() for one in inside)
    version = known[-1].name.removesuffix(".dist-info").rpartition("-")[2]
    return Package(version, tuple((n, _bytes(above / n, MAX_DATA)) for n in names if matches(n)))


def feed(path: Path) -> bytes:
    """Return the bytes of a file that is a feed."""
    return _bytes(path, MAX_FEED)


def _bytes(path: Path, most: int) -> bytes:
    """Return the bytes of a file."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise CannotImportError(f"`{path}` cannot be read: {error.strerror}") from None
    if len(raw) > most:
        raise CannotImportError(f"`{path}` has more than {most:,} bytes")
    return raw


def unzipped(raw: bytes, name: str) -> bytes:
    """Return what a gzip file holds, up to a bound."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(raw)) as file:
            text = file.read(MAX_FEED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CannotImportError(f"`{name}` is no gzip file: {error}") from None
    if len(text) > MAX_FEED:
        raise CannotImportError(f"`{name}` has more than {MAX_FEED:,} bytes unpacked")
    return text


def day_in(name: str) -> str | None:
    """Return the day that stands in a file's name, None if there is none."""
    found = DAY.findall(name)
    return found[-1] if found else None


def json_of(raw: bytes, name: str) -> Json:
    """Return JSON with numbers exact as written. Raises `CannotImportError`.

    A key that stands twice is an error: readers disagree on which counts, and one is a slip.
    """
    text = decoded(raw.removeprefix(b"\xef\xbb\xbf"), f"`{name}`")
    try:
        return json.loads(
            text,
            parse_float=_exact,
            parse_constant=_no_number,
            object_pairs_hook=_once(name),
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise CannotImportError(
            f"`{name}` is no JSON: {error.msg}, {where}", "is the file whole?"
        ) from None
    except RecursionError:
        raise CannotImportError(f"`{name}` is nested too deeply") from None
    except ValueError as error:
        raise CannotImportError(f"`{name}` is no JSON: {error}") from None


def _exact(text: str) -> Decimal:
    """Return a number as it is written."""
    if len(text) > 60:
        raise ValueError(f"a number of {len(text):,} characters")
    return Decimal(text)


def _no_number(text: str) -> Any:
    """Refuse what JSON has no word for."""
    raise ValueError(f"`{text}` is no number")


def _once(name: str) -> Callable[[list[tuple[str, Json]]], dict[str, Json]]:
    """Return what makes a mapping of pairs and finds keys that stand twice."""

    def build(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise CannotImportError(
                f"`{name}` has the key `{twice[:80]}` twice in one mapping",
                "nobody can tell which one counts: take another release, or mend the file",
            )
        return found

    return build


def mappings(value: Json, name: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the entries of a mapping of mappings; raises `CannotImportError` if it is none."""
    if not isinstance(value, dict):
        raise CannotImportError(f"`{name}` holds no mapping", "is it the file that was meant?")
    yield from value.items()

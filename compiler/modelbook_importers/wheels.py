"""Path of a wheel -> its name, version and the text of single files. Nothing is unpacked or run."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from packaging.version import InvalidVersion, Version

MAX_MEMBER = 4 * 1024 * 1024
"""Larger source files are refused, in bytes after unpacking; the largest real one has 0.4 MB."""

MAX_MEMBERS = 100_000
NAME = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[0-9][A-Za-z0-9_.!+]*)-.+\.whl")


class CannotImportError(Exception):
    """An import cannot go on; `hint` says what to do. Nothing has been written."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def version_of(text: str) -> Version:
    """Return a version that can be compared; the name of a release, `x 1.0`, will do."""
    try:
        return Version(text.rpartition(" ")[2])
    except InvalidVersion:
        raise CannotImportError(f"`{text}` is no version of a Python package") from None


class Wheel:
    """A wheel, open for reading. Raises `CannotImportError` for what is no wheel of `project`."""

    def __init__(self, path: Path, project: str) -> None:
        named = NAME.fullmatch(path.name)
        if not named or named["name"].replace("_", "-").lower() != project:
            raise CannotImportError(
                f"`{path.name}` is no wheel of {project}",
                f"name a file such as {project.replace('-', '_')}-1.0.0-py3-none-any.whl",
            )
        self.path, self.version = path, named["version"]
        version_of(self.version)
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise CannotImportError(
                f"there is no file `{path}`", f"pip download --no-deps {project}"
            ) from None
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise CannotImportError(f"`{path}` cannot be read as a zip file: {error}") from None
        if len(self._zip.namelist()) > MAX_MEMBERS:
            raise CannotImportError(f"`{path}` holds more than {MAX_MEMBERS:,} files")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def names(self, pattern: str) -> Iterator[str]:
        """Yield the paths inside the wheel that a regular expression matches whole, sorted."""
        matches = re.compile(pattern).fullmatch
        yield from sorted({name for name in self._zip.namelist() if matches(name)})

    def find(self, name: str) -> str | None:
        """Return the text of a file inside the wheel, None if it is not there."""
        return self.text(name) if name in self._zip.NameToInfo else None

    def text(self, name: str) -> str:
        """Return the text of a file inside the wheel."""
        return decoded(self.raw(name), f"`{name}` in `{self.path.name}`")

    def raw(self, name: str, most: int = MAX_MEMBER) -> bytes:
        """Return the bytes of a file inside the wheel, which has `most` of them."""
        try:
            with self._zip.open(name) as file:  # the header may lie about the size: read to a bound
                raw = file.read(most + 1)
        except KeyError:
            raise CannotImportError(
                f"`{self.path.name}` has no file `{name}`", "is its layout a new one?"
            ) from None
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError) as bad:
            raise CannotImportError(
                f"`{name}` in `{self.path.name}` cannot be unpacked: {bad}"
            ) from None
        if len(raw) > most:
            raise CannotImportError(f"`{name}` in `{self.path.name}` has more than {most:,} bytes")
        return raw


def decoded(raw: bytes, name: str) -> str:
    """Return the text of a file; `name` is how a message calls it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise CannotImportError(f"{name} is not UTF-8 text") from None

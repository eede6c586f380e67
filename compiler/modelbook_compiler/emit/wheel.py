"""Book -> a wheel of the generated package, for pip and its kin; the same bytes everywhere.

A wheel is a zip of the package and three files about it. Nothing is compressed: what zlib makes of
the same text differs from one build of it to the next.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator

import modelbook
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..artifacts import Artifact
from ..book import Book
from ..digests import revision
from . import python

REQUIRES_PYTHON = ">=3.11"
"""What the runtime asks for, too."""
TAG = "py3-none-any"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold; there is no clock here."""
FILE = 0o100644
"""A regular file that everybody may read, whatever the umask."""


def wheel(book: Book, package: str, version: str | None = None) -> Artifact:
    """Return the wheel of a book as a package; its path is the file name that installers expect.

    Without a version it is `0+r` and the start of the revision: different facts, different version.
    Raises `packaging.version.InvalidVersion` or `packaging.utils.InvalidName`.
    """
    stated = str(Version(version or f"0+r{revision(book)[:12]}"))
    stem = f"{project(package).replace('-', '_')}-{stated}"
    info = f"{stem}.dist-info"
    about = f"Wheel-Version: 1.0\nGenerator: modelbook {modelbook.__version__}\n"
    files = [
        *sorted(python.package(book, package)),
        Artifact(f"{info}/METADATA", _metadata(book, package, stated).encode()),
        Artifact(f"{info}/WHEEL", f"{about}Root-Is-Purelib: true\nTag: {TAG}\n".encode()),
    ]
    record = f"{info}/RECORD"
    lines = [*map(_recorded, files), f"{record},,\n"]
    files.append(Artifact(record, "".join(lines).encode()))
    return Artifact(f"{stem}-{TAG}.whl", _zipped(files))


def project(package: str) -> str:
    """Return the name that pip knows a package by; raise `packaging.utils.InvalidName`."""
    return canonicalize_name(package, validate=True)


def runtimes() -> str:
    """Return the versions of modelbook that can read what this one writes.

    `FORMAT` changes with a new minor version before 1.0, and with a new major version after it.
    """
    major, minor = Version(modelbook.__version__).release[:2]
    end = f"{major + 1}" if major else f"0.{minor + 1}"
    return f">={modelbook.__version__},<{end}"


def _metadata(book: Book, package: str, version: str) -> str:
    """Return the METADATA file: the facts of the manifest, and what the package needs."""
    headers = {
        "Metadata-Version": "2.4",
        "Name": project(package),
        "Version": version,
        "Summary": _one_line(book.title),
        "License-Expression": _license(book.license),
        "Requires-Python": REQUIRES_PYTHON,
        "Requires-Dist": f"modelbook{runtimes()}",
    }
    stated = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
    counts = f"{len(book.models)} models, {len(book.deployments)} deployments"
    return f"{stated}\nCatalog `{book.name}`, revision {revision(book)}: {counts}.\n"


def _one_line(text: str) -> str:
    """Return a text that cannot end a header line: white space is one space, no control characters.

    Whatever `str.splitlines` takes for the end of a line is white space to `str.split`.
    """
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:512]


def _license(stated: str | None) -> str | None:
    """Return the SPDX expression of a licence; None for one that SPDX does not know."""
    try:
        return canonicalize_license_expression(stated) if stated else None
    except InvalidLicenseExpression:
        return None


def _recorded(file: Artifact) -> str:
    """Return the line of RECORD for a file."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(file.content).digest()).rstrip(b"=")
    return f"{file.path},sha256={digest.decode()},{len(file.content)}\n"


def _zipped(files: Iterable[Artifact]) -> bytes:
    """Return files as a zip, in order."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in _entries(files):
            archive.writestr(entry, content)
    return whole.getvalue()


def _entries(files: Iterable[Artifact]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Yield the zip entry of each file, the same on every system."""
    for file in files:
        entry = zipfile.ZipInfo(file.path, FIRST_DAY)
        entry.create_system, entry.external_attr = 3, FILE << 16
        yield entry, file.content

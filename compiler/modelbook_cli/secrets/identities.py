"""age identities of this user, where sops looks for them -> their public keys; and a new one."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

from modelbook.secrets.errors import SopsKeyError

SECRET = "AGE-SECRET-KEY-1"  # noqa: S105  # how one begins
MOST = 65_536
"""Bytes of a file of identities; one is 75 long."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one place says of the identities in it."""

    place: str
    """The variable, or the path of the file."""
    recipients: tuple[str, ...] = ()
    """The public keys of what can be used."""
    wrong: str | None = None
    """Why it cannot be used, or should not be as it is; None if it is as it must be."""


def keys_file() -> Path:
    """Return the file in which sops looks for identities where nothing else is said."""
    config = os.environ.get("XDG_CONFIG_HOME")
    if config:
        return Path(config, "sops/age/keys.txt")
    home = Path.home()
    below = "Library/Application Support" if sys.platform == "darwin" else ".config"
    return home / below / "sops/age/keys.txt"


def found() -> tuple[Found, ...]:
    """Return what every place in which sops looks says; a place that is not there is left out."""
    from modelbook.secrets.masking import shown

    places: list[Found] = []
    if text := os.environ.get("SOPS_AGE_KEY"):
        places.append(_read("SOPS_AGE_KEY", text))
    if named := os.environ.get("SOPS_AGE_KEY_FILE"):
        places.append(_file(Path(named), f"SOPS_AGE_KEY_FILE={shown(named)}"))
    own = keys_file()
    if os.path.lexists(own):
        places.append(_file(own, str(own)))
    return tuple(places)


def recipients() -> tuple[str, ...]:
    """Return the public key of every identity that can be used, each once."""
    return tuple(dict.fromkeys(key for one in found() for key in one.recipients))


def make(path: Path) -> str:
    """Write a new identity, readable by its user alone; return its public key.

    Never over a file that is there: raise `FileExistsError`.
    """
    from modelbook.durable import sync_folder

    identity = _age().x25519.Identity.generate()
    public = str(identity.to_public())
    day = datetime.now(UTC).isoformat(timespec="seconds")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    prepared = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _write(prepared, f"# created: {day}\n# public key: {public}\n{identity}\n")
        os.link(prepared, path)  # whole, and refused where another one is there by now
    finally:
        prepared.unlink(missing_ok=True)
    sync_folder(path.parent)
    return public


def valid_recipient(text: str) -> str:
    """Return a public key of age or SSH; raise `SopsKeyError` for anything else, not repeated."""
    age = _age()
    if text.upper().startswith("AGE-SECRET-KEY-"):
        message = "this is an identity, the secret half; it may be in your shell's history now"
        raise SopsKeyError(message, hint="give the public key, age1…; make a new identity")
    kind = age.ssh if text.startswith("ssh-") else age.x25519
    try:
        kind.Recipient.from_str(text)
    except age.RecipientError:
        hint = "it begins with age1; `modelbook secrets doctor` shows yours"
        raise SopsKeyError("this is no public key of age", hint=hint) from None
    return text


def _age() -> ModuleType:
    """Return the library of age, which says nothing of its types and not every command needs."""
    return import_module("pyrage")


def _write(path: Path, text: str) -> None:
    """Write a file that only its user may read."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123  # a descriptor
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _file(path: Path, place: str) -> Found:
    """Return what a file of identities says."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                return Found(place, wrong="it is not a regular file")
            text = file.read(MOST).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return Found(place, wrong=getattr(error, "strerror", None) or "it is no path")
    one = _read(place, text)
    if one.wrong is None and about.st_mode & 0o077:
        mode = stat.S_IMODE(about.st_mode)
        return Found(place, one.recipients, f"others may read it: its mode is {mode:04o}, not 0600")
    return one


def _read(place: str, text: str) -> Found:
    """Return what a text of identities says; nothing of it is repeated."""
    age = _age()
    lines = [line.strip() for line in text.splitlines()]
    stated = [line for line in lines if line and not line.startswith("#")]
    public: list[str] = []
    for line in stated:
        try:
            public.append(str(age.x25519.Identity.from_str(line).to_public()))
        except age.IdentityError:
            continue
    if not stated:
        return Found(place, wrong="it holds no identity")
    if len(public) < len(stated):
        kind = "is malformed" if any(one.startswith(SECRET) for one in stated) else "is of a kind"
        words = f"an identity in it {kind}" + ("" if kind[3:] == "malformed" else " unknown here")
        return Found(place, tuple(public), words)
    return Found(place, tuple(public))

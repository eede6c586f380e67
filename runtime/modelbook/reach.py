"""Which providers are out of reach from here, and what they lack; no model is ever called.

A provider is within reach by one of its access methods. An API or an SDK that needs a secret: one
of its environment variables is set and not blank, or another source of the user's chain has it
(`modelbook.secrets`; nothing is decrypted to see that). One that needs none: something listens at
its address, if that is on this machine or the provider is self-hosted; an address of somebody else
is taken to answer. An SDK without an address, and a package: it can be imported. A command: it is
on the PATH.
"""

from __future__ import annotations

import os

from .record import FrozenDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .catalog import Catalog
    from .requirements import Requirements
    from .rows import Row

PATIENCE = 0.2
"""Seconds that a connection to a machine of yours may take."""

LOCAL = ("localhost", "127.0.0.1", "::1")


class Here:
    """What reach asks of this machine. Tests give another one."""

    def variable(self, name: str) -> str:
        """Return an environment variable; empty where it is not set."""
        return os.environ.get(name, "")

    def secret(self, id: str, row: Row) -> str | None:
        """Return why a secret of which no variable is set cannot be used; `""`: it is nowhere."""
        nearby = self.__dict__.get("nearby")
        if nearby is None:
            from .secrets.nearby import Nearby

            nearby = self.__dict__["nearby"] = Nearby()
        lacks: str | None = nearby.lacks(id, row)
        return lacks

    def command(self, name: str) -> bool:
        """Tell whether a command is on the PATH."""
        from shutil import which

        return which(name) is not None

    def package(self, name: str) -> bool:
        """Tell whether a Python package can be imported, without importing it."""
        from importlib.util import find_spec

        try:
            return find_spec(name.replace("-", "_")) is not None
        except (ImportError, ValueError):
            return False

    def listens(self, host: str, port: int) -> bool:
        """Tell whether something listens at an address of yours."""
        from socket import create_connection

        try:
            with create_connection((host, port), timeout=PATIENCE):
                return True
        except (OSError, ValueError):  # a host that is no name is one of the latter
            return False


def missing(
    catalog: Catalog, needs: Requirements, here: Here | None = None
) -> FrozenDict[str, str]:
    """Return the providers out of reach with what they lack, in words: names, never values."""
    providers: Mapping[str, Row] = catalog.table("_more").PROVIDERS
    asked = needs.providers if needs.providers is not None else providers
    secrets: Mapping[str, Row] = catalog.table("_registry").SECRETS
    here, found = here or Here(), {}
    for id in asked:
        row = providers.get(id, {})
        if needs.include_self_hosted if row.get("own") else needs.include_api:
            lacks = lacking(row, secrets, here)
            if lacks is not None:
                found[id] = lacks
    return FrozenDict(found)


def lacking(provider: Row, secrets: Mapping[str, Row], here: Here) -> str | None:
    """Return what a provider lacks to be within reach, in words; None if it lacks nothing."""
    told: list[str] = []
    for way in provider.get("access", ()):
        lacks = WAYS[way["method"]](way, secrets, here, bool(provider.get("own")))
        if lacks is None:
            return None
        told.append(lacks)
    return "; ".join(dict.fromkeys(told)) or "is not known to be reached in any way"


def _api(way: Row, secrets: Mapping[str, Row], here: Here, own: bool) -> str | None:
    """Return what an API or an SDK lacks; `own` says that it runs on machines of yours."""
    if "secret" in way:
        row = secrets.get(way["secret"], {})
        names = row.get("env", ())
        if any(here.variable(name).strip() for name in names):
            return None
        wrong = here.secret(way["secret"], row)
        if wrong is None:
            return None
        if wrong:
            return f"needs the secret {way['secret']}, which cannot be used: {wrong}"
        if not names:
            return f"needs the secret {way['secret']}, of which no variable is known"
        return f"needs {' or '.join(names)}, which {'is' if len(names) == 1 else 'are'} not set"
    if "base_url" in way:
        return _server(way["base_url"], here, own)
    package = way["method"] == "sdk" and "package" in way
    return _in_process(way, secrets, here, own) if package else "has no known address"


def _server(url: str, here: Here, own: bool) -> str | None:
    """Return what a server lacks that needs no secret; one of somebody else is not tried."""
    host, port = _address(url)
    if not host or port is None:
        return "has no usable address"
    if not own and host not in LOCAL:
        return None
    return None if here.listens(host, port) else f"nothing listens at {host}:{port}"


def _cli(way: Row, _: Mapping[str, Row], here: Here, _own: bool) -> str | None:
    """Return what a command lacks."""
    return None if here.command(way["command"]) else f"the command {way['command']} is not there"


def _in_process(way: Row, _: Mapping[str, Row], here: Here, _own: bool) -> str | None:
    """Return what a package lacks."""
    return None if here.package(way["package"]) else f"the package {way['package']} is not there"


WAYS: dict[str, Callable[[Row, Mapping[str, Row], Here, bool], str | None]] = {
    "api": _api,
    "sdk": _api,
    "cli": _cli,
    "in-process": _in_process,
}
"""Access method to what tells what it lacks."""


def _address(url: str) -> tuple[str, int | None]:
    """Return host and port of an address; no host, or no port, where it can have none."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", None
    usual = 443 if parts.scheme == "https" else 80
    return parts.hostname or "", usual if port is None else port or None

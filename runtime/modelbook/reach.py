"""Which providers are out of reach from here, and what they lack; no model is ever called.

A provider is within reach by one of its access methods: an API or an SDK if one of the environment
variables of its secret is set and not empty, or, where it needs none on this machine, something
listens at its address; a command if it is on the PATH; a package if it can be imported.
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
"""Seconds that a connection to this machine may take."""

LOCAL = ("localhost", "127.0.0.1", "::1")


class Here:
    """What reach asks of this machine. Tests give another one."""

    def variable(self, name: str) -> str:
        """Return an environment variable; empty where it is not set."""
        return os.environ.get(name, "")

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
        """Tell whether something listens at an address of this machine."""
        from socket import create_connection

        try:
            with create_connection((host, port), timeout=PATIENCE):
                return True
        except OSError:
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
        lacks = WAYS[way["method"]](way, secrets, here)
        if lacks is None:
            return None
        told.append(lacks)
    return "; ".join(dict.fromkeys(told)) or "is not known to be reached in any way"


def _api(way: Row, secrets: Mapping[str, Row], here: Here) -> str | None:
    """Return what an API or an SDK lacks."""
    if "secret" in way:
        names = secrets.get(way["secret"], {}).get("env", ())
        if any(here.variable(name) for name in names):
            return None
        if not names:
            return f"needs the secret {way['secret']}, of which no variable is known"
        return f"needs {' or '.join(names)}, which {'is' if len(names) == 1 else 'are'} not set"
    if "base_url" not in way:
        return "has no known address" if way["method"] == "api" else None
    host, port = _address(way["base_url"])
    if host not in LOCAL:
        return None
    return None if here.listens(host, port) else f"nothing listens at {host}:{port}"


def _cli(way: Row, _: Mapping[str, Row], here: Here) -> str | None:
    """Return what a command lacks."""
    return None if here.command(way["command"]) else f"the command {way['command']} is not there"


def _in_process(way: Row, _: Mapping[str, Row], here: Here) -> str | None:
    """Return what a package lacks."""
    return None if here.package(way["package"]) else f"the package {way['package']} is not there"


WAYS: dict[str, Callable[[Row, Mapping[str, Row], Here], str | None]] = {
    "api": _api,
    "sdk": _api,
    "cli": _cli,
    "in-process": _in_process,
}
"""Access method to what tells what it lacks."""


def _address(url: str) -> tuple[str, int]:
    """Return host and port of an address."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)

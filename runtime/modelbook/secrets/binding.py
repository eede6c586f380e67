"""Where a key may be sent: a URL and the hosts allowed -> what is wrong with that, if anything."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .errors import SecretHostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from urllib.parse import SplitResult

ANY = ("*",)
"""The hosts of a `Secret` that an application makes by hand, and answers for: no limit.

Nothing that `get` returns has them: a value given as `get(…, value=)` keeps the declared hosts.
"""

PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]+)?\Z", re.ASCII)
"""Host and port of a URL, and nothing that one client reads as a host and another does not."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""This machine: the only place a key may go to without encryption on the way."""


def refusal(url: str, allowed: tuple[str, ...]) -> str | None:
    """Return why a key must not be sent to a URL, in words without the URL; None if it may."""
    parts = _parts(url)
    if parts is None:
        return "the URL has no usable host"
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        return "the URL is not https"
    if parts.username is not None or parts.password is not None:
        return "the URL has a user or a password in it"
    if allowed == ANY or host in allowed:
        return None
    return f"its host is not one of {', '.join(allowed)}"


def narrowed(id: str, declared: tuple[str, ...], sealed: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the hosts that both the catalog and the sealed record allow.

    Raises `SecretHostError` for a record that names a host the catalog does not: it may allow less,
    never more.
    """
    if sealed is None:
        return declared
    if further := [host for host in sealed if host not in declared]:
        raise SecretHostError(
            f"the record of `{id}` allows {further[0]}, which the catalog does not",
            id=id,
            hint=f"allow it in catalog/secrets/{id}.yaml too, or take it out of the record",
        )
    return tuple(host for host in declared if host in sealed)


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL; None for what every client may read in its own way."""
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if PLACE.match(parts.netloc.rpartition("@")[2]) else None

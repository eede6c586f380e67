"""Where a key may be sent: a URL and the hosts allowed -> what is wrong with that, if anything."""

from __future__ import annotations

import re

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

INTERNAL = (".local", ".internal")
"""How names end that only a network of yours knows; so does every name without a dot."""


def refusal(url: str, allowed: tuple[str, ...]) -> str | None:
    """Return why a key must not be sent to a URL, in words without the URL; None if it may."""
    parts = _parts(url)
    if parts is None:
        return "the URL has no usable host"
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _at_home(host)):
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
    if further := wider(declared, sealed):
        raise SecretHostError(
            f"the record of `{id}` allows {further[0]}, which the catalog does not",
            id=id,
            hint=f"allow it in catalog/secrets/{id}.yaml too, or take it out of the record",
        )
    return tuple(host for host in declared if host in sealed)


def wider(declared: tuple[str, ...], sealed: tuple[str, ...]) -> list[str]:
    """Return the hosts that a sealed record allows and the catalog does not."""
    return [host for host in sealed if host not in declared]


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL; None for what every client may read in its own way."""
    from urllib.parse import urlsplit  # which takes longer than all the rest here

    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if PLACE.match(parts.netloc.rpartition("@")[2]) else None


def _at_home(host: str) -> bool:
    """Tell whether a host is this machine or of a private network, where servers speak http.

    The same hosts as in `own_url` of the catalog's schemas; each must be allowed by name as well.
    """
    from ipaddress import ip_address

    try:
        address = ip_address(host)
        return address.is_private and not address.is_link_local
    except ValueError:
        return "." not in host or host.endswith(INTERNAL)

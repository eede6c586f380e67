"""The table of providers and the secrets that people keep -> which key may go to which address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from .claims import Json

Facts = Mapping[str, Json]
"""What the table says of one provider."""

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})
"""What stands before a country in names that many owners share: `.com.cn`, `.co.uk`."""


@dataclass(frozen=True)
class Access:
    """How the providers that sell models are reached."""

    selling: Mapping[str, Facts]
    """The table's providers but for its tools, by id."""
    kept: Mapping[str, Facts] = field(default_factory=dict)
    """The secrets that people keep, by id: no importer has written them."""

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """Return the secret that people keep, by the environment variables that it claims."""
        return {name: id for id, data in self.kept.items() for name in data["env"]}

    def secret_of(self, slug: str) -> str | None:
        """Return the secret that a call of a provider needs, None if none is known.

        A variable belongs to the secret of the catalog that claims it, whatever the table calls it.
        """
        facts = self.selling[slug]
        if "secret" not in facts or not host_of(facts["base_url"]):
            return None
        owned = (self.owners[one] for one in credential(facts) if one in self.owners)
        named: str = facts["secret"]
        return named if named in self.kept else next(owned, named)

    def allowed(self, slug: str, secret: str) -> bool:
        """Tell whether a secret may be sent to a provider."""
        host = host_of(self.selling[slug]["base_url"])
        return secret not in self.kept or host in self.kept[secret]["allowed_hosts"]

    def sharing(self, secret: str) -> list[str]:
        """Return the providers that take a secret, its vendor first."""
        vendor = secret.partition("/")[0]
        taking = (slug for slug in self.selling if self.secret_of(slug) == secret)
        return sorted(taking, key=lambda slug: (slug != vendor, slug))

    def way(self, slug: str) -> dict[str, str] | None:
        """Return an entry of `access` for a provider, None if nobody knows how it is reached."""
        facts = self.selling[slug]
        if "base_url" not in facts or "protocol" not in facts or "{" in facts["base_url"]:
            return None
        way = {"method": "api", "protocol": facts["protocol"], "base_url": facts["base_url"]}
        secret = self.secret_of(slug)
        return {**way, "secret": secret} if secret and self.allowed(slug, secret) else way


def access(table: Mapping[str, Facts], declared: Mapping[str, Facts]) -> Access:
    """Return how a table's providers are reached, given the secrets that a catalog declares."""
    return Access(
        {slug: facts for slug, facts in table.items() if facts["kind"] != "tool"},
        {id: data for id, data in sorted(declared.items()) if "imported" not in data},
    )


def credential(facts: Facts) -> Sequence[str]:
    """Return the environment variables that hold a provider's credential."""
    listed: Sequence[str] = facts.get("credential", facts.get("env", ()))
    return listed


def host_of(url: str) -> str:
    """Return the host of an https address; anything else has none that a key may go to."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme == "https" and HOST.fullmatch(host) else ""


def owner_of(host: str) -> str:
    """Return the part of a host that somebody owns: `example.com` of `api.example.com`."""
    labels = host.split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    return ".".join(labels[-3 if shared else -2 :])

"""Rules about providers and credentials, and about files that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..references import references
from ..values import Entry, Graph
from .base import Finding, catalog_rule, rule


@rule(
    "MB326",
    "a provider that nothing says how to reach",
    "provider",
    bad="kind: api",
    good='access: [{method: api, protocol: openai, base_url: "https://api.example.com/v1"}]',
)
def no_access(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A provider is in the book so that its models can be called. Without an access method a
    selected deployment leads nowhere.
    """
    if "access" not in entry.data:
        yield Finding("no way to reach it is stated", (), "add `access: […]`")


@catalog_rule(
    "MB327",
    "a base URL that another provider has too",
    bad="two providers with the base URL https://api.example.com/v1",
    good="one provider, or two different URLs",
)
def shared_base_url(graph: Graph) -> Iterator[tuple[Entry, Finding]]:
    """A key is sent to its provider's address, and a call is priced by its provider. Two providers
    at one address are one provider, or one of the addresses was copied. An address on this machine
    may serve any of them.
    """
    taken: dict[str, Entry] = {}
    for entry in graph.kind("provider").values():
        for position, way in enumerate(entry.data.get("access", ())):
            url = _plain(way.get("base_url", ""))
            if url.startswith("https://") and taken.setdefault(url, entry) is not entry:
                message = f"`{taken[url].id}` has the same base URL"
                pointer = ("access", position, "base_url")
                yield entry, Finding(message, pointer, "mend one of the two")


@rule(
    "MB328",
    "a base URL to which its secret must not be sent",
    "provider",
    bad='access: [{…, base_url: "https://evil.example/v1", secret: openai/api_key}]',
    good='access: [{…, base_url: "https://api.openai.com/v1", secret: openai/api_key}]',
)
def host_not_allowed(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The best attack on a catalog is one changed line that sends a key elsewhere. A secret names
    the only hosts it may go to; a new host is added there, where its owner sees it.
    """
    for position, way in enumerate(entry.data.get("access", ())):
        secret = graph.kind("secret").get(way.get("secret", ""))
        if secret is None or "base_url" not in way:
            continue
        host = _host(way["base_url"])
        if host not in secret.data["allowed_hosts"]:
            message = f"`{secret.id}` may not be sent to `{host}`"
            hint = f"allow the host in catalog/secrets/{secret.id}.yaml, if that is meant"
            yield Finding(message, ("access", position, "base_url"), hint)


@catalog_rule(
    "MB330",
    "a file that nothing refers to",
    bad="a model without any deployment",
    good="a deployment for every model, a provider for every secret",
)
def unused(graph: Graph) -> Iterator[tuple[Entry, Finding]]:
    """A model without a deployment cannot be selected, and a secret without a provider cannot be
    used: the other half is missing, or the file is a leftover.
    """
    for kind, referring in (("model", "deployment"), ("secret", "provider")):
        used = {
            reference.target
            for entry in graph.kind(referring).values()
            for reference in references(entry)
            if reference.target_kind == kind
        }
        broken = any(other == referring for other, _ in graph.broken)
        for id, entry in graph.kind(kind).items():
            if id not in used and not broken:
                hint = f"add the {referring}, or delete the file"
                yield entry, Finding(f"no {referring} refers to it", (), hint)


@catalog_rule(
    "MB332",
    "an environment variable that two secrets claim",
    bad="env: [OPENAI_API_KEY]  # in catalog/secrets/openai/ and catalog/secrets/acme/",
    good="env: [ACME_API_KEY]",
)
def shared_variable(graph: Graph) -> Iterator[tuple[Entry, Finding]]:
    """A variable holds one credential. Claimed by two secrets, the key of one vendor would be sent
    to the other.
    """
    taken: dict[str, Entry] = {}
    for entry in graph.kind("secret").values():
        for position, name in enumerate(entry.data["env"]):
            if taken.setdefault(name, entry) is not entry:
                message = f"`{taken[name].id}` claims `{name}` too"
                yield entry, Finding(message, ("env", position), "name another variable")


def _plain(url: str) -> str:
    """Return a URL as its server sees it: no slash at the end, the host in lower case."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.lower().removesuffix(':443')}{slash}{path}".rstrip("/")


def _host(url: str) -> str:
    """Return the host of a URL; what is no URL has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

"""Rules about providers, and about files that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..references import references
from ..values import Entry, Graph
from .base import Finding, rule


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


@rule(
    "MB327",
    "a base URL that another provider has too",
    "provider",
    bad="two providers with the base URL https://api.example.com/v1",
    good="one provider, or two different URLs",
)
def shared_base_url(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A key is sent to its provider's address, and a call is priced by its provider. Two providers
    at one address are one provider, or one of the addresses was copied. An address on this machine
    may serve any of them.
    """
    taken = {
        way["base_url"].rstrip("/"): id
        for id, other in graph.kind("provider").items()
        if id < entry.id
        for way in other.data.get("access", ())
        if "base_url" in way
    }
    for position, way in enumerate(entry.data.get("access", ())):
        url = way.get("base_url", "").rstrip("/")
        if url in taken and url.startswith("https://"):
            message = f"`{taken[url]}` has the same base URL"
            yield Finding(message, ("access", position, "base_url"), "mend one of the two")


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
        host = urlsplit(way["base_url"]).hostname
        if host not in secret.data["allowed_hosts"]:
            message = f"`{secret.id}` may not be sent to `{host}`"
            hint = f"allow the host in catalog/secrets/{secret.id}.yaml, if that is meant"
            yield Finding(message, ("access", position, "base_url"), hint)


@rule(
    "MB330",
    "a file that nothing refers to",
    "model",
    "secret",
    bad="a model without any deployment",
    good="a deployment for every model, a provider for every secret",
)
def unused(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A model without a deployment cannot be selected, and a secret without a provider cannot be
    used: the other half is missing, or the file is a leftover.
    """
    if entry.id not in _used(graph, entry.kind):
        other = {"model": "deployment", "secret": "provider"}[entry.kind]
        yield Finding(f"no {other} refers to it", (), f"add the {other}, or delete the file")


@rule(
    "MB332",
    "an environment variable that two secrets claim",
    "secret",
    bad="env: [OPENAI_API_KEY]  # in catalog/secrets/openai/ and catalog/secrets/acme/",
    good="env: [ACME_API_KEY]",
)
def shared_variable(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A variable holds one credential. Claimed by two secrets, the key of one vendor would be sent
    to the other.
    """
    for id, other in graph.kind("secret").items():
        if id >= entry.id:
            break
        for position, name in enumerate(entry.data["env"]):
            if name in other.data["env"]:
                yield Finding(f"`{id}` claims `{name}` too", ("env", position), "rename one")


def _used(graph: Graph, kind: str) -> frozenset[str]:
    """Return the ids of a kind that some entry refers to."""
    referring = {"model": "deployment", "secret": "provider"}[kind]
    return frozenset(
        reference.target
        for entry in graph.kind(referring).values()
        for reference in references(entry)
        if reference.target_kind == kind
    )

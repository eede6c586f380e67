"""Rules about providers and credentials, and about files that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from ..groups import Member
from ..references import references
from ..values import Entry, Graph, Json, Pointer
from .base import Finding, group_rule, rule

REFERRING = {"model": ("deployment",), "secret": ("provider", "secret")}
"""Kinds that are there to be referred to, and the kinds that do, the usual one first: a secret may
make and revoke the keys of another."""


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


def _addresses(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the base URLs of a provider that lead out of this machine, each with its place."""
    for position, way in enumerate(entry.data.get("access", ())):
        url = _plain(way.get("base_url", ""))
        if url.startswith("https://"):
            yield url, position


@group_rule(
    "MB327",
    "a base URL that another provider has too",
    "provider",
    keys=_addresses,
    bad="two providers with the base URL https://api.example.com/v1",
    good="one provider, or two different URLs",
)
def shared_base_url(members: Sequence[Member], _graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """A key is sent to its provider's address, and a call is priced by its provider. Two providers
    at one address are one provider, or one of the addresses was copied. An address on this machine
    may serve any of them.
    """
    for other in _of_others(members):
        message = f"`{members[0].id}` has the same base URL"
        yield other, Finding(message, ("access", other.value, "base_url"), "mend one of the two")


@rule(
    "MB328",
    "a base URL to which its secret must not be sent",
    "provider",
    "secret",
    bad='access: [{…, base_url: "https://evil.example/v1", secret: openai/api_key}]',
    good='access: [{…, base_url: "https://api.openai.com/v1", secret: openai/api_key}]',
)
def host_not_allowed(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The best attack on a catalog is one changed line that sends a key elsewhere. A secret names
    the only hosts it may go to; a new host is added there, where its owner sees it.
    """
    for pointer, way in _ways(entry):
        secret = graph.kind("secret").get(way.get("secret", ""))
        if secret is None or "base_url" not in way:
            continue
        host = _host(way["base_url"])
        if host not in secret.data["allowed_hosts"]:
            message = f"`{secret.id}` may not be sent to `{host}`"
            hint = f"allow the host in catalog/secrets/{secret.id}.yaml, if that is meant"
            yield Finding(message, (*pointer, "base_url"), hint)


def _ways(entry: Entry) -> Iterator[tuple[Pointer, Mapping[str, Json]]]:
    """Yield what names a base URL and the secret that is sent there, each with its place."""
    for position, way in enumerate(entry.data.get("access", ())):
        yield ("access", position), way
    if "rotation" in entry.data:
        yield ("rotation",), entry.data["rotation"]


@rule(
    "MB347",
    "a base URL that no call can reach",
    "provider",
    bad='base_url: "http://localhost:99999/v1"',
    good='base_url: "http://localhost:8000/v1"',
)
def no_port(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """An address has a host, and a port from 1 to 65535 where one is named. Every client refuses
    another one, in its own way and only when it is called.
    """
    for position, way in enumerate(entry.data.get("access", ())):
        wrong = _wrong(way["base_url"]) if "base_url" in way else None
        if wrong is not None:
            yield Finding(
                wrong, ("access", position, "base_url"), "write the address it answers at"
            )


def _wrong(url: str) -> str | None:
    """Return what is wrong with the host or the port of a URL, None if nothing is."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        return f"not an address: {str(error)[:1].lower()}{str(error)[1:]}"
    if not host:
        return "an address without a host"
    return "no server answers at port 0" if port == 0 else None


def _used(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield a model or secret, and the models and secrets that an entry uses."""
    if entry.kind in REFERRING:
        yield f"{entry.kind} {entry.id}", True
    for reference in references(entry):
        if entry.kind in REFERRING.get(reference.target_kind, ()):
            yield f"{reference.target_kind} {reference.target}", False


@group_rule(
    "MB330",
    "a file that nothing refers to",
    "model",
    "secret",
    "deployment",
    "provider",
    keys=_used,
    bad="a model without any deployment",
    good="a deployment for every model, a provider for every secret",
)
def unused(members: Sequence[Member], graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """A model without a deployment cannot be selected, and a secret without a provider cannot be
    used: the other half is missing, or the file is a leftover.
    """
    if all(one.value for one in members):
        referring = REFERRING[members[0].kind][0]
        if not any(kind == referring for kind, _ in graph.broken):
            hint = f"add the {referring}, or delete the file"
            yield members[0], Finding(f"no {referring} refers to it", (), hint)


def _variables(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the environment variables that a secret claims, each with its place."""
    for position, name in enumerate(entry.data["env"]):
        yield name, position


@group_rule(
    "MB332",
    "an environment variable that two secrets claim",
    "secret",
    keys=_variables,
    bad="env: [OPENAI_API_KEY]  # in catalog/secrets/openai/ and catalog/secrets/acme/",
    good="env: [ACME_API_KEY]",
)
def shared_variable(members: Sequence[Member], graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """A variable holds one credential. Claimed by two secrets, the key of one vendor would be sent
    to the other.
    """
    for other in _of_others(members):
        name = other.entry(graph).data["env"][other.value]
        message = f"`{members[0].id}` claims `{name}` too"
        yield other, Finding(message, ("env", other.value), "name another variable")


def _of_others(members: Sequence[Member]) -> Iterator[Member]:
    """Yield the members that are not of the first one's entry."""
    return (one for one in members if one.id != members[0].id)


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

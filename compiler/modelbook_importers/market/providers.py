"""The table of providers and what the sources say of them -> files of providers and secrets.

The reviewed table decides; where a source says something else, that is a `Disagreement` for the
reviewer. A key goes nowhere that its owner has not allowed: the hosts of a secret are those of the
table's providers, and a secret that people keep has the hosts that they gave it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .access import Access, Facts, access, credential, host_of, owner_of
from .claims import Json, Place, ProviderRow, Reading
from .identity import Tables
from .planned import Planned

PAGE = re.compile(r"https://[^\s\"<>\\{}]+")

SHOWN = 200
"""Longer texts of a source are cut, in characters."""

WORDS = {"api_key": "API key"}
"""What a secret's name is called in its description, where that is not the name itself."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that the table says of a provider, and somebody says otherwise."""

    provider: str
    field: str
    """`base_url` or `env`; `allowed_hosts` where a secret that people keep does not allow it."""
    ours: str
    """Empty where the table says nothing."""
    theirs: str
    """As written there, cut to a length that prints."""
    said_by: str
    """The source's label, or the secret's id."""
    place: Place | None = None


def planned_providers(
    known: Tables,
    readings: Sequence[Reading],
    checked: str,
    declared: Mapping[str, Facts],
) -> list[Planned]:
    """Return the files of all providers that sell models and that a source names, and of secrets.

    `checked` is the day of the import, UTC. `declared` are the secrets that the catalog has, by id:
    one that people keep is referred to and not planned. A secret is planned if a provider needs it.
    """
    ways = access(known.providers, declared)
    named = _named(ways, readings)
    providers = [
        Planned(
            "provider",
            slug,
            _provider(slug, ways, named) | {"sources": _sources(by, checked)},
            _labels(by),
        )
        for slug, by in sorted(named.items())
    ]
    return providers + list(_secrets(ways, named, checked))


def disagreements(
    known: Tables, readings: Iterable[Reading], declared: Mapping[str, Facts]
) -> list[Disagreement]:
    """Return where sources, and secrets that people keep, do not agree with the table."""
    ways = access(known.providers, declared)
    found = [
        one
        for reading in readings
        for row in reading.providers
        if (slug := known.slugs.get((reading.source.id, row.raw), "")) in ways.selling
        for one in _compared(slug, ways.selling[slug], row, reading.source.label)
    ]
    for slug, facts in sorted(ways.selling.items()):
        secret = ways.secret_of(slug)
        if secret and not ways.allowed(slug, secret):
            hosts = ", ".join(ways.kept[secret]["allowed_hosts"])
            host = host_of(facts["base_url"])
            found.append(Disagreement(slug, "allowed_hosts", hosts, host, secret))
    return found


def _named(ways: Access, readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    """Return the providers that some readings name, with those readings."""
    words = [
        (one, {row.raw for row in one.providers} | {row.raw.provider for row in one.rows})
        for one in readings
    ]
    said = {
        slug: [one for one, names in words if not names.isdisjoint(facts.get(one.source.id, ()))]
        for slug, facts in ways.selling.items()
    }
    return {slug: by for slug, by in said.items() if by}


def _provider(slug: str, ways: Access, named: Mapping[str, Sequence[Reading]]) -> dict[str, Json]:
    """Return a provider's file but for its sources."""
    facts = ways.selling[slug]
    way = ways.way(slug)
    fields = {
        "name": facts.get("name", slug),
        "kind": facts["kind"],
        "runtime": facts.get("runtime"),
        "website": _website(facts, named[slug]),
        "access": [way] if way else None,
        "exceptions": list(_exceptions(facts, ways, named, reachable=bool(way))),
    }
    return {name: value for name, value in fields.items() if value}


def _exceptions(
    facts: Facts, ways: Access, named: Collection[str], *, reachable: bool
) -> Iterator[dict[str, str]]:
    """Yield the rules that a provider may break, as the table says why."""
    if "no_access" in facts and not reachable:
        yield {"rule": "MB326", "reason": facts["no_access"]}
    other = facts.get("address_of", "")
    if reachable and other in named and ways.selling[other].get("base_url") == facts["base_url"]:
        yield {"rule": "MB327", "reason": f"Another product of `{other}`, at the same address"}


def _secrets(
    ways: Access, named: Mapping[str, Sequence[Reading]], checked: str
) -> Iterator[Planned]:
    """Yield the declarations of the secrets that planned providers refer to."""
    used = {(ways.way(slug) or {}).get("secret") for slug in named}
    for id in sorted(one for one in used if one and one not in ways.kept):
        sharing = ways.sharing(id)
        rows = [ways.selling[slug] for slug in sharing]
        by = [one for slug in sharing for one in named.get(slug, ())]
        data = {
            "description": _description(id, sharing, ways),
            "env": list(dict.fromkeys(name for facts in rows for name in credential(facts))),
            "allowed_hosts": sorted({host_of(facts["base_url"]) for facts in rows}),
            "sources": _sources(by, checked),
        }
        yield Planned("secret", id, data, _labels(by))


def _description(id: str, sharing: Sequence[str], ways: Access) -> str:
    """Return what a secret opens, in words: `Zhipu AI API key`."""
    vendor, _, name = id.partition("/")
    owners = [vendor] if vendor in ways.selling else sharing
    whose = " and ".join(ways.selling[slug].get("name", slug) for slug in owners)
    return f"{whose} {WORDS.get(name, name.replace('_', ' '))}"


def _labels(by: Iterable[Reading]) -> tuple[str, ...]:
    """Return the labels of some readings, each once."""
    return tuple(sorted({one.source.label for one in by}))


def _sources(by: Iterable[Reading], checked: str) -> list[dict[str, str]]:
    """Return the `sources` of a file that some readings have a say in."""
    sources = {one.source.label: one.source for one in by}
    return [
        {"url": one.url, "checked": one.dated or checked, "note": label}
        for label, one in sorted(sources.items())
    ]


def _website(facts: Facts, by: Iterable[Reading]) -> str | None:
    """Return the shortest page that a source names on the provider's own host."""
    base = facts.get("base_url", "")
    own = owner_of(host_of(base))
    pages = {
        re.split(r"[?#]", row.page, maxsplit=1)[0]
        for one in by
        for row in one.providers
        if own and row.page and row.raw in facts.get(one.source.id, ())
    }
    fitting = (one for one in pages if _is_page(one, base) and owner_of(host_of(one)) == own)
    return min(fitting, key=lambda page: (len(page), page), default=None)


def _is_page(url: str, base: str) -> bool:
    """Tell whether a link may be shown, and leads to a page and not into the API."""
    return PAGE.fullmatch(url) is not None and not url.startswith(base)


def _compared(slug: str, facts: Facts, row: ProviderRow, label: str) -> Iterator[Disagreement]:
    """Yield what a source says of a provider otherwise than the table."""
    ours, theirs = facts.get("base_url", ""), row.base_url or ""
    protocol = facts.get("protocol", "")
    if theirs and "{" not in theirs and _plain(ours, protocol) != _plain(theirs, protocol):
        yield Disagreement(slug, "base_url", ours, theirs[:SHOWN], label, row.place)
    env = facts.get("env", ())
    if not set(row.env) <= set(env):
        listed = ", ".join(row.env)[:SHOWN]
        yield Disagreement(slug, "env", ", ".join(env), listed, label, row.place)


def _plain(url: str, protocol: str) -> str:
    """Return a base URL as it is compared.

    Some write `/v1` behind addresses of the Anthropic protocol, whose paths begin with it.
    """
    whole = url.rstrip("/")
    return whole.removesuffix("/v1") if protocol == "anthropic" else whole

"""Deployments -> models.dev's `api.json`: providers, their models, prices for a million tokens.

What is not known is not there, and a price of 0 is free of charge. The tables are those of our own
reader, turned round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from modelbook.catalog import Catalog
from modelbook.records import Conditions, Deployment, Provider
from modelbook_importers.market import models_dev as reader

from .shapes import Export, served
from .standing import Prices, Standing, prices_at
from .text import Json

WORDS = {"text": "text", "image": "image", "audio": "audio", "video": "video", "document": "pdf"}
STATUS = {"preview": "beta", "deprecated": "deprecated", "retired": "deprecated"}
BODY = {ours: theirs for theirs, ours in reader.MODES.items()}
ASYNCHRONOUS = frozenset({"batch"})
"""Tiers that no field of a request asks for: they have an API of their own."""


def export(
    deployments: Iterable[Deployment], words: Mapping[str, str], at: str, catalog: Catalog
) -> Export:
    """Return models.dev's providers as of a UTC instant; `words` are its ids of ours."""
    out = Export({})
    for one in deployments:
        word = words.get(one.provider, one.provider)
        if word not in out.data:
            out.data[word] = _provider(word, catalog.get_provider(one.provider), catalog)
        out.data[word]["models"][one.wire_name] = _row(one, at, out)
    out.data = dict(sorted(out.data.items()))
    return out


def _provider(word: str, one: Provider, catalog: Catalog) -> dict[str, Json]:
    """Return a provider without its models."""
    secrets = catalog.table("_registry").SECRETS
    ways = [way for way in one.access if way.method == "api"]
    named = dict.fromkeys(way.secret for way in ways if way.secret)
    env = [name for id in named for name in secrets[id]["env"]]
    known: dict[str, Json] = {
        "id": word,
        "name": one.name,
        "env": env or None,
        "api": ways[0].base_url if ways else None,
        "doc": one.website,
        "models": {},
    }
    return _known(known)


def _row(one: Deployment, at: str, out: Export) -> dict[str, Json]:
    """Return one model of a provider, and count in `out` what it cannot say."""
    prices = prices_at(one, at)
    out.left.update(prices.left)
    out.left.update(["region"] * len(prices.factors))
    out.left.update(["hours of the day"] * len(prices.hours))
    out.left.update(word for row in prices.rows if (word := _unsaid(row)))
    read = one.modalities.input
    row = {
        "id": one.wire_name,
        "name": one.model_name,
        "family": one.family,
        "attachment": None if read is None else bool({*read} - {"text"}),
        **{name: served(one, field) for name, field in reader.FLAGS.items()},
        "knowledge": one.knowledge_cutoff,
        "release_date": one.released,
        "modalities": _modalities(one),
        "open_weights": one.open_weights,
        "limit": _known({name: served(one, field) for name, field in reader.LIMITS.items()}),
        "cost": _cost(prices),
        "experimental": _modes(prices),
        "status": STATUS.get(one.lifecycle.status),
    }
    return {name: value for name, value in _known(row).items() if value != {}}


def _known(row: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is known."""
    return {name: value for name, value in row.items() if value is not None}


def _modalities(one: Deployment) -> dict[str, list[str]]:
    """Return what is read and written, in words that models.dev has."""
    found: dict[str, list[str]] = {}
    for direction in ("input", "output"):
        said = [WORDS[word] for word in getattr(one.modalities, direction) or () if word in WORDS]
        if said:
            found[direction] = said
    return found


def _cost(prices: Prices) -> dict[str, Json]:
    """Return the standard prices, and those of long prompts."""
    cost: dict[str, Json] = _keys(prices.at(Conditions()))
    above = {
        row.when.context_above for row in prices.rows if row.stated.keys() == {"context_above"}
    }
    tiers = [
        {
            **_keys(prices.at(Conditions(context_above=size))),
            "tier": {"type": "context", "size": size},
        }
        for size in sorted(size for size in above if size)
    ]
    known = [one for one in tiers if len(one) > 1]
    return {**cost, "tiers": known} if known else cost


def _modes(prices: Prices) -> dict[str, Json]:
    """Return the prices of what a field of the request asks for."""
    modes: dict[str, Json] = {}
    for when in dict.fromkeys(row.when for row in prices.rows):
        asked = _asked(when)
        cost = _keys(prices.at(when))
        if asked and cost:
            name, word = asked
            modes[word] = {"cost": cost, "provider": {"body": {BODY[name]: word}}}
    return {"modes": modes} if modes else {}


def _asked(when: Conditions) -> tuple[str, str] | None:
    """Return the one condition that a field of the request asks for, and its word."""
    stated = [(name, value) for name, value in vars(when).items() if value is not None]
    if len(stated) != 1 or stated[0][0] not in BODY or stated[0][1] in ASYNCHRONOUS:
        return None
    return stated[0]


def _keys(amounts: Mapping[str, Decimal]) -> dict[str, Json]:
    """Return amounts under models.dev's names; units that it has no name for are left out."""
    return {name: amounts[unit] for name, unit in reader.UNITS.items() if unit in amounts}


def _unsaid(row: Standing) -> str | None:
    """Return in one word why a price has no place, None if it has one."""
    if row.unit not in reader.UNITS.values():
        return row.unit
    if not row.stated or row.stated.keys() == {"context_above"} or _asked(row.when):
        return None
    return " and ".join(row.stated)

"""Deployments -> the configuration of a litellm proxy: `model_list` and `router_settings`.

A key is written as the name of its environment variable, never as a value. What litellm has no
word for is reached as an API like OpenAI's or Anthropic's at its address. A price is written where
litellm would not find the same in its own map, as far as that map is given; it stands in
`model_info`, since of `litellm_params` litellm sends on to the provider what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from modelbook.catalog import Catalog
from modelbook.records import Access, Deployment

from .litellm import export as price_map
from .litellm_keys import ROUTES, key_of
from .shapes import Export, name_of
from .text import Json

PRICE = re.compile("cost|pricing|uplift")
"""Fields of litellm's map that are prices."""
UNTOLD = frozenset({"litellm_provider", "source", "deprecation_date"})
"""Fields of it that a configuration has no use for."""
KEYLESS = "hosted_vllm"
"""How litellm calls a server like OpenAI's without a key; as `openai` it would send OpenAI's."""


@dataclass(frozen=True, slots=True)
class Book:
    """What an export looks up."""

    catalog: Catalog
    words: Mapping[str, str]
    """Our provider to the word that litellm routes by."""
    addresses: Mapping[str, str]
    """Our provider to the address that litellm has for it."""
    known: Mapping[str, Any]
    """litellm's own map of models, empty where it is not given."""


@dataclass(frozen=True, slots=True)
class Named:
    """A policy: the name that clients ask for, and what is tried where all that meets it fails."""

    name: str
    fallback: tuple[Deployment, ...]


def export(
    deployments: Iterable[Deployment],
    book: Book,
    at: str,
    by: str,
    routing: str | None,
    policy: Named | None = None,
) -> Export:
    """Return a configuration; `by` is `model` or `deployment`, whose ids clients ask for.

    With several deployments of a model, or of a policy, litellm chooses by its `routing` strategy.
    """
    out = Export({})
    named = [(policy.name if policy else name_of(one, by), one) for one in deployments]
    last = [(one.id, one) for one in policy.fallback] if policy else []
    rows = [row for name, one in [*named, *last] if (row := _row(one, name, book, at, out))]
    settings: dict[str, Json] = {"routing_strategy": routing} if routing else {}
    reached = {row["model_name"] for row in rows}
    further = [name for name, _ in last if name in reached]
    if policy and further:
        settings["fallbacks"] = [{policy.name: further}]
    out.data = {"model_list": rows}
    if settings:
        out.data["router_settings"] = settings
    return out


def _row(one: Deployment, name: str, book: Book, at: str, out: Export) -> Json:
    """Return one entry of the list; None, counted in `out`, where litellm cannot reach it."""
    reached = _reached(one, book)
    if reached is None:
        out.unreachable[one.provider] += 1
        return None
    word = book.words.get(one.provider, one.provider)
    known = price_map([one], book.words, at)
    out.left.update(known.left)
    row = known.data.pop(key_of(one, word), {})
    out.left.update(["a region, size or quality with an entry of its own"] * len(known.data))
    prices = {name: value for name, value in row.items() if PRICE.search(name)}
    facts = {name: value for name, value in row.items() if name not in prices.keys() | UNTOLD}
    own = book.known.get(key_of(one, word)) or book.known.get(f"{word}/{one.wire_name}") or {}
    return {
        "model_name": name,
        "litellm_params": reached,
        "model_info": {"id": one.id, **({} if _holds(own, prices) else prices), **facts},
    }


def _reached(one: Deployment, book: Book) -> dict[str, Json] | None:
    """Return how litellm calls a deployment: model, address, variable of the key."""
    provider = book.catalog.get_provider(one.provider)
    way = next((way for way in provider.access if way.method == "api"), None)
    word = book.words.get(one.provider)
    at_home = provider.kind == "self-hosted"
    if word is None:
        word = _like(way)
    elif way is not None and not at_home and way.base_url == book.addresses.get(one.provider):
        way = Access(method="api", secret=way.secret)  # litellm has the address
    if word is None:
        return None
    found: dict[str, Json] = {"model": f"{ROUTES.get(word, word)}/{one.wire_name}"}
    if way is not None and way.base_url is not None:
        found["api_base"] = way.base_url
    if way is not None and way.secret is not None:
        env = book.catalog.table("_registry").SECRETS[way.secret]["env"]
        found["api_key"] = f"os.environ/{env[0]}"
    return found


def _like(way: Access | None) -> str | None:
    """Return litellm's word for an API that is like a well-known one, None if it is not."""
    if way is None or way.base_url is None or way.protocol not in ("openai", "anthropic"):
        return None
    if way.secret is None:
        return KEYLESS if way.protocol == "openai" else None
    return way.protocol


def _holds(own: Mapping[str, Any], prices: Mapping[str, Json]) -> bool:
    """Tell whether litellm's own entry has all the prices."""
    return bool(prices) and all(_same(own.get(name), value) for name, value in prices.items())


def _same(theirs: object, ours: Json) -> bool:
    """Tell whether two prices are equal; what is no plain number is not."""
    return isinstance(theirs, int | Decimal) and isinstance(ours, Decimal) and theirs == ours

"""A deployment -> the keys that litellm has for it: one of its own, and one for each condition that
litellm writes into a key: a region, the size and the quality of a picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from modelbook.records import STANDARD, Conditions, Deployment

from .standing import Prices, Standing

BARE = frozenset({"openai", "anthropic", "bedrock", "ai21", "cohere", "nlp_cloud", "jina_ai"})
"""Providers whose models litellm lists without a word before them."""

ROUTES = {"amazon_nova": "amazon-nova"}
"""Providers that it routes by another word than it calls them."""

REGIONS = {
    "azure": re.compile(r"us-gov|us|eu|apac"),
    "bedrock": re.compile(r"(?:ap|ca|eu|me|sa|us|us-gov)-[a-z]{4,9}-\d"),
    "bedrock_mantle": re.compile(r"(?:ap|ca|eu|me|sa|us|us-gov)-[a-z]{4,9}-\d"),
}
"""Providers whose regions stand in keys, and which do."""

QUALITIES = frozenset({"low", "medium", "high", "hd", "auto", "xhigh", "max"})
PIXELS = re.compile(r"\d{2,4}x\d{2,4}")


@dataclass(frozen=True, slots=True)
class Split:
    """The prices of a deployment, by the entry of litellm's map that states them."""

    plain: Prices
    under: Mapping[Conditions, Prices]
    """Those under a region, a size, a quality, with what holds there as everywhere else."""


def key_of(one: Deployment, word: str) -> str:
    """Return how litellm spells a deployment; `word` is what it calls the provider."""
    return _prefix(word) + one.wire_name


def key_under(one: Deployment, word: str, when: Conditions) -> str | None:
    """Return how litellm spells a deployment under a condition, None if it has no way to."""
    if when.region is not None:
        known = word in REGIONS and REGIONS[word].fullmatch(when.region)
        alone = when == Conditions(region=when.region)
        return f"{word}/{when.region}/{one.wire_name}" if known and alone else None
    quality, size = when.quality or "", when.size or ""
    if (quality and quality not in QUALITIES) or (size and not PIXELS.fullmatch(size)):
        return None
    parts = [quality, size.replace("x", "-x-"), one.wire_name]
    return _prefix(word) + "/".join(filter(None, parts))


def _prefix(word: str) -> str:
    """Return what stands before the name of a model."""
    return "" if word in BARE else f"{ROUTES.get(word, word)}/"


def split(prices: Prices, has_field: Callable[[Standing], bool]) -> Split:
    """Return prices by the entry that states them; `has_field` tells whether a field's name says
    all the conditions of a price.
    """
    apart = [row for row in prices.rows if group(row.when) != STANDARD and not has_field(row)]
    plain = tuple(row for row in prices.rows if row not in apart)
    general = {(row.unit, row.when): row for row in plain if group(row.when) == STANDARD}
    under: dict[Conditions, dict[tuple[str, Conditions], Standing]] = {}
    for row in apart:
        rest = without_group(row.when)
        under.setdefault(group(row.when), {**general})[row.unit, rest] = replace(row, when=rest)
    for factor in prices.factors:
        if factor.when not in under and factor.by != 1:
            under[factor.when] = {key: factor.scaled(row) for key, row in general.items()}
    return Split(
        replace(prices, rows=plain, factors=()),
        {when: Prices(tuple(rows.values())) for when, rows in under.items()},
    )


def group(when: Conditions) -> Conditions:
    """Return the part of conditions that a key can say."""
    stated = {name: getattr(when, name) for name in ("region", "size", "quality")}
    return Conditions(**{name: value for name, value in stated.items() if value is not None})


def without_group(when: Conditions) -> Conditions:
    """Return the part of conditions that only the name of a field can say."""
    rest = {name: getattr(when, name) for name in ("tier", "context_above", "speed", "window")}
    return Conditions(**{name: value for name, value in rest.items() if value is not None})

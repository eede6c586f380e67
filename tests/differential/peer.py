"""genai-prices as the book sees it: which of its models a deployment is, its rates and its totals.

Its units, tiers and dates are translated to ours. Nothing is changed on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from genai_prices.data import providers
from genai_prices.data_units import unit_data
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
)

NAME = "genai-prices"
"""What the names of its versions start with, as disputes name them."""

NAMES = {"aws": "amazon-bedrock", "x-ai": "xai"}
"""Its providers that we name otherwise."""

PROVIDERS: Mapping[str, Provider] = {NAMES.get(one.id, one.id): one for one in providers}
"""Its providers by our ids."""

UNITS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
    "cache_audio_read_mtok": "cache_read_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
    "cache_image_read_mtok": "cache_read_image",
    "input_video_mtok": "input_video",
    "output_video_mtok": "output_video",
    "cache_video_read_mtok": "cache_read_video",
    "input_mchars": "input_characters",
    "audio_hours": "input_audio_seconds",
    "input_audio_seconds": "input_audio_seconds",
    "output_audio_seconds": "output_audio_seconds",
    "web_searches_kcount": "searches",
    "rerank_searches_kcount": "searches",
    "input_document_kpages": "input_pages",
}
"""Its price keys that mean the same, per the same quantity, as a unit of ours."""

CONTEXTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("tier", "batch"): {"processing": "batch"},
    ("tier", "flex"): {"service_tier": "flex"},
    ("tier", "priority"): {"service_tier": "priority"},
    ("speed", "fast"): {"speed": "fast"},
}
"""Conditions of ours to what it is asked for the same."""

REGIONS = (("region", "eu"), ("region", "us"))
"""Regions in which it is asked too, where its names and our prices know them."""

USAGE_KEYS = {unit["price_key"]: key for key, unit in unit_data.items()}


@dataclass(frozen=True)
class Peer:
    """Its entry for one of our deployments."""

    provider: Provider
    model: ModelInfo
    exact: bool
    """Whether it lists the very name; else one of its patterns takes it in."""

    def prices(self, at: str, asked: Mapping[str, str]) -> ModelPrice:
        """Return its prices at a UTC instant for what is asked, in our words."""
        return self.model.get_prices(moment(at), context(asked))

    def rates(self, at: str, asked: Mapping[str, str], tokens: int) -> dict[str, Decimal]:
        """Return its rates by unit; a price key that none of our units is like has a `+`."""
        stated = self.prices(at, asked).__dict__
        return {
            UNITS.get(key, f"+{key}"): _at(value, tokens)
            for key, value in stated.items()
            if value is not None
        }

    def total(self, at: str, asked: Mapping[str, str], usage: Mapping[str, int]) -> Decimal:
        """Return what it makes of a usage in our units; it must price all of them."""
        stated = self.prices(at, asked).__dict__
        counts: dict[str, Any] = {
            USAGE_KEYS[key]: usage.get(UNITS.get(key, ""), 0)
            for key, value in stated.items()
            if value is not None
        }
        found = self.model.calc_price(
            Usage(**counts),
            self.provider,
            genai_request_timestamp=moment(at),
            price_context=context(asked),
        )
        return found.total_price

    def knows(self, at: str, asked: Mapping[str, str]) -> bool:
        """Tell whether it has prices of its own for what is asked, at that instant.

        Its tiers start on the day somebody read them: it does not say what was before.
        """
        wanted, then = context(asked), moment(at)
        return not wanted or any(
            all(wanted.get(key) == value for key, value in one.when.items())
            and (one.constraint is None or one.constraint.active(then))
            for one in self.model.price_variants or ()
        )

    def instants(self) -> Iterator[str]:
        """Yield the instants at which one of its prices starts or ends; hours on one day only."""
        dated: list[Any] = [*(self.model.price_variants or ())]
        dated += self.model.prices if isinstance(self.model.prices, list) else []
        for one in dated:
            if isinstance(one.constraint, StartDateConstraint):
                yield one.constraint.start_date.isoformat() + "T00:00:00Z"
            elif isinstance(one.constraint, TimeOfDateConstraint):
                for clock in (one.constraint.start_time, one.constraint.end_time):
                    yield iso(datetime.combine(datetime(2026, 11, 23), clock))

    def thresholds(self) -> set[int]:
        """Return the numbers of input tokens above which its prices change."""
        stated: list[ModelPrice] = [one.prices for one in self.model.price_variants or ()]
        prices = self.model.prices if isinstance(self.model.prices, list) else [self.model.prices]
        stated += [one.prices if isinstance(one, ConditionalPrice) else one for one in prices]
        tiered = [v for one in stated for v in one.__dict__.values() if isinstance(v, TieredPrices)]
        return {tier.start for one in tiered for tier in one.tiers}

    def further(self) -> set[str]:
        """Return what it can be asked for that none of our conditions is like."""
        like = [dict(one) for one in CONTEXTS.values()]
        asked = [one.when for one in self.model.price_variants or () if one.when not in like]
        return {",".join(f"{key}={one[key]}" for key in sorted(one)) for one in asked}


def find(deployment: str, region: str | None = None) -> Peer | None:
    """Return its entry for a deployment's id: at the same provider, found by its own matcher.

    It lists what Bedrock takes in a region by the name of the inference profile, and what we list
    without a region by that of the global one, where there is one.
    """
    id, _, wire = deployment.partition(":")
    provider = PROVIDERS.get(id)
    if provider is None:
        return None
    if id == "amazon-bedrock":
        profile = f"{region or 'global'}.{wire}"
        model = provider.find_model(profile)
        if model is not None and (region or model.id.startswith("global.")):
            return Peer(provider, model, _names(model, profile) or _names(model, wire))
    model = None if region else provider.find_model(wire)
    return None if model is None else Peer(provider, model, _names(model, wire))


def _names(model: ModelInfo, wire: str) -> bool:
    """Tell whether an entry lists the very name."""
    return wire in {model.id.lower(), *_listed(model.match)}


def moment(at: str) -> datetime:
    """Return an instant as it takes one."""
    return datetime.fromisoformat(at.replace("Z", "+00:00"))


def iso(at: datetime) -> str:
    """Return an instant as text; a naive one is UTC."""
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%SZ")


def before(at: str) -> str:
    """Return the last second before an instant."""
    return iso(moment(at) - timedelta(seconds=1))


def context(asked: Mapping[str, str]) -> dict[str, str]:
    """Return what it is asked for the same as conditions of ours."""
    return {key: value for one in asked.items() for key, value in CONTEXTS.get(one, {}).items()}


def _listed(clause: Any) -> Iterator[str]:
    """Yield the names that a match clause lists one by one."""
    if hasattr(clause, "equals"):
        yield clause.equals.lower()
    for inner in getattr(clause, "or_", ()):
        yield from _listed(inner)


def _at(value: Decimal | TieredPrices, tokens: int) -> Decimal:
    """Return a price at a number of input tokens: a tier starts strictly above its start."""
    if isinstance(value, Decimal):
        return value
    return next((one.price for one in reversed(value.tiers) if tokens > one.start), value.base)

"""Deployments -> litellm's map of models, `model_prices_and_context_window.json`.

What a field means is read off the tables of our own reader, turned round: a price is written only
where that reader would hear the same. What is not known is not there, and a 0 is free of charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from modelbook.decimals import as_decimal
from modelbook.instants import DAYS
from modelbook.records import STANDARD, Deployment, Price, Window
from modelbook_importers.market import litellm_fields as fields

from .litellm_keys import key_of, key_under, split
from .shapes import Export, served, source_of
from .standing import Factor, Prices, Standing, prices_at
from .text import Json

MODES = {
    "any-to-any": "chat",
    "audio-text-to-text": "chat",
    "audio-to-audio": "realtime",
    "automatic-speech-recognition": "audio_transcription",
    "feature-extraction": "embedding",
    "image-feature-extraction": "embedding",
    "image-text-to-image": "image_edit",
    "image-text-to-text": "chat",
    "image-text-to-video": "video_generation",
    "image-to-image": "image_edit",
    "image-to-text": "ocr",
    "image-to-video": "video_generation",
    "sentence-similarity": "embedding",
    "text-classification": "moderation",
    "text-generation": "chat",
    "text-ranking": "rerank",
    "text-to-audio": "audio_speech",
    "text-to-image": "image_generation",
    "text-to-speech": "audio_speech",
    "text-to-video": "video_generation",
    "video-text-to-text": "chat",
}
"""Primary pipeline type to the kind of API; others have none."""

UNITS = {
    **{unit: (name, scale) for name, (unit, scale) in reversed(fields.OTHERS.items())},
    **{unit: (name, fields.MILLION) for name, unit in reversed(fields.TOKENS.items())},
    **{
        unit: (f"cache_creation_input_token_cost{time}", fields.MILLION)
        for time, unit in fields.CACHE_TIMES.items()
    },
}
"""Our unit to the field that prices it, and to how many of what it counts our unit holds."""

BY_MODE = {
    (unit, mode): (name, scale)
    for (name, mode), (unit, scale) in fields.BY_MODE.items()
    if name.endswith("_per_second")
}
"""The same where a mode has a field of its own."""

TIERS = {ours: theirs for theirs, ours in fields.TIERS.items()}
SAID = frozenset({"tier", "context_above", "quality"})
"""Conditions that the name of a field can have."""

WRITTEN = ("text", "image", "audio", "video")
SIZES = ("low", "medium", "high")
"""How much a web search may read; we know one price for all."""


def export(deployments: Iterable[Deployment], words: Mapping[str, str], at: str) -> Export:
    """Return litellm's map as of a UTC instant; `words` are what it calls our providers.

    Two deployments never share a key: the later one is written with the word of its provider.
    """
    out = Export({})
    for one in deployments:
        word = words.get(one.provider, one.provider)
        for key, row in _rows(one, word, at, out):
            if key in out.data and key == one.wire_name:
                key = f"{word}/{key}"
            if key in out.data:
                out.left["a key that another row has"] += 1
            else:
                out.data[key] = row
    out.data = dict(sorted(out.data.items()))
    return out


def _rows(
    one: Deployment, word: str, at: str, out: Export
) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the entries of a deployment, and count in `out` what they cannot say.

    A region, and the size and quality of a picture, have an entry of their own.
    """
    mode = MODES.get(one.pipelines[0]) if one.pipelines else None
    prices = prices_at(one, at)
    uplifts = tuple(factor for factor in prices.factors if _uplift(factor))
    keyed = replace(prices, factors=tuple(f for f in prices.factors if f not in uplifts))
    parts = split(keyed, lambda row: _field(row, mode) is not None)
    plain = replace(parts.plain, factors=uplifts)
    facts = {"litellm_provider": word, "mode": mode, **_facts(one)}
    for when, part in ((STANDARD, plain), *parts.under.items()):
        key = key_of(one, word) if when == STANDARD else key_under(one, word, when)
        if key is None:
            out.left.update(name for name, value in vars(when).items() if value is not None)
        else:
            row = {**facts, **dict(_prices(part, mode, out))}
            yield key, {name: row[name] for name in sorted(row) if row[name] is not None}


def _facts(one: Deployment) -> dict[str, Json]:
    """Return the fields of an entry that are no prices."""
    row: dict[str, Json] = {}
    row |= {name: served(one, field) for name, field in fields.LIMITS.items()}
    row |= {name: served(one, field) for name, field in fields.FLAGS.items()}
    row |= dict(_modalities(one))
    row["output_vector_size"] = one.dimensions
    row["deprecation_date"] = one.lifecycle.retired_on
    row["source"] = source_of(one)
    return row


def _modalities(one: Deployment) -> Iterator[tuple[str, Json]]:
    """Yield what is read and written, in litellm's words and as its flags."""
    for name, direction in fields.MODALITIES.items():
        known: tuple[str, ...] | None = getattr(one.modalities, direction)
        said = [word for word in WRITTEN if word in (known or ())]
        if direction == "input" and known and "document" in known:
            said.append("pdf")
        yield name, said or None
    known = one.modalities.input
    for name, modality in fields.READS.items():
        yield name, None if known is None else modality in known
    written = one.modalities.output
    yield "supports_audio_output", None if written is None else "audio" in written


def _prices(prices: Prices, mode: str | None, out: Export) -> Iterator[tuple[str, Json]]:
    """Yield the price fields of an entry, and count what its names cannot say."""
    out.left.update(prices.left)
    for row in prices.rows:
        found = _search(row, mode) or _field(row, mode)
        if found is None:
            out.left[unsaid(row)] += 1
        else:
            yield found
    for factor in prices.factors:
        if name := _uplift(factor):
            yield name, factor.by
    if prices.hours:
        yield "off_peak_pricing", _off_peak(prices.hours, mode, out)


def _off_peak(hours: Sequence[Price], mode: str | None, out: Export) -> Json:
    """Return the prices by the hour, None where they differ from each other or have no field."""
    windows = [one.when.window for one in hours]
    fields_of = [
        [
            _field(Standing(unit, STANDARD, amount), mode)
            for unit, amount in one.amounts.items()
            if amount is not None
        ]
        for one in hours
    ]
    fit = all(one is not None and one.zone == "UTC" for one in windows)
    if not fit or any(one != fields_of[0] or None in one for one in fields_of):
        out.left["hours of the day"] += len(hours)
        return None
    stated = {one[0]: one[1] for one in fields_of[0] if one is not None}
    return {**stated, "windows": [_window(one) for one in windows if one is not None]}


def _window(one: Window) -> dict[str, Json]:
    """Return hours of the day as litellm writes them, its week from 1 to 7."""
    days = [DAYS.index(day) + 1 for day in one.days or ()]
    named: dict[str, Json] = {"weekdays": days} if days else {}
    return {"hours_utc": [f"{one.from_}-{one.until}"], **named}


def _uplift(factor: Factor) -> str | None:
    """Return the field of a factor for one region, None if it has none."""
    name = f"regional_processing_uplift_multiplier_{factor.when.region}"
    return name if name in fields.READ_ELSEWHERE else None


def _search(row: Standing, mode: str | None) -> tuple[str, Json] | None:
    """Return the price of web searches beside a chat."""
    if row.unit != "searches" or row.stated or mode in ("rerank", "embedding"):
        return None
    each = as_decimal(Fraction(row.amount) / 1000)
    return "search_context_cost_per_query", {f"search_context_size_{one}": each for one in SIZES}


def _field(row: Standing, mode: str | None) -> tuple[str, Decimal] | None:
    """Return a price as the field that our reader hears it from, None if there is none."""
    name, scale = BY_MODE.get((row.unit, mode or ""), UNITS.get(row.unit, ("", 1)))
    when = row.stated
    above, tier = row.when.context_above, row.when.tier
    if not name or not when.keys() <= SAID or (above or 0) % 1000:
        return None
    name += f"_above_{above // 1000}k_tokens" if above else ""
    name += f"_{row.when.quality}" if row.when.quality else ""
    name += f"_{TIERS.get(tier, tier)}" if tier else ""
    heard = fields.price_field(name, mode)
    if heard is None or (heard.unit, heard.scale, heard.when) != (row.unit, scale, when):
        return None
    return name, as_decimal(Fraction(row.amount) / scale)


def unsaid(row: Standing) -> str:
    """Return in one word why a price has no field."""
    further = [name for name in row.stated if name not in SAID]
    return further[0] if further else next(iter(row.stated), row.unit)

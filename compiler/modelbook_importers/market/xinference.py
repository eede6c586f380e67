"""xinference's files of models that people run themselves -> claims, one row for each repository.

A file speaks of a family: several sizes, each as published and quantized by others. A quantized
repository names the published one of its size as its base, so that it leads to the same model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from .claims import Hints, Json, Place, Raw, Reading, Refused, Row, Source
from .draft import Draft
from .files import json_of, package

ID = "xinference"
FILES = r"xinference/model/[a-z]+/models/[^/]+\.json"
URL = "https://github.com/xorbitsai/inference"
MODES = {
    "llm": "chat",
    "embedding": "embedding",
    "rerank": "rerank",
    "text2audio": "audio_speech",
    "text2music": "music",
    "audio2text": "audio_transcription",
    "ocr": "ocr",
    "text2image": "image_generation",
    "image2image": "image_edit",
    "text2video": "video_generation",
    "image2video": "video_generation",
}
"""Folder, or ability, to the mode of an API that does the same; the first that fits counts."""

ABILITIES = {"tools": "capabilities.tools", "reasoning": "capabilities.reasoning"}
READS = {"vision": "image", "audio": "audio", "omni": "video"}
PUBLISHED = frozenset({"pytorch", "diffusers", ""})
"""Formats in which a model is published, not quantized."""

COMMIT = re.compile(r"[0-9a-f]{7,40}")


@dataclass(frozen=True, slots=True)
class Spec:
    """One repository of a family."""

    repository: Json
    place: Place
    format: str
    revision: Json = None
    size: Json = None
    active: Json = None

    @property
    def quantized(self) -> bool:
        """Tell whether somebody made it smaller than it was published."""
        return self.format not in PUBLISHED


def read(path: Path, dated: str | None = None) -> Reading:
    """Return the claims of a wheel or an installed package. Raises `CannotImportError`."""
    found = package(path, ID, FILES)
    rows: dict[str, Row] = {}
    refused: list[Refused] = []
    for name, raw in found.files:
        families = json_of(raw, name)
        for position, family in enumerate(families if isinstance(families, list) else [families]):
            at = Place(name, "").below(position)
            if not isinstance(family, dict) or not isinstance(family.get("model_name"), str):
                refused.append(Refused(Raw(ID, ID, ""), at, "", str(family)[:80], "not-a-row"))
                continue
            for draft, hints in _family(family, name.split("/")[2], at):
                row = draft.row("weights", hints)
                rows.setdefault(row.raw.key, row)
                refused += draft.refused
    source = Source(ID, found.version, URL, dated)
    return Reading(source, tuple(rows.values()), tuple(refused), Counter())


def _family(family: Mapping[str, Json], folder: str, at: Place) -> Iterator[tuple[Draft, Hints]]:
    """Yield the claims of each repository of a family."""
    specs = [one for spec in _specs(family, at) for one in _named(spec)]
    mode = _mode(family, folder)
    published = {
        _size(one.size): one.repository
        for one in reversed(specs)
        if isinstance(one.repository, str) and not one.quantized
    }
    for spec in specs:
        draft = Draft(Raw(ID, ID, str(spec.repository)), spec.place)
        if draft.repository(spec.repository, spec.place.below("model_id")) is None:
            yield draft, Hints()
            continue
        base = published.get(_size(spec.size)) if spec.quantized else None
        if spec.quantized:  # these are not the weights of the model, but made of them
            draft.facts.clear()
        else:
            _facts(draft, family, spec, at)
        pinned = isinstance(spec.revision, str) and COMMIT.fullmatch(spec.revision) is not None
        yield (
            draft,
            Hints(
                mode=mode,
                repositories=(spec.repository,),
                base=base,
                revision=spec.revision if pinned else None,
                format=spec.format or None,
            ),
        )


def _specs(family: Mapping[str, Json], at: Place) -> Iterator[Spec]:
    """Yield what a family lists on HuggingFace."""
    listed = family.get("model_specs")
    for position, spec in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(spec, dict):
            continue
        place, hub = at.below("model_specs", position), _hub(spec)
        if hub is not None:
            sizes = spec.get("model_size_in_billions"), spec.get("activated_size_in_billions")
            form = spec.get("model_format")
            yield Spec(hub, place, form if isinstance(form, str) else "", None, *sizes)
    hub = _hub(family)
    if hub is not None:
        form = family.get("model_format")
        yield Spec(hub, at, form if isinstance(form, str) else "")


def _hub(data: Mapping[str, Json]) -> Json:
    """Return what is said of HuggingFace, None if nothing is."""
    sources = data.get("model_src")
    hub = sources.get("huggingface") if isinstance(sources, dict) else None
    return hub if isinstance(hub, dict) else None


def _named(spec: Spec) -> Iterator[Spec]:
    """Yield a spec for each repository; a name may hold a place for the quantization."""
    hub = spec.repository
    name, revision = hub.get("model_id"), hub.get("model_revision")
    place = spec.place.below("model_src", "huggingface")
    kinds = hub.get("quantizations")
    marked = isinstance(name, str) and "{quantization}" in name
    for kind in kinds if marked and isinstance(kinds, list) else [""]:
        own = name.replace("{quantization}", str(kind)) if isinstance(name, str) else name
        yield Spec(own, place, spec.format, revision, spec.size, spec.active)


def _mode(family: Mapping[str, Json], folder: str) -> str | None:
    """Return the mode of an API that does what a family does."""
    able = family.get("model_ability")
    words = [folder, *(able if isinstance(able, list) else ())]
    return next((MODES[word] for word in MODES if word in words), None)


def _facts(draft: Draft, family: Mapping[str, Json], spec: Spec, at: Place) -> None:
    """Claim what a family says of a model as it is published."""
    draft.fact("open_weights", True, spec.place)
    context = "context_length" if "context_length" in family else "max_tokens"
    draft.tokens("limits.context", family.get(context), at.below(context))
    draft.tokens("dimensions", family.get("dimensions"), at.below("dimensions"))
    able = family.get("model_ability")
    listed = able if isinstance(able, list) else []
    for name, field in ABILITIES.items():
        if name in listed:
            draft.fact(field, True, at.below("model_ability"))
    if "chat" in listed or "generate" in listed:
        reads = ["text", *(word for name, word in READS.items() if name in listed)]
        draft.modalities("input", reads, at.below("model_ability"), rough=True)
    for name, size in (("total", spec.size), ("active", spec.active)):
        billions = _size(size)
        if billions is not None and billions > 0:
            count = int(billions * 1_000_000_000)
            draft.fact(f"parameters.{name}", count, spec.place, rough=True)


def _size(stated: Json) -> Decimal | None:
    """Return a size in billions of parameters; `1_5` is how they write 1.5."""
    if isinstance(stated, bool) or not isinstance(stated, int | str | Decimal):
        return None
    try:
        read = Decimal(str(stated).replace("_", "."))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None

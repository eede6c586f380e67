"""xinference's files of models that people run themselves -> claims, one row for each repository.

A file speaks of a family: several sizes, each as published and quantized by others. A quantized
repository names the published one of its size as its base, so that it leads to the same model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..tables import is_class
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
    "inpainting": "image_edit",
    "firstlastframe2video": "video_generation",
}
"""Folder, or ability, to the mode of an API that does the same; the first that fits counts."""

TASKS = {
    "embedding": ["feature-extraction"],
    "rerank": ["text-ranking"],
    "text2audio": ["text-to-speech"],
    "text2music": ["text-to-audio"],
    "audio2text": ["automatic-speech-recognition"],
    "ocr": ["image-to-text"],
    "text2image": ["text-to-image"],
    "image2image": ["image-to-image"],
    "text2video": ["text-to-video"],
    "image2video": ["image-to-video"],
    "inpainting": ["image-to-image"],
    "firstlastframe2video": ["image-to-video"],
}
"""Folder, or ability, to the pipeline types that it stands for; those of a chat are not stated."""

CLASSES = {"whisper": "WhisperForConditionalGeneration"}
"""Family of audio files to the class that its code loads (`model/audio/whisper.py`)."""

UNSERVED = {
    "sentence_transformers": re.compile(r"qwen3-(vl-)?reranker|r3-rerank|jina-reranker-(m0|v3)"),
    "vllm": re.compile(r"jina-reranker"),
}
"""Engine that files name, to the rerankers that the code gives to something else after all
(`model/rerank/sentence_transformers/core.py`, `model/rerank/vllm/core.py`)."""

ENGINE = re.compile(r"#engine# == \"([^\"]+)\"")
ABILITIES = {"tools": "capabilities.tools", "reasoning": "capabilities.reasoning"}
READS = {"vision": "image", "audio": "audio", "omni": "video"}
PUBLISHED = frozenset({"pytorch", "diffusers", ""})
"""Formats in which a model is published, not quantized."""

NATIVE = ("fp8", "fp4")
"""Formats in which a maker publishes a model where there is no other, and its name tells none."""

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

    native: bool = False
    """Nothing less quantized is listed."""

    @property
    def quantized(self) -> bool:
        """Tell whether somebody made it smaller than it was published."""
        return self.format not in PUBLISHED and not self.native


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
    specs = _sorted_out([one for spec in _specs(family, at) for one in _named(spec)])
    mode, own, engines = _mode(family, folder), _own_name(family), _engines(family)
    stated = _architecture(family, specs, own)
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
            _purpose(draft, family, folder, stated, at)
        pinned = isinstance(spec.revision, str) and COMMIT.fullmatch(spec.revision) is not None
        yield (
            draft,
            Hints(
                mode=mode,
                repositories=(spec.repository,),
                base=base,
                revision=spec.revision if pinned else None,
                format=spec.format or None,
                family=own,
                engines=engines,
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


def _sorted_out(specs: list[Spec]) -> list[Spec]:
    """Return the specs, those marked that are published in a small format and in no other."""
    whole = {_size(one.size) for one in specs if not one.quantized}

    def native(one: Spec) -> bool:
        named = str(one.repository).lower()
        return _size(one.size) not in whole and one.format in NATIVE and one.format not in named

    return [replace(one, native=True) if native(one) else one for one in specs]


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


def _own_name(family: Mapping[str, Json]) -> str:
    """Return the word for the code that a family shares with others, else its own name."""
    listed = family.get("architectures")
    classes = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    shared = "+".join(classes) or family.get("model_family")
    return shared if isinstance(shared, str) else str(family["model_name"])


def _engines(family: Mapping[str, Json]) -> tuple[str, ...]:
    """Return what a family is run with: what it needs packages for, and what it names."""
    needs = family.get("virtualenv")
    listed = needs.get("packages") if isinstance(needs, dict) else None
    packages = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    named = {word.lower() for one in packages for word in ENGINE.findall(one)}
    if not named and any(one.endswith("/diffusers") for one in packages):
        named.add("diffusers")
    if isinstance(family.get("engine"), str):
        named.add(family["engine"].lower())
    name = str(family["model_name"]).lower()
    odd = {word for word, pattern in UNSERVED.items() if pattern.search(name)}
    if family.get("type", "normal") != "normal":  # such rerankers have libraries of their own
        odd |= {*UNSERVED}
    return tuple(sorted(named - odd))


def _architecture(family: Mapping[str, Json], specs: list[Spec], own: str) -> str | None:
    """Return the class of all sizes of a family; one word for experts and others says neither."""
    listed = family.get("architectures")
    named = listed if isinstance(listed, list) else [CLASSES.get(own)]
    shapes = {_size(one.active) is None for one in specs if not one.quantized}
    if len(named) != 1 or len(shapes) != 1 or not is_class(named[0]):
        return None
    return str(named[0])


def _purpose(
    draft: Draft, family: Mapping[str, Json], folder: str, stated: str | None, at: Place
) -> None:
    """Claim the class of a model, and what it is for."""
    if stated is not None:
        where = at.below("architectures" if "architectures" in family else "model_family")
        draft.fact("architecture", stated, where, rough=True)
    able = family.get("model_ability")
    words = [folder, *(able if isinstance(able, list) else ())]
    tasks = list(dict.fromkeys(id for word, ids in TASKS.items() if word in words for id in ids))
    if tasks:
        where = at.below("model_ability") if "model_ability" in family else at
        draft.fact("pipelines", list(dict.fromkeys(tasks)), where, rough=True)


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

"""The GGUF files among the files of a place -> one model for each, numbered series joined."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..decision import Decision, Evidence, decide
from . import gguf, gguf_model
from .files import File, UnreadableError
from .found import Found, Problem
from .memory import at
from .reader import Reader
from .weights import SHARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..catalog import Catalog
    from .folder import Place

QUANTIZATION = re.compile(r"(?:^|[-_.])((?:UD-)?(?:I?Q\d|TQ\d|BF16|F16|F32|MXFP4)\w*)$", re.I)
"""How the names of files end that state their number format."""


class Group(NamedTuple):
    """The files of one model."""

    stem: str
    """The name in its folder, without numbering and ending."""
    files: tuple[File, ...]
    missing: int
    """How many files of a numbered series are not there."""


def gguf_models(place: Place, catalog: Catalog, context: int | None) -> list[Found]:
    """Return the GGUF models of a place, sorted by file name."""
    made = (_model(place, group, catalog, context) for group in _groups(place))
    return [one for one in made if one is not None]


def _groups(place: Place) -> Iterator[Group]:
    """Yield the GGUF files of a place, those of a numbered series together."""
    series: dict[tuple[str, int], list[File]] = {}
    for name, file in sorted(place.files.items()):
        if not name.lower().endswith(".gguf"):
            continue
        shard = SHARD.fullmatch(name)
        stem, total = (shard[1], int(shard[3])) if shard else (name[: -len(".gguf")], 1)
        series.setdefault((stem, total), []).append(file)
    for (stem, total), files in series.items():
        yield Group(stem, tuple(files), max(0, total - len(files)))


def _model(place: Place, group: Group, catalog: Catalog, context: int | None) -> Found | None:
    """Return the model in a group of files; None for a file that only goes with another."""
    problems: list[Problem] = []
    headers = list(_headers(group, problems))
    values = headers[0].values if headers else {}
    meta = Reader(dict(values), group.files[0].path, problems)
    if gguf_model.is_companion(meta):
        return None
    if group.missing:
        text = f"{group.missing} of {group.missing + len(group.files)} files are missing"
        problems.append(Problem(place=group.files[0].path, text=text))
    broken = bool(problems)
    known = gguf_model.context(meta)
    decision = _decision(meta, catalog)
    size = None if broken else gguf_model.weight_bytes(headers)
    kept = gguf_model.cache(meta)
    memory, memory_context = at(size, kept, known, context)
    elements = sum(tensor.elements for one in headers for tensor in one.tensors)
    return Found(
        **_identity(place, group),
        state="partial" if broken else "complete",
        title=meta.text("general.name"),
        format="gguf",
        runtime="llama-cpp",
        library="gguf",
        model_type=gguf_model.architecture(meta),
        pipelines=decision.pipelines,
        confidence=decision.confidence,
        reasons=decision.reasons,
        parameters=elements if elements and not broken else None,
        dtype=gguf_model.dtype(headers),
        quantization="gguf",
        context=known.length if known else None,
        context_from=known.source if known else None,
        weight_bytes=size,
        cache=kept,
        memory=memory,
        memory_context=memory_context,
        license=meta.text("general.license"),
        problems=tuple(problems),
    )


def _headers(group: Group, problems: list[Problem]) -> Iterator[gguf.Header]:
    """Yield the headers of the files of a group that can be read."""
    for file in group.files:
        try:
            header = gguf.read_header(file.path)
        except UnreadableError as error:
            problems.append(Problem(place=file.path, text=str(error)))
            continue
        if header.lacking:
            text = f"is cut short: {header.lacking:,} bytes of its tensors are not there"
            problems.append(Problem(place=file.path, text=text))
        yield header


def _identity(place: Place, group: Group) -> dict[str, Any]:
    """Return the fields of a record that say which model it is and where."""
    stem = group.stem.rpartition("/")[2]
    tag = QUANTIZATION.search(stem)
    variant = tag[1] if tag else stem
    return {
        "name": f"{place.repo}:{variant}" if place.repo else stem,
        "kind": "hub" if place.repo else "gguf",
        "where": group.files[0].path,
        "repo": place.repo,
        "variant": variant if place.repo else None,
        "revision": place.revision,
        "refs": place.refs,
        "revisions": place.revisions,
        "size": sum({file.blob: file.size for file in group.files}.values()),
    }


def _decision(meta: Reader, catalog: Catalog) -> Decision:
    """Return the pipeline types of a GGUF model.

    Its architecture is no class of a library, so where that says nothing the file itself does: one
    with words and a context holds a language model, which writes unless it pools what it reads.
    """
    name = gguf_model.architecture(meta)
    tags = meta.values.get("general.tags")
    listed = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, tuple) else []
    if meta.has("tokenizer.chat_template"):
        listed.append("conversational")
    embeds = gguf_model.embeds(meta)
    model_type = None if embeds else name  # of the model it was made from, other types are heads
    decision = decide(Evidence(library="gguf", tags=tuple(listed), model_type=model_type), catalog)
    if decision.pipelines or not (embeds or gguf_model.writes(meta)):
        return decision
    own = "feature-extraction" if embeds else "text-generation"
    own = "text-ranking" if gguf_model.ranks(meta) else own
    reason = f"a GGUF file of architecture {name}"
    return Decision(pipelines=(own,), confidence="medium", reasons=(reason,))

"""The files of one folder or cached revision -> the models in it.

One model for the whole, and one for every GGUF file (or numbered series of them), since each of
those runs by itself.
"""

from __future__ import annotations

from typing import NamedTuple

from ..decision import Evidence, decide
from . import attention, config, weights
from .card import MAX_CARD, front_matter
from .files import File, UnreadableError, read_bytes, read_json
from .found import Cache, Found, Problem
from .gguf_folder import gguf_models
from .memory import at
from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..catalog import Catalog
    from ..decision import Decision
    from .found import State

    Files = Mapping[str, File]

WRITING = frozenset(
    {
        "text-generation",
        "image-text-to-text",
        "audio-text-to-text",
        "video-text-to-text",
        "any-to-any",
        "summarization",
        "translation",
        "text-to-speech",
        "text-to-audio",
        "automatic-speech-recognition",
        "image-to-text",
        "visual-question-answering",
        "document-question-answering",
    }
)
"""Pipeline types whose models may write token by token, and so keep what they have read."""
ADAPTED = {
    "CAUSAL_LM": "AutoModelForCausalLM",
    "FEATURE_EXTRACTION": "AutoModel",
    "QUESTION_ANS": "AutoModelForQuestionAnswering",
    "SEQ_2_SEQ_LM": "AutoModelForSeq2SeqLM",
    "SEQ_CLS": "AutoModelForSequenceClassification",
    "TOKEN_CLS": "AutoModelForTokenClassification",
}
"""`task_type` of an adapter to the auto class it was trained as (PEFT)."""

WEIGHTLESS = ("Tokenizer", "Scheduler", "Processor", "Extractor")
"""What the classes of parts of a diffusers model are called that hold no weights."""
WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8}
"""Number format to the bytes of a kept number."""
RUNTIMES = (
    ("sentence-transformers", "sentence-transformers"),
    ("diffusers", "diffusers"),
    ("transformers", "transformers"),
    ("peft", "transformers"),
)
"""Library to the runtime that loads its models."""


class Place(NamedTuple):
    """Where a model is, and what is known of it before its files are read."""

    name: str
    kind: str
    where: str
    files: Files
    missing: tuple[str, ...] = ()
    repo: str | None = None
    revision: str | None = None
    refs: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Papers(NamedTuple):
    """The small files that describe a model."""

    root: Reader
    tokenizer: Reader
    sentence: Reader
    adapter: Reader
    diffusers: Reader
    """`model_index.json` of diffusers."""
    modules: tuple[tuple[str, str], ...]
    """Path and type of the modules of sentence-transformers."""
    card: Mapping[str, tuple[str, ...]]


def models(place: Place, catalog: Catalog, context: int | None) -> list[Found]:
    """Return the models of a place; `context` is what memory is estimated for, in tokens."""
    parts = gguf_models(place, catalog, context)
    problems = list(place.problems)
    papers = _papers(place.files, problems)
    chosen = weights.choose(place.files, _parts(papers), problems)
    if parts and chosen is None:
        first = parts[0]
        kept = tuple(dict.fromkeys((*problems, *first.problems)))
        return [first.changed(problems=kept), *parts[1:]]
    if chosen is None and place.kind != "hub" and not _is_model(papers):
        return []
    return [_whole(place, papers, chosen, catalog, context, problems), *parts]


def _is_model(papers: Papers) -> bool:
    """Tell whether papers are those of a model; many a folder has some `config.json`."""
    root = papers.root
    return any(
        (root.has("model_type"), root.has("architectures"), papers.diffusers, papers.adapter)
    )


def _papers(files: Files, problems: list[Problem]) -> Papers:
    """Return the small files of a model, read with suspicion."""

    def read(name: str) -> Reader:
        file = files.get(name)
        return Reader(read_json(file, problems), file.path if file else name, problems)

    return Papers(
        root=read("config.json"),
        tokenizer=read("tokenizer_config.json"),
        sentence=read("sentence_bert_config.json"),
        adapter=read("adapter_config.json"),
        diffusers=read("model_index.json"),
        modules=_modules(files.get("modules.json"), problems),
        card=_card(files.get("README.md")),
    )


def _modules(file: File | None, problems: list[Problem]) -> tuple[tuple[str, str], ...]:
    """Return path and type of the modules of a sentence encoder."""
    listed = read_json(file, problems)
    if file is None or not isinstance(listed, list):
        return ()
    readers = [Reader(one, file.path, problems) for one in listed[:100]]
    return tuple((one.text("path") or "", one.text("type") or "") for one in readers)


def _card(file: File | None) -> Mapping[str, tuple[str, ...]]:
    """Return the front matter of a card; nothing where there is none."""
    if file is None or file.size > 50 * MAX_CARD:
        return {}
    try:
        return front_matter(read_bytes(file.path, 50 * MAX_CARD)[:MAX_CARD])
    except UnreadableError:
        return {}


def _parts(papers: Papers) -> dict[str, bool]:
    """Return the folders of a composite model, and whether each must hold weights."""
    parts: dict[str, bool] = {}
    for name, value in papers.diffusers.values.items():
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
            parts[f"{name.strip('/')}/"] = not any(word in value[1] for word in WEIGHTLESS)
    for path, _ in papers.modules:
        parts[f"{path.strip('/')}/" if path else ""] = False
    return parts


def _whole(
    place: Place,
    papers: Papers,
    chosen: weights.Weights | None,
    catalog: Catalog,
    context: int | None,
    problems: list[Problem],
) -> Found:
    """Return the model that the files of a place make together."""
    decision = decide(evidence(papers, place.files), catalog)
    counted = _counted(chosen, papers, problems)
    encodes = bool(decision.pipelines) and not WRITING & set(decision.pipelines)
    known = config.context(papers.root, papers.tokenizer, papers.sentence, encodes)
    looked_into = chosen is None or chosen.format in ("safetensors", "pytorch")
    dtype = (config.dtype(papers.root) if looked_into else None) or counted.dtype
    kept = _cache(papers, decision, dtype)
    memory, memory_context = at(counted.size, kept, known, context)
    quantization = papers.root.part("quantization_config")
    library = _library(papers, place.files)
    return Found(
        **_identity(place),
        state=_state(place, chosen, counted),
        format=chosen.format if chosen else None,
        runtime=_runtime(library, chosen, papers),
        library=library,
        architecture=_architecture(papers),
        model_type=papers.root.text("model_type"),
        pipelines=decision.pipelines,
        confidence=decision.confidence,
        reasons=decision.reasons,
        parameters=counted.parameters,
        dtype=dtype,
        quantization=quantization.text("quant_method") if quantization else None,
        context=known.length if known else None,
        context_from=known.source if known else None,
        weight_bytes=counted.size,
        cache=kept,
        memory=memory,
        memory_context=memory_context,
        base_model=_base_model(papers),
        license=next(iter(papers.card.get("license", ())), None),
        problems=tuple(dict.fromkeys((*problems, *_missing(place, chosen)))),
    )


def _identity(place: Place) -> dict[str, Any]:
    """Return the fields of a record that say which model it is and where."""
    return {
        "name": place.name,
        "kind": place.kind,
        "where": place.where,
        "repo": place.repo,
        "revision": place.revision,
        "refs": place.refs,
        "revisions": place.revisions,
        "size": sum({file.blob: file.size for file in place.files.values()}.values()),
    }


def evidence(papers: Papers, files: Files) -> Evidence:
    """Return what the files say of what a model does."""
    root, card = papers.root, papers.card
    labels = root.count("num_labels") if root.has("num_labels") else None
    by_id = root.values.get("id2label")
    return Evidence(
        pipeline_tag=next(iter(card.get("pipeline_tag", ())), None),
        library=_library(papers, files),
        tags=card.get("tags", ()),
        files=tuple(sorted(files)[:1000]),
        model_index_class=papers.diffusers.text("_class_name"),
        architectures=root.texts("architectures"),
        auto_map=_auto_classes(papers),
        model_type=root.text("model_type"),
        sub_configs=tuple(name for name, one in root.values.items() if isinstance(one, dict)),
        num_labels=labels or (len(by_id) if isinstance(by_id, dict) and by_id else None),
        sentence_transformers_modules=tuple(kind for _, kind in papers.modules),
    )


def _auto_classes(papers: Papers) -> tuple[str, ...]:
    """Return the auto classes that remote code names, or that an adapter was trained as."""
    task = ADAPTED.get(papers.adapter.text("task_type") or "")
    named = (key for key in papers.root.part("auto_map").values if key.startswith("AutoModel"))
    return (task,) if task else tuple(named)


def _library(papers: Papers, files: Files) -> str | None:
    """Return the library that a model is of: as its card says, or by its files."""
    stated = next(iter(papers.card.get("library_name", ())), None)
    if stated is not None:
        return stated
    if papers.modules:
        return "sentence-transformers"
    if papers.diffusers:
        return "diffusers"
    if papers.adapter or "adapter_config.json" in files:
        return "peft"
    known = papers.root.has("model_type") and papers.root.has("architectures")
    return "transformers" if known else None


def _runtime(library: str | None, chosen: weights.Weights | None, papers: Papers) -> str | None:
    """Return the software that runs a model as it is."""
    if chosen is None:
        return None
    if chosen.format == "onnx":
        return "onnxruntime"
    known = dict(RUNTIMES).get(library or "")
    if papers.modules or papers.diffusers:
        return "sentence-transformers" if papers.modules else "diffusers"
    return known or ("transformers" if papers.root.has("model_type") else None)


def _architecture(papers: Papers) -> str | None:
    """Return the class that loads a model; the pipeline's for diffusers."""
    named = papers.root.texts("architectures")
    return named[0] if named else papers.diffusers.text("_class_name")


def _base_model(papers: Papers) -> str | None:
    """Return the model that this one was made from."""
    stated = papers.adapter.text("base_model_name_or_path")
    return stated or next(iter(papers.card.get("base_model", ())), None)


def _counted(
    chosen: weights.Weights | None, papers: Papers, problems: list[Problem]
) -> weights.Counted:
    """Return what the weights hold: from headers, or by their size on disk."""
    if chosen is None:
        return weights.Counted(None, None, None, False)
    if chosen.format == "safetensors":
        return weights.count(chosen, papers.root.part("quantization_config"), problems)
    size = None if chosen.missing else sum(file.size for file in chosen.files)
    return weights.Counted(None, None, size, True)


def _cache(papers: Papers, decision: Decision, dtype: str | None) -> Cache | None:
    """Return what a model keeps per token; nothing for models that do not write."""
    text = config.text_part(papers.root)
    if not decision.pipelines or not papers.root:
        return None
    ctc = (_architecture(papers) or "").endswith("ForCTC")
    if ctc or not WRITING & set(decision.pipelines):
        return Cache(full=0)
    width = WIDTHS.get(dtype or "")
    return attention.cache(text, width) if width else None


def _missing(place: Place, chosen: weights.Weights | None) -> list[Problem]:
    """Return a problem for the weight files that are not there."""
    names = list(chosen.missing) if chosen else []
    if not names:
        return []
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    text = f"weights are missing: `{names[0]}`{more}"
    return [Problem(place=place.where, text=text)]


def _state(place: Place, chosen: weights.Weights | None, counted: weights.Counted) -> State:
    """Return whether the weights of a model are all here."""
    if chosen is None:
        lost = any(name.endswith((".safetensors", ".bin", ".gguf")) for name in place.missing)
        return "partial" if lost else "no weights"
    broken = chosen.missing or not counted.whole or place.missing
    return "partial" if broken or counted.size is None else "complete"

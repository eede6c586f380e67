"""Rows of weights and what runtimes load -> deployments at software that people run themselves.

A model is deployed as its published repository, wherever something says that the software loads it:
the runtime's own list of classes or repositories, or xinference, which runs it with that software.
What nothing vouches for is left out, each row with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from .claims import Fact, Json, Raw, Row
from .identity import Identity
from .planned import Planned
from .runtime_classes import RuntimeClasses

XINFERENCE = "https://github.com/xorbitsai/inference"
PRECISIONS = ("bf16", "fp16", "fp32")
"""Tags of a name that say how a model is published, not that it was made smaller; best first."""

CHAT = "chat"
IMAGES = ("image_generation", "image_edit")
PIPELINES = "stable_diffusion"
"""xinference's word for image models that it loads by the pipelines of diffusers, and no others."""

GGUF = "ggufv2"

Why: TypeAlias = Literal[
    "not-weights",
    "quantized",
    "repacked",
    "another-repository",
    "claimed-twice",
    "no-class",
    "not-loaded",
]
LEFT: Mapping[Why, str] = {
    "not-weights": "it speaks of no repository of weights",
    "quantized": "the weights are not as they were published",
    "repacked": "somebody else packed the weights again",
    "another-repository": "the model is deployed from another repository",
    "claimed-twice": "another model is deployed from the same repository",
    "no-class": "nothing says for sure of which class it is, or what runs it",
    "not-loaded": "no software that we know loads its class",
}
"""Why a row makes no deployment, in words."""

Weights: TypeAlias = Sequence[tuple[Row, Identity]]
Order: TypeAlias = tuple[int, str, str, int, str]
Kin: TypeAlias = Mapping[tuple[str, bool], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Left:
    """A row that makes no deployment."""

    raw: Raw
    model: str
    why: Why


@dataclass(frozen=True, slots=True)
class SelfHosted:
    """What rows of weights come to."""

    planned: tuple[Planned, ...]
    """Deployments, by id; what a model says of itself is left to it."""
    facts: Mapping[str, tuple[Fact, ...]]
    """Model to what the row of its published repository claims of it, its class settled."""
    left: tuple[Left, ...]
    """Every row that makes none, in the order given."""


@dataclass(frozen=True, slots=True)
class _Import:
    """What all deployments of one import have in common."""

    known: RuntimeClasses
    checked: str
    label: str

    def source(self, note: str) -> dict[str, Json]:
        """Return the rows' release as a source."""
        note = f"{self.label}: {note}"
        return {"url": XINFERENCE, "checked": self.checked, "note": note}


@dataclass(frozen=True, slots=True)
class _Published:
    """The published repository of a model, and the classes that are stated for it."""

    row: Row
    model: str
    classes: frozenset[str] = frozenset()
    of_row: bool = False
    """The row itself states a class, and nobody knows better."""


def planned_self_hosted(
    weights: Weights, classes: RuntimeClasses, checked: str, label: str
) -> SelfHosted:
    """Return the deployments of some rows of weights, and what was left out.

    `checked` is the day of the import, UTC, and `label` the release that the rows are of.
    """
    about = _Import(classes, checked, label)
    published, left = _published(weights)
    kin = _kin((weights[position][0] for position in published.values()), classes)
    planned: dict[str, Planned] = {}
    facts: dict[str, tuple[Fact, ...]] = {}
    for model, position in sorted(published.items()):
        row = weights[position][0]
        one = _settled(row, model, classes, kin)
        made = [*_by_class(one, about), *_by_engine(one, about)]
        for deployment in made:
            planned.setdefault(deployment.id, deployment)
        facts[model] = _facts(one, classes)
        if not made:
            left[position] = Left(row.raw, model, "not-loaded" if one.classes else "no-class")
    for position, (row, identity) in enumerate(weights):
        base = published.get(identity.model)
        if base is not None and _is_own_gguf(row, weights[base][0], classes):
            made_of = _gguf(row, identity.model, about)
            if planned.setdefault(made_of.id, made_of) is made_of:
                left.pop(position, None)
    return SelfHosted(
        tuple(planned[id] for id in sorted(planned)),
        facts,
        tuple(left[position] for position in sorted(left)),
    )


def _published(weights: Weights) -> tuple[dict[str, int], dict[int, Left]]:
    """Return where each model's published repository is, and the reasons against other rows."""
    claims: dict[str, list[tuple[Order, int]]] = {}
    left: dict[int, Left] = {}
    for position, (row, identity) in enumerate(weights):
        why = _unfit(row, identity)
        if why is None:
            claims.setdefault(identity.model, []).append((_order(row, identity), position))
        else:
            left[position] = Left(row.raw, identity.model, why)
    found: dict[str, int] = {}
    taken: set[str] = set()
    for model in sorted(claims):
        for _, position in sorted(claims[model]):
            raw = weights[position][0].raw
            if model in found or raw.key.lower() in taken:
                why = "another-repository" if model in found else "claimed-twice"
                left[position] = Left(raw, model, why)
            else:
                found[model] = position
                taken.add(raw.key.lower())
    return found, left


def _order(row: Row, identity: Identity) -> Order:
    """Return how a model's repositories are sorted, the best first, whatever order they come in."""
    precision = identity.tags.get("quantization")
    rank = PRECISIONS.index(precision) + 1 if precision else 0
    says = repr((row.facts, row.hints))
    return rank, row.raw.key.lower(), row.raw.key, -len(row.facts), says


def _unfit(row: Row, identity: Identity) -> Why | None:
    """Return why a row is not of a repository as its maker published it."""
    if row.kind != "weights":
        return "not-weights"
    if "packed_by" in identity.tags:
        return "repacked"
    if row.hints.base is not None or row.value("weights.hf") is None:
        return "quantized"
    made_smaller = identity.tags.get("quantization", PRECISIONS[0]) not in PRECISIONS
    return "quantized" if made_smaller else None


def _settled(row: Row, model: str, known: RuntimeClasses, kin: Kin) -> _Published:
    """Return a repository with its classes: people's word, all that is stated, or that of kin."""
    if model in known.models:
        return _Published(row, model, frozenset([known.models[model]]))
    stated = row.value("architecture")
    listed = known.repositories.get(row.raw.key.lower(), ())
    classes = frozenset([stated] if stated in listed else [*listed, *([stated] if stated else [])])
    like = kin.get(_shape(row), frozenset()) if row.hints.mode == CHAT else frozenset()
    if not classes and len(like) == 1:
        classes = like
    return _Published(row, model, classes, of_row=stated is not None)


def _kin(rows: Iterable[Row], known: RuntimeClasses) -> Kin:
    """Return the classes that chat models of a shape are known to have.

    Images and sounds say nothing of each other: what shares its code there has many classes.
    """
    found: dict[tuple[str, bool], frozenset[str]] = {}
    for row in rows:
        if row.hints.mode == CHAT:
            shape, stated = _shape(row), row.value("architecture")
            own = (stated,) if stated and shape[1] else ()
            classes = known.repositories.get(row.raw.key.lower(), own)
            found[shape] = found.get(shape, frozenset()).union(classes)
    return found


def _shape(row: Row) -> tuple[str, bool]:
    """Return what a model has in common with its like, and whether it is a mixture of experts.

    Mixtures share their code far and wide. That others are none is known inside a family only,
    where some are: elsewhere the active parameters of a mixture may just be left out.
    """
    if row.value("parameters.active") is not None:
        return row.hints.family or row.raw.key, True
    return f"{row.place.file}#{row.place.pointer.split('/')[1:2]}", False


def _by_class(one: _Published, about: _Import) -> Iterator[Planned]:
    """Yield deployments where a runtime loads every class that is stated for a repository."""
    for provider, runtime in about.known.runtimes.items():
        if one.classes and one.classes <= runtime.classes:
            note = f"{runtime.release}: loads {', '.join(sorted(one.classes))}"
            source = {"url": runtime.url, "checked": about.checked, "note": note}
            told = [about.source("names the class")] if one.of_row else []
            said = [about.label] if one.of_row else []
            yield _deployment(provider, one, [source, *told], [runtime.release, *said])


def _by_engine(one: _Published, about: _Import) -> Iterator[Planned]:
    """Yield deployments at software that xinference runs a repository with."""
    for provider, engine in _engines(one.row).items():
        if provider in about.known.providers:
            sources = [about.source(f"runs it with {engine}")]
            purpose = about.known.purposes.get(provider)
            if purpose is None or one.row.hints.mode != "embedding":
                yield _deployment(provider, one, sources, [about.label])
            else:
                sources.append(dict(purpose.source))
                made = _deployment(provider, one, sources, [about.label])
                yield _with(made, "pipelines", list(purpose.pipelines))


def _engines(row: Row) -> dict[str, str]:
    """Return the providers whose own code loads a repository in xinference, with its word.

    Of chat models and sounds an engine says too little: xinference adds code of its own to many.
    """
    hints = row.hints
    named: dict[str, str] = {}
    if hints.mode in ("embedding", "rerank"):
        named = {"sentence-transformers": "sentence_transformers", "vllm": "vllm"}
    elif hints.mode == "video_generation" or (hints.mode in IMAGES and hints.family == PIPELINES):
        named = {"diffusers": "diffusers"}
    return {provider: word for provider, word in named.items() if word in hints.engines}


def _is_own_gguf(row: Row, published: Row, known: RuntimeClasses) -> bool:
    """Tell whether a row is of a model in llama.cpp's format, packed by the model's own maker."""
    maker, slash, _ = row.raw.key.lower().partition("/")
    return (
        row.hints.format == GGUF
        and row.hints.base == published.raw.key
        and "llama.cpp" in row.hints.engines
        and "llama-cpp" in known.providers
        and published.raw.key.lower().startswith(maker + slash)
        and bool(slash)
    )


def _gguf(row: Row, model: str, about: _Import) -> Planned:
    """Return the deployment of a repository in llama.cpp's format."""
    sources = [about.source("runs it with llama.cpp")]
    made = _deployment("llama-cpp", _Published(row, model), sources, [about.label])
    return _with(made, "quantization", "gguf")


def _deployment(
    provider: str, one: _Published, sources: Sequence[Json], said_by: Sequence[str]
) -> Planned:
    """Return a deployment as its file states it."""
    wire = one.row.raw.key
    data: dict[str, Json] = {"model": one.model}
    if wire != wire.lower():
        data["wire_name"] = wire
    data |= {"lifecycle": {"status": "active"}, "sources": list(sources)}
    return Planned("deployment", f"{provider}:{wire.lower()}", data, tuple(sorted(said_by)))


def _with(planned: Planned, name: str, value: Json) -> Planned:
    """Return a deployment with one more field, its sources last."""
    facts = {key: fact for key, fact in planned.data.items() if key != "sources"}
    return replace(planned, data={**facts, name: value, "sources": planned.data["sources"]})


def _facts(one: _Published, known: RuntimeClasses) -> tuple[Fact, ...]:
    """Return what a row claims of its model, its class settled.

    A class that something contradicts is left out, and one that `architectures/` does not have.
    Where class and row say that it is for different things, the class is right, but for rerankers:
    they are made of classes that are for something else.
    """
    claimed = {fact.field: fact for fact in one.row.facts}
    stated = claimed.pop("architecture", None)
    name = next(iter(one.classes)) if len(one.classes) == 1 else ""
    serves = known.classes.get(name)
    if serves is None:
        return tuple(claimed.values())
    if "pipelines" in claimed and not {*claimed["pipelines"].value} & {*serves}:
        if one.row.hints.mode == "rerank":
            return tuple(claimed.values())
        del claimed["pipelines"]
    if stated is None or stated.value != name:
        stated = Fact("architecture", name, one.row.place, rough=True)
    return (*claimed.values(), stated)

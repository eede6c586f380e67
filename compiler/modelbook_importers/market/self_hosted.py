"""Rows of weights and what runtimes load -> deployments at software that people run themselves.

A model is deployed as its published repository, wherever something says that the software loads it:
the runtime's own list of classes or repositories, or xinference, which runs it with that software.
What nothing vouches for is left out, each row with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from ..known import documents
from ..wheels import CannotImportError, version_of
from .claims import Fact, Json, Raw, Row
from .identity import Identity
from .planned import Planned

NEEDED = ("runtime-classes", "architecture", "libraries", "provider")
XINFERENCE = "https://github.com/xorbitsai/inference"
PRECISIONS = ("bf16", "fp16", "fp32")
"""Tags of a name that say how a model is published, not that it was made smaller; best first."""

IMAGES = ("image_generation", "image_edit")
PIPELINES = "stable_diffusion"
"""xinference's word for image models that it loads by the pipelines of diffusers, and no others."""

Why: TypeAlias = Literal[
    "not-weights", "quantized", "repacked", "another-repository", "no-class", "not-loaded"
]
LEFT: Mapping[Why, str] = {
    "not-weights": "it speaks of no repository of weights",
    "quantized": "the weights are not as they were published",
    "repacked": "somebody else packed the weights again",
    "another-repository": "the model is deployed from another repository",
    "no-class": "nothing says for sure of which class it is, or what runs it",
    "not-loaded": "no software that we know loads its class",
}
"""Why a row makes no deployment, in words."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """One release of software that runs models."""

    release: str
    """Its name and version: `vllm 0.33.0`."""
    url: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuntimeClasses:
    """What the catalog says of software that people run models with."""

    runtimes: Mapping[str, Runtime]
    """Provider to the release that was read; only providers that are there, sorted."""
    providers: frozenset[str]
    """Self-hosted providers that are there."""
    repositories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Repository in lower case to the classes that a release says it has."""
    purposes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Library to the pipeline types its models serve, where it decides that alone."""


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
    """Model to what the row of its published repository claims of it."""
    left: tuple[Left, ...]
    """Every row that makes none, in the order given."""


@dataclass(frozen=True, slots=True)
class _Weights:
    """The published repository of a model, and the classes that are stated for it."""

    row: Row
    model: str
    classes: frozenset[str]

    @property
    def repository(self) -> str:
        """Return the repository as HuggingFace spells it."""
        return self.row.raw.key


def runtime_classes(root: Path) -> RuntimeClasses:
    """Return what a catalog says of runtimes. Raises `CannotImportError`."""
    kept = documents(root, NEEDED)
    if ("runtime-classes", "runtime-classes") not in kept:
        hint = "copy it from the public catalog of modelbook"
        raise CannotImportError("the catalog has no `runtime-classes.yaml`", hint)
    table = kept["runtime-classes", "runtime-classes"].data
    architectures = [one.data for (kind, _), one in kept.items() if kind == "architecture"]
    libraries = [one.data["libraries"] for (kind, _), one in kept.items() if kind == "libraries"]
    own = {id for (kind, id), one in kept.items() if kind == "provider" and _is_own(one.data)}
    found = {
        row["provider"]: Runtime(
            row["release"],
            row["url"],
            frozenset(
                name
                for name, facts in table["classes"].items()
                if row["provider"] in facts["runtimes"]
            ),
        )
        for row in table["runtimes"]
    }
    found |= _libraries(architectures, ("transformers",))
    return RuntimeClasses(
        {id: one for id, one in sorted(found.items()) if id in own},
        frozenset(own),
        _listed(table["classes"]),
        {
            id: tuple(facts["pipelines"])
            for rows in libraries
            for id, facts in rows.items()
            if facts.get("decides")
        },
    )


def _is_own(provider: Mapping[str, Json]) -> bool:
    """Tell whether a provider is software that people run themselves."""
    return bool(provider["kind"] == "self-hosted")


def _libraries(files: Iterable[Mapping[str, Json]], wanted: Sequence[str]) -> dict[str, Runtime]:
    """Return the newest release of each library, with the classes that it still has."""
    found: dict[str, Runtime] = {}
    for library in wanted:
        own = [one for one in files if one.get("library", "transformers") == library]
        releases = [name for one in own for name in one.get("imported", {}).get("from", ())]
        classes = frozenset(
            name
            for one in own
            for name, facts in one["classes"].items()
            if "last_seen" not in facts
        )
        if releases:
            newest = max(releases, key=version_of)
            found[library] = Runtime(newest, own[0]["sources"][0]["url"], classes)
    return found


def _listed(classes: Mapping[str, Mapping[str, Json]]) -> dict[str, tuple[str, ...]]:
    """Return the classes of each repository that a release names."""
    found: dict[str, list[str]] = {}
    for name, facts in classes.items():
        for repository in facts.get("repositories", ()):
            found.setdefault(repository.lower(), []).append(name)
    return {repository: tuple(sorted(names)) for repository, names in found.items()}


def planned_self_hosted(
    weights: Sequence[tuple[Row, Identity]], known: RuntimeClasses, checked: str, label: str
) -> SelfHosted:
    """Return the deployments of some rows of weights, and what was left out.

    `checked` is the day of the import, UTC, and `label` the release the rows are of.
    """
    published, left = _published(weights)
    planned: dict[str, Planned] = {}
    facts: dict[str, tuple[Fact, ...]] = {}
    kin = _kin(published.values(), known)
    for model, row in sorted(published.items()):
        one = _Weights(row, model, _classes(row, known, kin))
        made = [
            *_by_class(one, known, checked, label),
            *_by_engine(one, known, checked, label),
        ]
        for deployment in made:
            planned.setdefault(deployment.id, deployment)
        facts[model] = _facts(one)
        if not made:
            left[row.raw.key] = Left(row.raw, model, "not-loaded" if one.classes else "no-class")
    for row, identity in weights:
        gguf = _gguf(row, identity, published, known, checked, label)
        if gguf is not None and gguf.id not in planned:
            planned[gguf.id] = gguf
            left.pop(row.raw.key, None)
    order = {row.raw.key: position for position, (row, _) in enumerate(weights)}
    return SelfHosted(
        tuple(planned[id] for id in sorted(planned)),
        facts,
        tuple(left[key] for key in sorted(left, key=order.__getitem__)),
    )


def _published(
    weights: Sequence[tuple[Row, Identity]],
) -> tuple[dict[str, Row], dict[str, Left]]:
    """Return the row of each model's published repository, and the reasons against the others."""
    claims: dict[str, list[tuple[tuple[int, str, str], Row]]] = {}
    left: dict[str, Left] = {}
    for row, identity in weights:
        why = _unfit(row, identity)
        if why is None:
            precision = identity.tags.get("quantization", "")
            rank = PRECISIONS.index(precision) + 1 if precision else 0
            key = (rank, row.raw.key.lower(), row.raw.key)
            claims.setdefault(identity.model, []).append((key, row))
        else:
            left[row.raw.key] = Left(row.raw, identity.model, why)
    found: dict[str, Row] = {}
    taken: set[str] = set()
    for model in sorted(claims):
        for _, row in sorted(claims[model], key=lambda claim: claim[0]):
            if model in found or row.raw.key.lower() in taken:
                left[row.raw.key] = Left(row.raw, model, "another-repository")
                continue
            found[model] = row
            taken.add(row.raw.key.lower())
    return found, left


def _unfit(row: Row, identity: Identity) -> Why | None:
    """Return why a row is not of a repository as its maker published it."""
    if row.kind != "weights":
        return "not-weights"
    if "packed_by" in identity.tags:
        return "repacked"
    if row.hints.base is not None or row.value("weights.hf") is None:
        return "quantized"
    shrunk = identity.tags.get("quantization", PRECISIONS[0]) not in PRECISIONS
    return "quantized" if shrunk else None


def _classes(
    row: Row, known: RuntimeClasses, kin: Mapping[tuple[str, bool], frozenset[str]]
) -> frozenset[str]:
    """Return the classes stated for a repository, else the one that its like are known to have."""
    stated = row.value("architecture")
    listed = known.repositories.get(row.raw.key.lower(), ())
    own = frozenset([*listed, *([stated] if stated else [])])
    like = kin.get(_shape(row), frozenset())
    return own or (like if len(like) == 1 else frozenset())


def _kin(rows: Iterable[Row], known: RuntimeClasses) -> dict[tuple[str, bool], frozenset[str]]:
    """Return the classes that are listed for other sizes of a family of the same shape.

    Families of chat models only: those of images and sounds hold models of several kinds.
    """
    found: dict[tuple[str, bool], frozenset[str]] = {}
    for row in rows:
        if row.hints.mode == "chat":
            listed = frozenset(known.repositories.get(row.raw.key.lower(), ()))
            found[_shape(row)] = found.get(_shape(row), frozenset()) | listed
    return found


def _shape(row: Row) -> tuple[str, bool]:
    """Return a row's family, and whether it is a mixture of experts."""
    return row.hints.family or row.raw.key, row.value("parameters.active") is not None


def _by_class(
    one: _Weights, known: RuntimeClasses, checked: str, label: str
) -> Iterator[Planned]:
    """Yield deployments where a runtime loads every class that is stated for a repository."""
    if not one.classes:
        return
    named = ", ".join(sorted(one.classes))
    for provider, runtime in known.runtimes.items():
        if one.classes <= runtime.classes:
            sources = [{"url": runtime.url, "checked": checked, "note": f"{runtime.release}: loads {named}"}]
            said = [runtime.release]
            if one.row.value("architecture") is not None:
                note = f"{label}: names the class"
                sources.append({"url": XINFERENCE, "checked": checked, "note": note})
                said.append(label)
            yield _deployment(provider, one, sources, said)


def _by_engine(
    one: _Weights, known: RuntimeClasses, checked: str, label: str
) -> Iterator[Planned]:
    """Yield deployments at software that xinference runs a repository with."""
    for provider, engine in _engines(one.row).items():
        if provider in known.providers:
            note = f"{label}: runs it with {engine}"
            source = {"url": XINFERENCE, "checked": checked, "note": note}
            purpose = known.purposes.get(provider, ()) if one.row.hints.mode == "embedding" else ()
            yield _deployment(provider, one, [source], [label], purpose)


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


def _gguf(
    row: Row,
    identity: Identity,
    published: Mapping[str, Row],
    known: RuntimeClasses,
    checked: str,
    label: str,
) -> Planned | None:
    """Return the deployment of a repository in llama.cpp's format by the model's own maker."""
    own = published.get(identity.model)
    if own is None or row.hints.format != "ggufv2" or own.raw.key != row.hints.base:
        return None
    maker, _, name = row.raw.key.lower().partition("/")
    if not name or maker != own.raw.key.lower().partition("/")[0]:
        return None
    if "llama.cpp" not in row.hints.engines or "llama-cpp" not in known.providers:
        return None
    note = f"{label}: runs it with llama.cpp"
    source = {"url": XINFERENCE, "checked": checked, "note": note}
    made = _deployment("llama-cpp", _Weights(row, identity.model, frozenset()), [source], [label])
    sources = made.data["sources"]
    facts = {key: value for key, value in made.data.items() if key != "sources"}
    data = {**facts, "quantization": "gguf", "sources": sources}
    return Planned(made.kind, made.id, data, made.said_by)


def _deployment(
    provider: str,
    one: _Weights,
    sources: Sequence[Json],
    said_by: Sequence[str],
    pipelines: Sequence[str] = (),
) -> Planned:
    """Return a deployment as its file states it."""
    wire = one.repository
    data: dict[str, Json] = {"model": one.model}
    if wire != wire.lower():
        data["wire_name"] = wire
    data["lifecycle"] = {"status": "active"}
    if pipelines:
        data["pipelines"] = list(pipelines)
    data["sources"] = list(sources)
    return Planned("deployment", f"{provider}:{wire.lower()}", data, tuple(sorted(said_by)))


def _facts(one: _Weights) -> tuple[Fact, ...]:
    """Return what a row claims of its model; a class that something contradicts is left out."""
    rest = tuple(fact for fact in one.row.facts if fact.field != "architecture")
    if len(one.classes) != 1:
        return rest
    (name,) = one.classes
    stated = next((fact for fact in one.row.facts if fact.field == "architecture"), None)
    return (*rest, stated or Fact("architecture", name, one.row.place, rough=True))

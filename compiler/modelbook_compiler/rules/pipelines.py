"""Rules that hold pipeline types, modalities and architectures against each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..values import Entry, Graph
from .base import Finding, rule
from .facts import facts, pipelines_of, served

ALIKE = {
    "text": {"text", "table"},
    "document": {"document", "documents"},
    "image": {"image", "masks", "boxes", "keypoints", "document"},
    "labels": {"labels", "boxes", "masks", "scores"},
    "scores": {"scores", "labels"},
    "embedding": {"embedding", "scores"},
}
"""A model's modality to the words of pipeline types that it covers besides itself."""


@rule(
    "MB307",
    "a pipeline type that contradicts the modalities",
    "model",
    "deployment",
    bad="modalities: {input: [text], output: [text]}\npipelines: [image-text-to-text]",
    good="modalities: {input: [text, image], output: [text]}\npipelines: [image-text-to-text]",
)
def against_modalities(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A pipeline type says what goes in and what comes out. A model that does not read or write
    these cannot serve it, and whoever selects by pipeline would get a model that fails.
    """
    if not {"pipelines", "modalities"} & entry.data.keys() or _of_another(entry, graph):
        return
    if not {"pipelines", "architecture"} & facts(entry, graph).keys():
        return  # they follow from the modalities
    modalities = facts(entry, graph).get("modalities", {})
    for position, id in enumerate(pipelines_of(entry, graph)):
        pipeline = graph.kind("pipeline").get(id)
        if pipeline is None:
            continue
        for direction in ("input", "output"):
            lacking = _lacking(pipeline, modalities, direction)
            if lacking:
                verb = "reads" if direction == "input" else "writes"
                message = f"`{id}` {verb} {lacking}, this {entry.kind} does not"
                where = ("pipelines", position) if "pipelines" in entry.data else ("modalities",)
                yield Finding(message, where, f"mend `pipelines` or `modalities.{direction}`")


@rule(
    "MB308",
    "pipeline types that contradict the architecture",
    "model",
    bad="architecture: BertForTokenClassification\npipelines: [text-generation]",
    good="architecture: BertForTokenClassification\npipelines: [token-classification]",
)
def against_architecture(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The model class decides what a model can be loaded for. Where the same class truly serves
    something else, as causal models used for embeddings do, say so with an exception.
    """
    known = served(entry.data, graph)
    stated = entry.data.get("pipelines", ())
    if known and stated and not set(known) & set(stated):
        listed = ", ".join(known)
        message = f"`{entry.data['architecture']}` serves {listed}, none of these is stated"
        yield Finding(message, ("pipelines",), "mend one of the two, or add an exception")


@rule(
    "MB331",
    "a class that the model's modalities contradict",
    "model",
    bad="architecture: BertForTokenClassification\nmodalities: {output: [audio]}",
    good="architecture: BertForTokenClassification\nmodalities: {output: [labels]}",
)
def class_against_modalities(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The model class decides what comes out. When none of its pipeline types writes anything the
    model is said to write, the class or the modalities are another model's. State `pipelines` where
    the same class truly serves something else.
    """
    if _of_another(entry, graph):
        output = " and ".join(entry.data["modalities"]["output"])
        known = pipelines_of(entry, graph)
        words = {word: 0 for id in known for word in graph.kind("pipeline")[id].data["output"]}
        message = f"`{entry.data['architecture']}` writes {' and '.join(words)}, not {output}"
        yield Finding(message, ("architecture",), "mend one of the two")


@rule(
    "MB309",
    "a model that no pipeline type leads to",
    "model",
    bad="name: GPT-4o",
    good="name: GPT-4o\npipelines: [image-text-to-text, text-generation]",
)
def no_pipeline(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """Pipeline types are how models are found. State them, or the architecture or the modalities
    that they follow from (`catalog/api-pipelines.yaml`).
    """
    if not pipelines_of(entry, graph) and "architecture" not in entry.data:
        hint = "add `pipelines: […]`, `architecture: …` or `modalities: {…}`"
        yield Finding("nothing says which pipeline types it serves", (), hint)


def _of_another(entry: Entry, graph: Graph) -> bool:
    """Tell whether a model's pipeline types follow from a class that writes none of its output."""
    if "pipelines" in entry.data or "architecture" not in entry.data:
        return False
    modalities = entry.data.get("modalities", {})
    there = graph.kind("pipeline")
    known = [there[id] for id in pipelines_of(entry, graph) if id in there]
    return bool(known) and all(_lacking(one, modalities, "output") for one in known)


def _lacking(pipeline: Entry, modalities: dict[str, list[str]], direction: str) -> str:
    """Return the words of a pipeline type that known modalities do not cover, as text."""
    if direction not in modalities:
        return ""
    return _uncovered(tuple(pipeline.data[direction]), tuple(modalities[direction]))


@lru_cache(maxsize=4096)
def _uncovered(wanted: tuple[str, ...], stated: tuple[str, ...]) -> str:
    """Return the words that stated modalities do not cover, as text."""
    covered = {"any", *stated}.union(*(ALIKE.get(word, set()) for word in stated))
    return " and ".join(word for word in wanted if word not in covered)
